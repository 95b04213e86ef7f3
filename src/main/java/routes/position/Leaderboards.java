package routes.position;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.camel.Body;
import org.apache.camel.ExchangeProperty;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import routes.delivery.Delivery;
import routes.delivery.DeliveryException;
import routes.delivery.DeliveryLedger;
import routes.position.PositionSettings.Mode;
import routes.settings.Statements;

/**
 * Recalculates leaderboards: the people in the events, since others can only have moved where one of these passed by; or
 * everybody, a page at a time. Must be called under the campaign's lock, in a transaction.
 */
@Component
public class Leaderboards {

    /** How many pages directly follow the first: with {@code positions.page-size} people each, a second or a few. */
    private static final int PAGES_AT_ONCE = 20;

    private final Statements sql;
    private final PositionSettings settings;
    private final Boards boards;
    private final Timer time;
    private final Counter events;
    private final Counter moved;

    Leaderboards(Statements sql, PositionSettings settings, Boards boards, MeterRegistry metrics) {
        this.sql = sql;
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
     * Recalculates the people in the events, or the first page of everybody: the first time, after a change of mode or
     * points, on request, and when only the campaign itself has the mode rank: then sign-ups are not read. Without
     * people, does the next page of the recalculation in progress.
     *
     * @param delivery the delivery that asks; null if something else asks
     * @return whether {@link #goOn} has more pages to do
     * @throws DeliveryException.Transient when the campaign may still appear
     * @throws DeliveryException.Permanent when there is no such campaign, or its referral_config has an unknown mode
     */
    public boolean recalculate(
            @Body CampaignEvents campaign, @ExchangeProperty(DeliveryLedger.DELIVERY) @Nullable Delivery delivery) {
        boolean more = timed(() -> {
            Board board = boards.find(UUID.fromString(campaign.campaign()))
                    .orElseThrow(() -> missing(delivery, "there is no campaign " + campaign.campaignId()));
            boolean newcomersAreHeardOf = board.mode == Mode.FORMULA || settings.mode() == Mode.RANK;
            if (campaign.whole() || !board.isKnown() || !newcomersAreHeardOf) {
                board.begin();
                return page(board);
            }
            if (campaign.people().isEmpty()) {
                return page(board);
            }
            boolean wasUnfinished = board.isUnfinished();
            moved.increment(people(board, array(campaign.people(), id -> id)));
            if (board.isCut()) {
                boards.save(board, false);
            }
            return board.isUnfinished() && !wasUnfinished; // earlier pages are left to whoever began them
        });
        events.increment(campaign.events().size());
        return more;
    }

    /**
     * Does the next page of a recalculation in progress.
     *
     * @param index of the page, from 0
     * @return whether to continue: there are more pages, and not too many were done in one go; {@code repair-positions} does the rest
     */
    public boolean goOn(CampaignEvents campaign, int index) {
        return timed(() -> boards.find(UUID.fromString(campaign.campaign()))
                .map(board -> {
                    if (!board.isKnown()) {
                        board.begin(); // points or mode have changed since the last page
                    }
                    return page(board) && index + 1 < PAGES_AT_ONCE;
                })
                .orElse(false));
    }

    private boolean timed(BooleanSupplier work) {
        return time.record(work);
    }

    private static DeliveryException missing(@Nullable Delivery delivery, String reason) {
        return delivery == null ? new DeliveryException.Permanent(reason) : delivery.missing(reason);
    }

    /** One page: of people to compare; after the last of these, if it moved nobody, of places to number. */
    private boolean page(Board board) {
        if (!board.isUnfinished()) {
            return false;
        }
        boolean compared = false;
        int written = 0;
        if (board.comparedTo != null) {
            written = compare(board);
            compared = board.comparedTo == null;
        }
        // A transaction must lock the application's rows in the order of id, so it moves people only once.
        if (board.comparedTo == null && written == 0) {
            written = number(board);
        }
        boards.save(board, compared);
        moved.increment(written);
        return board.isUnfinished();
    }

    private record People(List<UUID> people, @Nullable String comparedTo) {}

    private int compare(Board board) {
        People page = sql.of("position/page-of-people")
                .param("campaign_id", board.campaign)
                .param("from", board.comparedTo)
                .param("limit", settings.pageSize())
                .query((row, n) ->
                        new People(List.of((UUID[]) row.getArray("people").getArray()), row.getString("compared_to")))
                .single();
        int written = people(board, array(page.people(), id -> id));
        if (page.people().size() < settings.pageSize()) {
            board.compared();
        } else {
            board.comparedTo = page.comparedTo();
        }
        return written;
    }

    private int number(Board board) {
        RankKey from = Objects.requireNonNull(board.numbered);
        return sql.of("position/number-page")
                .param("campaign_id", board.campaign)
                .param("formula", board.mode == Mode.FORMULA)
                .param("people", board.people)
                .param("score", from.score())
                .param("created_at", from.createdAt().toString())
                .param("user_id", from.user().toString())
                .param("limit", settings.pageSize())
                .query((row, n) -> {
                    board.people = row.getLong("people");
                    board.trusted &= !row.getBoolean("corrected");
                    if (row.getBoolean("more")) {
                        board.numbered = RankKey.read(row, "score", "created_at", row.getObject("user_id", UUID.class));
                    } else {
                        board.finished();
                    }
                    return row.getInt("moved");
                })
                .single();
    }

    /** Corrects the scores of people, and the positions of those whom that moves, where the board is numbered. */
    private int people(Board board, String people) {
        List<Change> changes = sql.of("position/changed-people")
                .param("campaign_id", board.campaign)
                .param("points", board.points)
                .param("people", people)
                .query(Leaderboards::change)
                .list();
        if (changes.isEmpty()) {
            return 0;
        }
        changeStandings(board, changes);
        return board.mode == Mode.RANK ? moveByRank(board, changes) : moveByFormula(board, changes);
    }

    private static Change change(ResultSet row, int n) throws SQLException {
        UUID user = row.getObject("id", UUID.class);
        return new Change(
                user,
                RankKey.read(row, "old_score", "old_created_at", user),
                RankKey.read(row, "score", "created_at", user));
    }

    private void changeStandings(Board board, List<Change> changes) {
        List<RankKey> places = changes.stream()
                .flatMap(change -> Optional.ofNullable(change.after()).stream())
                .toList();
        List<Change> gone =
                changes.stream().filter(change -> change.after() == null).toList();
        sql.of("position/change-standings")
                .param("campaign_id", board.campaign)
                .param("formula", board.mode == Mode.FORMULA)
                .param("gone", array(gone, Change::user))
                .param("people", array(places, RankKey::user))
                .param("scores", array(places, RankKey::score))
                .param("created", array(places, RankKey::createdAt))
                .update();
    }

    private int moveByFormula(Board board, List<Change> changes) {
        List<Change> numbered = changes.stream()
                .filter(change -> change.after() != null && change.after().compareTo(board.edge()) <= 0)
                .toList();
        return numbered.isEmpty()
                ? 0
                : sql.of("position/move-by-formula")
                        .param("people", array(numbered, Change::user))
                        .update();
    }

    private int moveByRank(Board board, List<Change> changes) {
        List<RankRange> islands = RankRange.of(changes).stream()
                .flatMap(island -> island.upTo(board.edge()).stream())
                .toList();
        if (islands.isEmpty()) {
            return 0;
        }
        // More than a page is left to pages.
        if (changes.stream().mapToLong(Change::distance).sum() > settings.pageSize()) {
            islands = List.of(new RankRange(
                    islands.get(0).from(), islands.get(islands.size() - 1).to()));
        }
        return sql.of("position/move-by-rank")
                .param("campaign_id", board.campaign)
                .param("limit", settings.pageSize())
                .param("from_scores", array(islands, island -> island.from().score()))
                .param("from_created", array(islands, island -> island.from().createdAt()))
                .param("from_users", array(islands, island -> island.from().user()))
                .param("to_scores", array(islands, island -> island.to().score()))
                .param("to_created", array(islands, island -> island.to().createdAt()))
                .param("to_users", array(islands, island -> island.to().user()))
                .query((row, n) -> {
                    RankKey cut = RankKey.read(row, "score", "created_at", row.getObject("user_id", UUID.class));
                    if (cut != null) {
                        board.cut(cut);
                    }
                    return row.getInt("moved");
                })
                .single();
    }

    /** A PostgreSQL array literal of numbers, times or UUIDs, which need no quoting. */
    private static <T> String array(Collection<T> elements, Function<T, ?> value) {
        return elements.stream()
                .map(element -> String.valueOf(value.apply(element)))
                .collect(Collectors.joining(",", "{", "}"));
    }

    /**
     * A campaign with unfinished pages, otherwise one whose whole board has not been recalculated for
     * {@code positions.repair-interval}; null if there is none.
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
