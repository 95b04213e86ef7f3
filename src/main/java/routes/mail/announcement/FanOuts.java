package routes.mail.announcement;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;
import routes.event.EventJson;
import routes.operation.Audit;
import routes.settings.SqlFiles;

/**
 * The fan-outs as operators see and change them. A change counts from the moment at which its state is written: workers ask
 * for it before each mail. What waits is then moved out of the way page by page, so that no statement takes long; a page is
 * changed only while the state is still the one that was asked for.
 */
@Component
public class FanOuts {

    static final String RUNNING = "running";
    static final String PAUSED = "paused";
    static final String CANCELLED = "cancelled";

    private static final int PAGE = 5_000;

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Audit audit;
    private final String find;
    private final String beginCount;
    private final String count;
    private final String endCount;
    private final String counts;
    private final String recount;
    private final String change;
    private final String move;

    FanOuts(JdbcClient jdbc, TransactionTemplate transaction, Audit audit, SqlFiles sql) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.audit = audit;
        this.find = sql.read("mail/announcement/find-fan-outs.sql");
        this.beginCount = sql.read("mail/announcement/begin-count.sql");
        this.count = sql.read("mail/announcement/count-fan-out.sql");
        this.endCount = sql.read("mail/announcement/end-count.sql");
        this.counts = sql.read("mail/announcement/fan-out-counts.sql");
        this.recount = sql.read("mail/announcement/recount-fan-out.sql");
        this.change = sql.read("mail/announcement/change-fan-out.sql");
        this.move = sql.read("mail/announcement/move-fan-out.sql");
    }

    /**
     * A milestone that is announced to everybody.
     *
     * @param id the delivery that was expanded
     * @param recipients how many people are recorded, so far
     * @param state running, paused, cancelled or done
     * @param because who has paused or cancelled it, and why
     * @param countedAt when its mails were last counted, as {@link #progress} does
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
            @Nullable Instant countedAt) {}

    private record Count(String status, long deliveries) {}

    private record Counted(String status, long deliveries, String last) {}

    private record Page(@Nullable String last, long deliveries) {}

    /** The latest first; those that run are counted, which tells whether they still do. */
    public List<FanOut> latest(int limit) {
        find(null, limit).stream()
                .filter(fanOut -> fanOut.state().equals(RUNNING))
                .forEach(fanOut -> progress(fanOut.id()));
        return find(null, limit);
    }

    /** One of them. */
    public Optional<FanOut> get(UUID id) {
        return find(id, 1).stream().findFirst();
    }

    private List<FanOut> find(@Nullable UUID id, int limit) {
        return jdbc.sql(find)
                .param("id", id)
                .param("limit", limit)
                .query(FanOut.class)
                .list();
    }

    /**
     * How many of its mails are in which status of the ledger, or {@code held} while it is paused. What took long to count is not
     * counted again for a while, nor what somebody else counts at this moment.
     */
    public Map<String, Long> progress(UUID id) {
        if (jdbc.sql(beginCount).param("id", id).update() > 0) {
            count(id);
        }
        Map<String, Long> progress = new TreeMap<>();
        jdbc.sql(counts)
                .param("id", id)
                .query(Count.class)
                .list()
                .forEach(some -> progress.put(some.status(), some.deliveries()));
        return progress;
    }

    /** Page by page, so that no statement takes long. */
    private void count(UUID id) {
        long start = System.nanoTime();
        ObjectNode all = EventJson.mapper().createObjectNode();
        String after = "";
        while (after != null) {
            List<Counted> page = jdbc.sql(count)
                    .param("id", id)
                    .param("after", after)
                    .param("limit", PAGE)
                    .query(Counted.class)
                    .list();
            page.forEach(some -> all.put(
                    some.status(), all.path(some.status()).asLong() + some.deliveries()));
            after = page.isEmpty() ? null : page.get(0).last();
        }
        jdbc.sql(endCount)
                .param("id", id)
                .param("counts", all.toString())
                .param("seconds", (System.nanoTime() - start) / 1e9)
                .update();
    }

    /** Has its mails wait until it is resumed; returns how many do, or empty when it is cancelled. */
    public Optional<Long> pause(UUID id, String by) {
        return change(id, by, "fanouts.pause", PAUSED, "paused by " + by);
    }

    /** Has its mails go on; returns how many had waited, or empty when it is cancelled. */
    public Optional<Long> resume(UUID id, String by) {
        return change(id, by, "fanouts.resume", RUNNING, null);
    }

    /** Cancels the mails that are not sent yet; returns how many those are, or empty when it is cancelled already. */
    public Optional<Long> cancel(UUID id, String by, String reason) {
        return change(id, by, "fanouts.cancel", CANCELLED, "cancelled by %s: %s".formatted(by, reason));
    }

    private Optional<Long> change(UUID id, String by, String operation, String state, @Nullable String because) {
        Boolean changed = transaction.execute(status -> {
            boolean possible = jdbc.sql(change)
                            .param("id", id)
                            .param("state", state)
                            .param("because", because)
                            .update()
                    > 0;
            audit.write(by, operation, Map.of("id", id.toString()), possible ? state : "is cancelled");
            return possible;
        });
        return Boolean.TRUE.equals(changed) ? Optional.of(move(id, state, because)) : Optional.empty();
    }

    private long move(UUID id, String state, @Nullable String because) {
        long all = 0;
        String after = "";
        while (after != null) {
            Page page = jdbc.sql(move)
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
        jdbc.sql(recount).param("id", id).update();
        return all;
    }
}
