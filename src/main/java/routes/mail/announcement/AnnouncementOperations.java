package routes.mail.announcement;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import routes.operation.Audit;
import routes.operation.Operator;
import routes.settings.Statements;

/**
 * The fan-outs as operators see and change them. A change counts from the moment at which its state is written: workers ask
 * for it before each mail. What waits is then moved out of the way page by page, so that no statement takes long; a page is
 * changed only while the state is still the one that was asked for.
 */
@Component
public class AnnouncementOperations {

    static final String RUNNING = "running";
    static final String PAUSED = "paused";
    static final String CANCELLED = "cancelled";

    private static final int PAGE = 5_000;

    private final Statements sql;
    private final Audit audit;

    AnnouncementOperations(Audit audit, Statements sql) {
        this.sql = sql;
        this.audit = audit;
    }

    /**
     * A milestone that is announced to everybody.
     *
     * @param id the delivery that was expanded
     * @param recipients how many people are recorded, so far
     * @param state running, paused, cancelled or done
     * @param because who has paused or cancelled it, and why
     * @param countedAt when its mails were last counted, as {@code progress} does
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record FanOut(
            UUID id,
            String campaignId,
            String idempotencyKey,
            long recipients,
            String state,
            @Nullable String because,
            Instant createdAt,
            @Nullable Instant countedAt) {

        /** Whether its mails go out. */
        public boolean running() {
            return state.equals(RUNNING);
        }

        /** Whether its mails wait until it is resumed. */
        public boolean paused() {
            return state.equals(PAUSED);
        }
    }

    /**
     * How far a fan-out has come.
     *
     * @param done how many mails need nothing more: delivered, skipped or failed for good
     * @param of how many there are
     * @param counts of them, by status; {@code held} are those that wait until it is resumed
     */
    public record Progress(FanOut fanout, long done, long of, Map<String, Long> counts) {}

    /** A fan-out as it is after a change, and to how many mails that was done. */
    public record Changed(FanOut fanout, long mails) {}

    private record Count(String status, long deliveries) {}

    private record Page(@Nullable String last, long deliveries) {}

    /** The latest first; those that run are counted, which tells whether they still do. */
    public List<FanOut> latest(int limit) {
        find(null, limit).stream().filter(FanOut::running).forEach(fanOut -> counts(fanOut.id()));
        return find(null, limit);
    }

    private FanOut get(UUID id) {
        return find(id, 1).stream().findFirst().orElseThrow(() -> Operator.missing("there is no fan-out " + id));
    }

    private List<FanOut> find(@Nullable UUID id, int limit) {
        return sql.of("mail/announcement/find-fan-outs")
                .param("id", id)
                .param("limit", limit)
                .query(FanOut.class)
                .list();
    }

    /** One of them, with its progress. What took long to count is not counted again for a while. */
    public Progress progress(UUID id) {
        Map<String, Long> counts = counts(id);
        long of = counts.values().stream().mapToLong(Long::longValue).sum();
        long open = Stream.of("due", "held", "leased")
                .mapToLong(status -> counts.getOrDefault(status, 0L))
                .sum();
        return new Progress(get(id), of - open, of, counts);
    }

    private Map<String, Long> counts(UUID id) {
        sql.of("mail/announcement/count-fan-out").param("id", id).update();
        Map<String, Long> found = new TreeMap<>();
        sql.of("mail/announcement/fan-out-counts")
                .param("id", id)
                .query(Count.class)
                .list()
                .forEach(some -> found.put(some.status(), some.deliveries()));
        return found;
    }

    /** Has its mails wait until it is resumed. */
    public Changed pause(UUID id, String by) {
        return change(id, by, "fanouts.pause", PAUSED, "paused by " + by);
    }

    /** Has its mails go on. */
    public Changed resume(UUID id, String by) {
        return change(id, by, "fanouts.resume", RUNNING, null);
    }

    /** Cancels the mails that are not sent yet. */
    public Changed cancel(UUID id, String by, String reason) {
        return change(id, by, "fanouts.cancel", CANCELLED, "cancelled by %s: %s".formatted(by, reason));
    }

    private Changed change(UUID id, String by, String operation, String state, @Nullable String because) {
        get(id);
        boolean changed = audit.change(
                by,
                operation,
                Map.of("id", id.toString()),
                () -> sql.of("mail/announcement/change-fan-out")
                                .param("id", id)
                                .param("state", state)
                                .param("because", because)
                                .update()
                        > 0,
                possible -> possible ? state : "is cancelled");
        if (!changed) {
            throw Operator.refused("the fan-out is cancelled");
        }
        long mails = move(id, state, because);
        return new Changed(get(id), mails);
    }

    private long move(UUID id, String state, @Nullable String because) {
        long all = 0;
        String after = "";
        while (after != null) {
            Page page = sql.of("mail/announcement/move-fan-out")
                    .param("id", id)
                    .param("state", state)
                    .param("because", because)
                    .param("after", after)
                    .param("limit", PAGE)
                    .query(Page.class)
                    .single();
            all += page.deliveries();
            after = page.last();
        }
        sql.of("mail/announcement/recount-fan-out").param("id", id).update();
        return all;
    }
}
