package routes.position;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.camel.Body;
import org.apache.camel.ExchangeProperty;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import routes.delivery.Delivery;
import routes.delivery.DeliveryException;
import routes.delivery.DeliveryLedger;
import routes.position.PositionSettings.Mode;
import routes.settings.SqlFiles;

/**
 * Recalculates leaderboards, whole or only the people whom the events name: whose score has not changed can only have moved
 * where somebody else passed by. To be called under the campaign's lock, in its transaction.
 */
@Component
public class Leaderboards {

    private final JdbcClient jdbc;
    private final PositionSettings settings;
    private final String findBoard;
    private final String changedPeople;
    private final String changeStandings;
    private final String moveByFormula;
    private final String moveByRank;
    private final String planFreely;
    private final String wholeByFormula;
    private final String wholeByRank;
    private final String dueForRepair;
    private final String verify;
    private final Timer time;
    private final Counter events;
    private final Counter moved;

    Leaderboards(JdbcClient jdbc, SqlFiles sql, PositionSettings settings, MeterRegistry metrics) {
        this.jdbc = jdbc;
        this.settings = settings;
        this.findBoard = sql.read("position/find-board.sql");
        this.changedPeople = sql.read("position/changed-people.sql");
        this.changeStandings = sql.read("position/change-standings.sql");
        this.moveByFormula = sql.read("position/move-by-formula.sql");
        this.moveByRank = sql.read("position/move-by-rank.sql");
        this.planFreely = sql.read("position/plan-freely.sql");
        this.wholeByFormula = sql.read("position/recalculate-formula.sql");
        this.wholeByRank = sql.read("position/recalculate-rank.sql");
        this.dueForRepair = sql.read("position/due-for-repair.sql");
        this.verify = sql.read("position/verify.sql");
        this.time = Timer.builder("domain.events.recalculation")
                .serviceLevelObjectives(
                        Duration.ofMillis(10),
                        Duration.ofMillis(100),
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(10),
                        Duration.ofMinutes(1))
                .register(metrics);
        this.events = Counter.builder("domain.events.recalculated").register(metrics);
        this.moved = Counter.builder("domain.events.people.moved").register(metrics);
    }

    /**
     * A board, as it is to be and as it was when it was last recalculated.
     *
     * @param people on the board when all of it was last recalculated
     */
    private record Board(
            UUID campaign,
            Mode mode,
            long points,
            @Nullable String rankedMode,
            @Nullable Long rankedPoints,
            long people) {

        /** What was written before holds for everyone whose score has not changed. */
        boolean isKnown() {
            return mode.value().equals(rankedMode) && Objects.equals(points, rankedPoints);
        }
    }

    /**
     * Recalculates a campaign, whole on first sight, after a change of mode or points, where it costs less, and where ranks are
     * the mode of the campaign alone: then nobody tells of sign-ups.
     *
     * @param delivery on whose behalf; null when somebody else asks
     * @throws DeliveryException.Transient when there is no such campaign, and may come yet
     * @throws DeliveryException.Permanent when there is no such campaign, or its referral_config names no mode that there is
     */
    public void recalculate(
            @Body CampaignEvents campaign, @ExchangeProperty(DeliveryLedger.DELIVERY) @Nullable Delivery delivery) {
        time.record(() -> {
            Board board = find(UUID.fromString(campaign.campaign()))
                    .orElseThrow(() -> missing(delivery, "there is no campaign " + campaign.campaignId()));
            boolean newcomersAreHeardOf = board.mode() == Mode.FORMULA || settings.mode() == Mode.RANK;
            int people = campaign.whole() || !board.isKnown() || !newcomersAreHeardOf
                    ? whole(board)
                    : people(board, campaign);
            moved.increment(people);
        });
        events.increment(campaign.events().size());
    }

    private static DeliveryException missing(@Nullable Delivery delivery, String reason) {
        return delivery == null ? new DeliveryException.Permanent(reason) : delivery.missing(reason);
    }

    private Optional<Board> find(UUID campaign) {
        return jdbc.sql(findBoard)
                .param("campaign_id", campaign)
                .query((row, n) -> new Board(
                        campaign,
                        settings.modeOf(row.getString("mode")),
                        row.getLong("points"),
                        row.getString("ranked_mode"),
                        row.getObject("ranked_points", Long.class),
                        row.getLong("people")))
                .optional();
    }

    private int whole(Board board) {
        jdbc.sql(planFreely).query().singleRow();
        return jdbc.sql(board.mode() == Mode.RANK ? wholeByRank : wholeByFormula)
                .param("campaign_id", board.campaign())
                .param("points", board.points())
                .query(Integer.class)
                .single();
    }

    private int people(Board board, CampaignEvents campaign) {
        List<Change> changes = jdbc.sql(changedPeople)
                .param("campaign_id", board.campaign())
                .param("points", board.points())
                .param("people", array(campaign.people(), id -> id))
                .query(Leaderboards::change)
                .list();
        if (changes.isEmpty()) {
            return 0;
        }
        // Passing by half of the board means to renumber half of it, and the whole is then read in one go.
        if (board.mode() == Mode.RANK
                && changes.stream().mapToLong(Change::distance).sum() > board.people() / 2) {
            return whole(board);
        }
        changeStandings(board, changes);
        return board.mode() == Mode.RANK ? moveByRank(board, changes) : moveByFormula(changes);
    }

    private static Change change(ResultSet row, int n) throws SQLException {
        UUID user = row.getObject("id", UUID.class);
        return new Change(
                user, place(row, "old_score", "old_created_at", user), place(row, "score", "created_at", user));
    }

    private static @Nullable Place place(ResultSet row, String score, String createdAt, UUID user) throws SQLException {
        OffsetDateTime time = row.getObject(createdAt, OffsetDateTime.class);
        return time == null ? null : new Place(row.getLong(score), time, user);
    }

    private void changeStandings(Board board, List<Change> changes) {
        List<Place> places = changes.stream()
                .flatMap(change -> Optional.ofNullable(change.after()).stream())
                .toList();
        List<Change> gone =
                changes.stream().filter(change -> change.after() == null).toList();
        jdbc.sql(changeStandings)
                .param("campaign_id", board.campaign())
                .param("formula", board.mode() == Mode.FORMULA)
                .param("gone", array(gone, Change::user))
                .param("people", array(places, Place::user))
                .param("scores", array(places, Place::score))
                .param("created", array(places, Place::createdAt))
                .update();
    }

    private int moveByFormula(List<Change> changes) {
        return jdbc.sql(moveByFormula)
                .param("people", array(changes, Change::user))
                .update();
    }

    private int moveByRank(Board board, List<Change> changes) {
        List<Island> islands = Island.of(changes);
        return jdbc.sql(moveByRank)
                .param("campaign_id", board.campaign())
                .param("from_scores", array(islands, island -> island.from().score()))
                .param("from_created", array(islands, island -> island.from().createdAt()))
                .param("from_users", array(islands, island -> island.from().user()))
                .param("to_scores", array(islands, island -> island.to().score()))
                .param("to_created", array(islands, island -> island.to().createdAt()))
                .param("to_users", array(islands, island -> island.to().user()))
                .update();
    }

    /** An array as PostgreSQL reads it: of numbers, times and UUIDs, in which nothing has to be quoted. */
    private static <T> String array(Collection<T> elements, Function<T, ?> value) {
        return elements.stream()
                .map(element -> String.valueOf(value.apply(element)))
                .collect(Collectors.joining(",", "{", "}"));
    }

    /** A campaign whose whole board has not been recalculated for {@code positions.repair-interval}; null when there is none. */
    public @Nullable CampaignEvents dueForRepair() {
        return jdbc.sql(dueForRepair)
                .param("interval", settings.repairInterval().toMillis() / 1000.0)
                .query(UUID.class)
                .optional()
                .map(campaign -> CampaignEvents.whole(campaign.toString()))
                .orElse(null);
    }

    /**
     * Somebody whose position is another one than a recalculation would give them.
     *
     * @param differences how many there are of them on the board
     */
    public record Difference(String userId, @Nullable Long position, long expected, long differences) {}

    /**
     * Compares a board with what a recalculation of all of it would say now. It changes nothing.
     *
     * @param limit how many differences are told at most
     * @return empty when there is no such campaign
     */
    public Optional<List<Difference>> verify(UUID campaign, int limit) {
        return find(campaign).map(board -> jdbc.sql(verify)
                .param("campaign_id", campaign)
                .param("points", board.points())
                .param("formula", board.mode() == Mode.FORMULA)
                .param("limit", limit)
                .query(Difference.class)
                .list());
    }
}
