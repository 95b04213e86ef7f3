package routes.position;

import static routes.position.RoundTrip.array;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import routes.delivery.Delivery;
import routes.delivery.DeliveryException;
import routes.delivery.DeliveryLedger;
import routes.position.PositionSettings.Mode;
import routes.settings.Statements;

/**
 * Recalculates leaderboards: the people in the events, since others can only have moved where one of these passed by; or everybody, a
 * page at a time. Must be called in a transaction.
 */
@Component
public class Leaderboards {

    private static final Logger LOG = LoggerFactory.getLogger(Leaderboards.class);

    /** How many pages directly follow the first: with {@code positions.page-size} people each, a second or a few. */
    private static final int PAGES_AT_ONCE = 20;

    private final Statements sql;
    private final RoundTrip roundTrip;
    private final PositionSettings settings;
    private final Boards boards;
    private final Timer time;
    private final Counter events;
    private final Counter moved;

    Leaderboards(Statements sql, RoundTrip roundTrip, PositionSettings settings, Boards boards, MeterRegistry metrics) {
        this.sql = sql;
        this.roundTrip = roundTrip;
        this.settings = settings;
        this.boards = boards;
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
     * Locks campaigns, and recalculates the people in the events of each, or the first page of everybody: the first time, after a change
     * of mode or points, on request, and when only the campaign itself has the mode rank: then sign-ups are not read. Without people,
     * does the next page of the recalculation in progress. Several campaigns share a page.
     *
     * @param turn the number of transactions before this one
     * @param delivery the delivery that asks; null if something else asks
     * @return the boards with more pages to do at once; {@code repair-positions} does what is left of others
     * @throws DeliveryException.Transient when the campaign may still appear
     * @throws DeliveryException.Permanent when there is no such campaign, or its referral_config has an unknown mode
     */
    public List<CampaignEvents> recalculate(
            @ExchangeProperty("left") Iterable<CampaignEvents> campaigns,
            @ExchangeProperty(Exchange.LOOP_INDEX) int turn,
            @ExchangeProperty(DeliveryLedger.DELIVERY) @Nullable Delivery delivery) {
        List<CampaignEvents> set = new ArrayList<>();
        campaigns.forEach(set::add);
        List<CampaignEvents> left = Objects.requireNonNull(time.record(() -> recalculate(set, delivery)));
        set.forEach(campaign -> events.increment(campaign.events().size()));
        return turn < PAGES_AT_ONCE ? left : List.of();
    }

    /** As {@link #recalculate}, but leaves all that is more than a page to {@code repair-positions}. */
    public void recalculatePage(CampaignEvents campaign) {
        recalculate(campaign, PAGES_AT_ONCE, null);
    }

    private List<CampaignEvents> recalculate(List<CampaignEvents> set, @Nullable Delivery delivery) {
        Map<UUID, Board> locked = boards.lock(set);
        List<Named> named = new ArrayList<>();
        List<Board> pages = new ArrayList<>();
        List<Board> complete = new ArrayList<>();
        for (CampaignEvents campaign : set) {
            Board board = locked.get(campaign.campaign());
            if (board == null) {
                String reason = "there is no campaign " + campaign.campaignId();
                throw delivery == null ? new DeliveryException.Permanent(reason) : delivery.missing(reason);
            }
            boolean anybody = !campaign.people().isEmpty();
            boolean signUpsAreRead = board.mode == Mode.FORMULA || settings.mode() == Mode.RANK;
            if (campaign.whole() || !board.isKnown() || (anybody && !signUpsAreRead)) {
                board.begin();
                pages.add(board);
            } else if (anybody) {
                campaign.people().forEach(person -> named.add(new Named(board, person)));
                if (!board.isUnfinished()) {
                    complete.add(board); // pages that are under way before are for who began them
                }
            } else if (board.isUnfinished()) {
                pages.add(board);
            }
        }
        int limit = Math.max(1, settings.pageSize() / set.size());
        named.addAll(nextPeople(pages, limit, locked));
        int written = people(named, locked);
        if (written == 0) { // a transaction locks the application's rows in the order of id, so it moves people once
            written = number(pages, limit, locked);
        }
        moved.increment(written);
        boards.save(locked.values().stream()
                .filter(board -> board.isCut() || pages.contains(board))
                .toList());
        return Stream.concat(pages.stream(), complete.stream())
                .filter(Board::isUnfinished)
                .map(board -> CampaignEvents.again(board.campaign, Set.of()))
                .toList();
    }

    /** Somebody to check. */
    private record Named(Board board, UUID person) {}

    /** The next people to compare, on boards where some remain. */
    private List<Named> nextPeople(List<Board> boards, int limit, Map<UUID, Board> locked) {
        List<Board> compared =
                boards.stream().filter(board -> board.comparedTo != null).toList();
        if (compared.isEmpty()) {
            return List.of();
        }
        List<Named> people = new ArrayList<>();
        sql.of("position/pages-of-people")
                .param("campaigns", array(compared, board -> board.campaign))
                .param("from", compared.stream().map(board -> board.comparedTo).toArray(String[]::new))
                .param("limit", limit)
                .query(row -> {
                    Board board = board(locked, row);
                    UUID[] page = (UUID[]) row.getArray("people").getArray();
                    Stream.of(page).forEach(person -> people.add(new Named(board, person)));
                    if (page.length < limit) {
                        board.compared();
                    } else {
                        board.comparedTo = row.getString("compared_to");
                    }
                });
        return people;
    }

    /** Numbers the next places of boards whose people have been compared, and returns how many positions changed. */
    private int number(List<Board> boards, int limit, Map<UUID, Board> locked) {
        List<Board> numbered =
                boards.stream().filter(board -> board.comparedTo == null).toList();
        List<RankKey> from = numbered.stream()
                .map(board -> Objects.requireNonNull(board.numbered))
                .toList();
        return numbered.isEmpty()
                ? 0
                : sql
                        .of("position/number-pages")
                        .param("campaigns", array(numbered, board -> board.campaign))
                        .param("formula", array(numbered, board -> board.mode == Mode.FORMULA))
                        .param("people", array(numbered, board -> board.people))
                        .param("scores", array(from, RankKey::score))
                        .param("created", array(from, RankKey::createdAt))
                        .param("users", array(from, RankKey::user))
                        .param("limit", limit)
                        .query((row, n) -> {
                            Board board = board(locked, row);
                            board.people = row.getLong("people");
                            board.trusted &= !row.getBoolean("corrected");
                            if (row.getBoolean("more")) {
                                board.numbered = place(row);
                            } else {
                                board.finished();
                            }
                            return row.getInt("moved");
                        })
                        .list()
                        .stream()
                        .mapToInt(Integer::intValue)
                        .sum();
    }

    private static Board board(Map<UUID, Board> locked, ResultSet row) throws SQLException {
        return Objects.requireNonNull(locked.get(row.getObject("campaign_id", UUID.class)));
    }

    private static @Nullable RankKey place(ResultSet row) throws SQLException {
        return RankKey.read(row, "score", "created_at", row.getObject("user_id", UUID.class));
    }

    /** Corrects the scores of people, and the positions of everybody whom that moves on numbered boards. */
    private int people(List<Named> named, Map<UUID, Board> locked) {
        if (named.isEmpty()) {
            return 0;
        }
        List<Change> changes = sql.of("position/changed-people")
                .param("campaigns", array(named, one -> one.board().campaign))
                .param("points", array(named, one -> one.board().points))
                .param("people", array(named, Named::person))
                .query((row, n) -> {
                    UUID user = row.getObject("id", UUID.class);
                    return new Change(
                            board(locked, row),
                            user,
                            RankKey.read(row, "old_score", "old_created_at", user),
                            RankKey.read(row, "score", "created_at", user));
                })
                .list();
        return changes.isEmpty() ? 0 : move(changes, locked);
    }

    /** Writes the new scores, and then the positions: by formula those of these people, by rank those of everybody on their islands. */
    private int move(List<Change> changes, Map<UUID, Board> locked) {
        List<Change> gone =
                changes.stream().filter(change -> change.after() == null).toList();
        List<Change> stay =
                changes.stream().filter(change -> change.after() != null).toList();
        List<Change> byFormula = stay.stream()
                .filter(change -> change.board().mode == Mode.FORMULA && change.isNumbered())
                .toList();
        List<Island> islands = changes.stream().collect(Collectors.groupingBy(Change::board)).entrySet().stream()
                .filter(board -> board.getKey().mode == Mode.RANK)
                .flatMap(board -> islands(board.getKey(), board.getValue()))
                .toList();
        Map<String, Object> parameters = new HashMap<>(Map.of("limit", settings.pageSize()));
        parameters.put("gone", array(gone, Change::user));
        parameters.put("gone_from", array(gone, change -> change.board().campaign));
        parameters.put("people", array(stay, Change::user));
        parameters.put("campaigns", array(stay, change -> change.board().campaign));
        parameters.put("scores", array(stay, change -> change.place().score()));
        parameters.put("created", array(stay, change -> change.place().createdAt()));
        parameters.put("positions", array(stay, Change::position));
        parameters.put("moved", array(byFormula, Change::user));
        parameters.put("moved_to", array(byFormula, Change::position));
        parameters.put("islands", array(islands, island -> island.board().campaign));
        parameters.put("from_scores", array(islands, island -> island.from().score()));
        parameters.put("from_created", array(islands, island -> island.from().createdAt()));
        parameters.put("from_users", array(islands, island -> island.from().user()));
        parameters.put("to_scores", array(islands, island -> island.to().score()));
        parameters.put("to_created", array(islands, island -> island.to().createdAt()));
        parameters.put("to_users", array(islands, island -> island.to().user()));
        return roundTrip
                .query(
                        parameters,
                        (row, n) -> {
                            RankKey cut = place(row);
                            if (cut != null) {
                                board(locked, row).cut(cut);
                            }
                            return row.getInt("moved");
                        },
                        "position/change-standings",
                        "position/move-people")
                .get(0);
    }

    /** A range of a board in which ranks may have changed. */
    private record Island(Board board, RankKey from, RankKey to) {}

    private Stream<Island> islands(Board board, List<Change> changes) {
        List<RankRange> islands = RankRange.of(changes).stream()
                .flatMap(island -> island.upTo(board.edge()).stream())
                .toList();
        // Pages do what is more than a page.
        if (!islands.isEmpty() && changes.stream().mapToLong(Change::distance).sum() > settings.pageSize()) {
            islands = List.of(new RankRange(
                    islands.get(0).from(), islands.get(islands.size() - 1).to()));
        }
        return islands.stream().map(island -> new Island(board, island.from(), island.to()));
    }

    /**
     * A campaign with unfinished pages, or one whose whole board has not been recalculated for {@code positions.repair-interval}:
     * the one that has been due for longer; null if there is none.
     */
    public @Nullable CampaignEvents dueForRepair() {
        return sql.of("position/due-for-repair")
                .param("interval", settings.repairInterval().toMillis() / 1000.0)
                .query((row, n) -> row.getBoolean("unfinished")
                        ? CampaignEvents.again(row.getObject("campaign_id", UUID.class), Set.of())
                        : CampaignEvents.whole(row.getString("campaign_id")))
                .optional()
                .orElse(null);
    }

    /** Whether a campaign is still there. If the application has deleted it, its board is forgotten. */
    public boolean isThere(CampaignEvents due) {
        if (boards.hasCampaign(due.campaign())) {
            return true;
        }
        int people;
        do {
            people = sql.of("position/forget-board")
                    .param("campaign_id", due.campaign())
                    .param("limit", settings.pageSize())
                    .query(Integer.class)
                    .single();
        } while (people == settings.pageSize());
        LOG.info("Forgot the board of campaign {}, which no longer exists", due.campaignId());
        return false;
    }

    /**
     * Somebody whose position differs from a recalculation's.
     *
     * @param differences the total number of differences on the board
     */
    public record Difference(String userId, @Nullable Long position, long expected, long differences) {}

    /**
     * Compares a board with a full recalculation as of now. Changes nothing.
     *
     * @param limit how many differences to return at most
     * @return empty if there is no such campaign
     */
    public Optional<List<Difference>> verify(UUID campaign, int limit) {
        return boards.find(campaign).map(board -> sql.of("position/verify")
                .param("campaign_id", campaign)
                .param("points", board.points)
                .param("formula", board.mode == Mode.FORMULA)
                .param("limit", limit)
                .query(Difference.class)
                .list());
    }
}
