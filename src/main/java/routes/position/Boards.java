package routes.position;

import static routes.position.RoundTrip.array;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.namedparam.MapSqlParameterSource;
import org.springframework.jdbc.core.namedparam.SqlParameterSource;
import org.springframework.stereotype.Component;
import routes.delivery.DeliveryException;
import routes.position.PositionSettings.Mode;

/** The progress of each board's recalculation: the table {@code event_routes.leaderboard}. */
@Component
class Boards {

    private final RoundTrip roundTrip;
    private final PositionSettings settings;

    Boards(RoundTrip roundTrip, PositionSettings settings) {
        this.roundTrip = roundTrip;
        this.settings = settings;
    }

    /** The board of a campaign as it was left; empty when there is no such campaign. */
    Optional<Board> find(UUID campaign) {
        return roundTrip
                .query(Map.of("campaigns", array(List.of(campaign), id -> id)), this::board, "position/find-boards")
                .stream()
                .findFirst();
    }

    /** Whether a campaign exists, also if its config is wrong. True while nobody knows, since the database is down. */
    boolean hasCampaign(UUID campaign) {
        try {
            return find(campaign).isPresent();
        } catch (DeliveryException.Permanent | DataAccessException e) {
            return true; // the recalculation fails likewise, and says why
        }
    }

    /**
     * Locks campaigns until the transaction ends, stores the points that their events name, and then reads their boards as last
     * stored; a campaign that does not exist has none.
     */
    Map<UUID, Board> lock(List<CampaignEvents> campaigns) {
        return roundTrip
                .query(
                        Map.of(
                                "several", campaigns.size() > 1,
                                "campaigns", array(campaigns, CampaignEvents::campaign),
                                "points", array(campaigns, CampaignEvents::points),
                                "as_of", array(campaigns, CampaignEvents::pointsAsOf)),
                        this::board,
                        "position/limit-waits",
                        "position/lock-campaigns",
                        "position/remember-points",
                        "position/find-boards")
                .stream()
                .collect(Collectors.toMap(board -> board.campaign, Function.identity()));
    }

    private Board board(ResultSet row, int n) throws SQLException {
        Mode mode = settings.modeOf(row.getString("mode"));
        long points = row.getLong("points");
        return new Board(
                row.getObject("campaign_id", UUID.class),
                mode,
                points,
                row.getLong("people"),
                mode.value().equals(row.getString("ranked_mode"))
                        && Objects.equals(points, row.getObject("ranked_points", Long.class)),
                row.getBoolean("compare_again"),
                row.getString("compared_to"),
                row.getBoolean("trusted"),
                RankKey.read(row, "numbered_score", "numbered_created", row.getObject("numbered_user", UUID.class)));
    }

    /** Stores the state of boards. */
    void save(List<Board> boards) {
        roundTrip.update(boards.stream().map(Boards::parameters).toList(), "position/save-board");
    }

    private static SqlParameterSource parameters(Board board) {
        RankKey numbered = board.numbered;
        return new MapSqlParameterSource("campaign_id", board.campaign)
                .addValue("mode", board.mode.value())
                .addValue("points", board.points)
                .addValue("people", board.people)
                .addValue("unfinished", board.isUnfinished())
                .addValue("compare_again", board.isToBeComparedAgain())
                .addValue("compared_to", board.comparedTo)
                .addValue("trusted", board.trusted)
                .addValue("score", numbered == null ? null : numbered.score())
                .addValue(
                        "created_at",
                        numbered == null ? null : numbered.createdAt().toString())
                .addValue("user_id", numbered == null ? null : numbered.user().toString())
                .addValue("compared", board.isCompared());
    }
}
