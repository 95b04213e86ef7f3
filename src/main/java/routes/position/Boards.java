package routes.position;

import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.springframework.stereotype.Component;
import routes.position.PositionSettings.Mode;
import routes.settings.Statements;

/** The progress of each board's recalculation: the table {@code event_routes.leaderboard}. */
@Component
class Boards {

    private final Statements sql;
    private final PositionSettings settings;

    Boards(Statements sql, PositionSettings settings) {
        this.sql = sql;
        this.settings = settings;
    }

    /** The board of a campaign as it was left; empty when there is no such campaign. */
    Optional<Board> find(UUID campaign) {
        return sql.of("position/find-board")
                .param("campaign_id", campaign)
                .query((row, n) -> {
                    Mode mode = settings.modeOf(row.getString("mode"));
                    long points = row.getLong("points");
                    return new Board(
                            campaign,
                            mode,
                            points,
                            row.getLong("people"),
                            mode.value().equals(row.getString("ranked_mode"))
                                    && Objects.equals(points, row.getObject("ranked_points", Long.class)),
                            row.getBoolean("compare_again"),
                            row.getString("compared_to"),
                            row.getBoolean("trusted"),
                            RankKey.read(
                                    row,
                                    "numbered_score",
                                    "numbered_created",
                                    row.getObject("numbered_user", UUID.class)));
                })
                .optional();
    }

    /**
     * Stores a board's state.
     *
     * @param compared whether all people of it have just been compared
     */
    void save(Board board, boolean compared) {
        RankKey numbered = board.numbered;
        sql.of("position/save-board")
                .param("campaign_id", board.campaign)
                .param("mode", board.mode.value())
                .param("points", board.points)
                .param("people", board.people)
                .param("unfinished", board.isUnfinished())
                .param("compare_again", board.isToBeComparedAgain())
                .param("compared_to", board.comparedTo)
                .param("trusted", board.trusted)
                .param("score", numbered == null ? null : numbered.score())
                .param(
                        "created_at",
                        numbered == null ? null : numbered.createdAt().toString())
                .param("user_id", numbered == null ? null : numbered.user().toString())
                .param("compared", compared)
                .update();
    }
}
