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
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import routes.delivery.Delivery;
import routes.delivery.DeliveryException;
import routes.delivery.DeliveryLedger;
import routes.position.PositionSettings.Mode;
import routes.settings.Statements;

/**
 * Recalculates leaderboards: the people whom the events name, since whose score has not changed can only have moved where somebody else
 * passed by; or all, a page at a time. To be called in a transaction.
 */
@Component
public class Leaderboards {

    /** How many pages follow the first at once: with {@code positions.page-size} people each, a second or some. */
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
     * Locks campaigns and recalculates of each the people whom its events name, or the first page of all: on first sight, after a change
     * of mode or points, when somebody asks for it, and where ranks are the mode of the campaign alone: then nobody tells of sign-ups.
     * Where nobody is named, the next page of what is under way. Several campaigns share a page.
     *
     * @param turn how many transactions have gone before this one, from 0
     * @param delivery on whose behalf; null when somebody else asks
     * @return of which boards there are more pages to do at once; what is left of others is for {@code repair-positions}
     * @throws DeliveryException.Transient when there is no such campaign, and may come yet
     * @throws DeliveryException.Permanent when there is no such campaign, or its referral_config names no mode that there is
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

    private List<CampaignEvents> recalculate(List<CampaignEvents> set, @Nullable Delivery delivery) {
        Map<UUID, Board> locked = boards.lock(set);
        List<Named> named = new ArrayList<>();
        List<Board> pages = new ArrayList<>();
        List<Board> complete = new ArrayList<>();
        for (CampaignEvents campaign : set) {
            Board board = locked.get(campaign.campaign());
            if (board == null) {
                throw missing(delivery, "there is no campaign " + campaign.campaignId());
            }
            boolean anybody = !campaign.people().isEmpty();
            boolean newcomersAreHeardOf = board.mode == Mode.FORMULA || settings.mode() == Mode.RANK;
            if (campaign.whole() || !board.isKnown() || anybody && !newcomersAreHeardOf) {
                board.begin();
                pages.add(board);
            } else if (anybody) {
                campaign.people().forEach(person -> named.add(new Named(board, person)));
                if (!board.isUnfinished()) {
                    complete.add(board);
                }
            } else if (board.isUnfinished()) {
                pages.add(board);
            }
        }
        page(named, pages, Math.max(1, settings.pageSize() / set.size()));
        boards.save(
                Stream.concat(pages.stream(), named.stream().map(Named::board).filter(Board::isCut))
                        .distinct()
                        .toList());
        // Pages that were under way before are for who began them.
        return Stream.concat(pages.stream(), complete.stream())
                .filter(Board::isUnfinished)
                .map(board -> CampaignEvents.again(board.campaign, Set.of()))
                .toList();
    }

    private static DeliveryException missing(@Nullable Delivery delivery, String reason) {
        return delivery == null ? new DeliveryException.Permanent(reason) : delivery.missing(reason);
    }

    /** Somebody who is to be looked at. */
    private record Named(Board board, UUID person) {}

    /** The people that are named; and of boards the next page: of people to compare, and behind the last of these of places to number. */
    private void page(List<Named> named, List<Board> boards, int limit) {
        List<People> compared = nextPeople(
                boards.stream().filter(board -> board.comparedTo != null).toList(), limit);
        int written = people(Stream.concat(named.stream(), compared.stream().flatMap(People::named))
                .toList());
        compared.forEach(People::done);
        // A transaction locks the application's rows in the order of id, so it moves people once.
        if (written == 0) {
            written = number(
                    boards.stream().filter(board -> board.comparedTo == null).toList(), limit);
        }
        moved.increment(written);
    }

    /** A page of people to compare; the last one where nobody is left to go on from. */
    private record People(
            Board board, List<UUID> people, @Nullable String comparedTo) {

        Stream<Named> named() {
            return people.stream().map(person -> new Named(board, person));
        }

        void done() {
            if (comparedTo == null) {
                board.compared();
            } else {
                board.comparedTo = comparedTo;
            }
        }
    }

    private List<People> nextPeople(List<Board> boards, int limit) {
        Map<UUID, Board> byCampaign = byCampaign(boards);
        return boards.isEmpty()
                ? List.of()
                : sql.of("position/pages-of-people")
                        .param("campaigns", array(boards, board -> board.campaign))
                        .param(
                                "from",
                                boards.stream().map(board -> board.comparedTo).toArray(String[]::new))
                        .param("limit", limit)
                        .query((row, n) -> {
                            List<UUID> people =
                                    List.of((UUID[]) row.getArray("people").getArray());
                            return new People(
                                    board(byCampaign, row),
                                    people,
                                    people.size() < limit ? null : row.getString("compared_to"));
                        })
                        .list();
    }

    private int number(List<Board> boards, int limit) {
        if (boards.isEmpty()) {
            return 0;
        }
        Map<UUID, Board> byCampaign = byCampaign(boards);
        List<RankKey> from = boards.stream()
                .map(board -> Objects.requireNonNull(board.numbered))
                .toList();
        return sql
                .of("position/number-pages")
                .param("campaigns", array(boards, board -> board.campaign))
                .param("formula", array(boards, board -> board.mode == Mode.FORMULA))
                .param("people", array(boards, board -> board.people))
                .param("scores", array(from, RankKey::score))
                .param("created", array(from, RankKey::createdAt))
                .param("users", array(from, RankKey::user))
                .param("limit", limit)
                .query((row, n) -> {
                    Board board = board(byCampaign, row);
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

    private static Map<UUID, Board> byCampaign(List<Board> boards) {
        return boards.stream().distinct().collect(Collectors.toMap(board -> board.campaign, Function.identity()));
    }

    private static Board board(Map<UUID, Board> byCampaign, ResultSet row) throws SQLException {
        return Objects.requireNonNull(byCampaign.get(row.getObject("campaign_id", UUID.class)));
    }

    private static @Nullable RankKey place(ResultSet row) throws SQLException {
        return RankKey.read(row, "score", "created_at", row.getObject("user_id", UUID.class));
    }

    /** Puts right the scores of people, and the positions of those whom that moves, where their boards are numbered. */
    private int people(List<Named> named) {
        if (named.isEmpty()) {
            return 0;
        }
        Map<UUID, Board> byCampaign =
                byCampaign(named.stream().map(Named::board).toList());
        List<Change> changes = sql.of("position/changed-people")
                .param("campaigns", array(named, one -> one.board().campaign))
                .param("points", array(named, one -> one.board().points))
                .param("people", array(named, Named::person))
                .query((row, n) -> {
                    UUID user = row.getObject("id", UUID.class);
                    return new Change(
                            board(byCampaign, row),
                            user,
                            RankKey.read(row, "old_score", "old_created_at", user),
                            RankKey.read(row, "score", "created_at", user));
                })
                .list();
        return changes.isEmpty() ? 0 : move(changes, byCampaign);
    }

    /** Writes the new scores, and then the positions: of who has moved by the formula, and by rank of all on whose islands somebody has. */
    private int move(List<Change> changes, Map<UUID, Board> byCampaign) {
        List<Change> gone =
                changes.stream().filter(change -> change.after() == null).toList();
        List<Change> stay =
                changes.stream().filter(change -> change.after() != null).toList();
        List<Change> byFormula = stay.stream()
                .filter(change -> change.board().mode == Mode.FORMULA && change.isNumbered())
                .toList();
        List<Island> islands = changes.stream()
                .filter(change -> change.board().mode == Mode.RANK)
                .collect(Collectors.groupingBy(Change::board))
                .entrySet()
                .stream()
                .flatMap(board -> islands(board.getKey(), board.getValue()))
                .toList();
        Map<String, Object> parameters = new HashMap<>();
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
        parameters.put(
                "from_scores", array(islands, island -> island.range().from().score()));
        parameters.put(
                "from_created", array(islands, island -> island.range().from().createdAt()));
        parameters.put(
                "from_users", array(islands, island -> island.range().from().user()));
        parameters.put("to_scores", array(islands, island -> island.range().to().score()));
        parameters.put(
                "to_created", array(islands, island -> island.range().to().createdAt()));
        parameters.put("to_users", array(islands, island -> island.range().to().user()));
        parameters.put("limit", settings.pageSize());
        return roundTrip
                .query(
                        parameters,
                        (row, n) -> {
                            RankKey cut = place(row);
                            if (cut != null) {
                                board(byCampaign, row).cut(cut);
                            }
                            return row.getInt("moved");
                        },
                        "position/change-standings",
                        "position/move-people")
                .get(0);
    }

    /** A stretch of a board whose ranks can have changed. */
    private record Island(Board board, RankRange range) {}

    private Stream<Island> islands(Board board, List<Change> changes) {
        List<RankRange> islands = RankRange.of(changes).stream()
                .flatMap(island -> island.upTo(board.edge()).stream())
                .toList();
        // Pages do what is more than a page.
        if (!islands.isEmpty() && changes.stream().mapToLong(Change::distance).sum() > settings.pageSize()) {
            islands = List.of(new RankRange(
                    islands.get(0).from(), islands.get(islands.size() - 1).to()));
        }
        return islands.stream().map(island -> new Island(board, island));
    }

    /**
     * A campaign of whose board pages are left, else one whose whole board has not been recalculated for
     * {@code positions.repair-interval}; null when there is none.
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
        return boards.find(campaign).map(board -> sql.of("position/verify")
                .param("campaign_id", campaign)
                .param("points", board.points)
                .param("formula", board.mode == Mode.FORMULA)
                .param("limit", limit)
                .query(Difference.class)
                .list());
    }
}
