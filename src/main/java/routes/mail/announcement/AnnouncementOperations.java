package routes.mail.announcement;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.type.TypeReference;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.DataClassRowMapper;
import org.springframework.jdbc.core.RowMapper;
import org.springframework.stereotype.Component;
import routes.background.Masking;
import routes.background.Trouble;
import routes.event.EventJson;
import routes.operation.Arguments;
import routes.operation.Audit;
import routes.settings.Statements;

/**
 * Shows operators the fan-outs, and pauses, resumes or cancels them. A change takes effect once its state is written: workers
 * check it before each mail. Waiting mails are then updated page by page, so that no statement takes long; a page is updated
 * only while the state is still the requested one.
 */
@Component
public class AnnouncementOperations {

    private static final Logger LOG = LoggerFactory.getLogger(AnnouncementOperations.class);

    static final String RUNNING = "running";
    static final String PAUSED = "paused";
    static final String CANCELLED = "cancelled";

    /** What its mails say. Why it was cancelled is kept in the fan-out alone, where an erasure looks for names. */
    static final String WAS_CANCELLED = "the announcement was cancelled";

    private static final int PAGE = 5_000;

    private static final RowMapper<FanOut> FAN_OUT = new DataClassRowMapper<>(FanOut.class);
    private static final TypeReference<TreeMap<String, Long>> COUNTS = new TypeReference<>() {};

    private final Statements sql;
    private final Audit audit;

    AnnouncementOperations(Audit audit, Statements sql) {
        this.sql = sql;
        this.audit = audit;
    }

    /**
     * The announcement of a milestone to everybody.
     *
     * @param id the delivery that was expanded
     * @param recipients how many people are recorded so far
     * @param state running, paused, cancelled or, when the last count found nothing left to do, done
     * @param because who paused or cancelled it, and why; null if it is done
     * @param countedAt when its mails were last counted for {@code progress}
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

        /** Whether its mails are being sent. */
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
     * @param done how many mails are finished: delivered, skipped or failed for good
     * @param of how many mails there are
     * @param counts the mails by status; those in {@code held} wait until it is resumed
     */
    public record Progress(FanOut fanout, long done, long of, Map<String, Long> counts) {

        private static Progress counted(FanOut fanout, Map<String, Long> counts) {
            long all = counts.values().stream().mapToLong(Long::longValue).sum();
            long open = Stream.of("due", "held", "leased")
                    .mapToLong(status -> counts.getOrDefault(status, 0L))
                    .sum();
            return new Progress(fanout, all - open, all, counts);
        }

        /** Whether nothing more happens, unless somebody resumes it. */
        public boolean ended() {
            return !fanout.running() && done == of;
        }
    }

    /** A fan-out after a change, and how many mails were changed. */
    public record Changed(FanOut fanout, long mails) {}

    private record Counted(String status, long deliveries, String last) {}

    private record Moved(@Nullable String last, long deliveries) {}

    /** Lists fan-outs, newest first. Counts the unfinished ones, which shows whether they have finished by now. */
    public List<Progress> latest(int limit) {
        return latest(limit, 0);
    }

    /** The same with as many that are older and not done: a paused one waits for somebody, however many are newer. */
    public List<Progress> latestAndOpen(int limit) {
        return latest(limit, limit);
    }

    private List<Progress> latest(int limit, int open) {
        find(null, limit, open).stream()
                .filter(some -> !some.ended())
                .forEach(some -> count(some.fanout().id()));
        return find(null, limit, open);
    }

    /** One fan-out. If counting took long, it is not counted again for a while. */
    public Progress progress(UUID id) {
        count(id);
        return get(id);
    }

    /** Counts page by page, so that no statement takes long; not while somebody else is counting. */
    private void count(UUID id) {
        if (sql.of("mail/announcement/begin-count").param("id", id).update() == 0) {
            return;
        }
        long start = System.nanoTime();
        Map<String, Long> all = new TreeMap<>();
        String after = "";
        while (after != null) {
            List<Counted> page = sql.of("mail/announcement/count-fan-out")
                    .param("id", id)
                    .param("after", after)
                    .param("limit", PAGE)
                    .query(Counted.class)
                    .list();
            page.forEach(some -> all.merge(some.status(), some.deliveries(), Long::sum));
            after = page.isEmpty() ? null : page.get(0).last();
        }
        sql.of("mail/announcement/end-count")
                .param("id", id)
                .param("counts", EventJson.mapper().valueToTree(all).toString())
                .param("seconds", (System.nanoTime() - start) / 1e9)
                .update();
    }

    private Progress get(UUID id) {
        return find(id, 1, 0).stream().findFirst().orElseThrow(() -> Arguments.missing("there is no fan-out " + id));
    }

    private List<Progress> find(@Nullable UUID id, int limit, int open) {
        return sql.of("mail/announcement/find-fan-outs")
                .param("id", id)
                .param("limit", limit)
                .param("open", open)
                .query((row, n) ->
                        Progress.counted(FAN_OUT.mapRow(row, n), EventJson.column(row.getString("counts"), COUNTS)))
                .list();
    }

    /** Holds its mails until it is resumed. */
    public Changed pause(UUID id, String by) {
        return pause(id, by, "paused by " + by);
    }

    /** Holds its mails until it is resumed, and says why. */
    public Changed pause(UUID id, String by, String because) {
        return change(id, by, "fanouts.pause", PAUSED, because);
    }

    /** Releases its mails. */
    public Changed resume(UUID id, String by) {
        return change(id, by, "fanouts.resume", RUNNING, null);
    }

    /** Cancels its unsent mails; why is kept with addresses masked. */
    public Changed cancel(UUID id, String by, String reason) {
        return change(id, by, "fanouts.cancel", CANCELLED, "cancelled by %s: %s".formatted(by, reason));
    }

    private Changed change(UUID id, String by, String operation, String state, @Nullable String reason) {
        get(id);
        String because = Masking.mask(reason);
        boolean changed = audit.change(
                by,
                operation,
                Map.of("id", id.toString()),
                () -> sql.of("mail/announcement/change-fan-out")
                                .param("id", id)
                                .param("state", state)
                                .param("because", because)
                                .param("by", by)
                                .update()
                        > 0,
                possible -> possible ? state : "is cancelled");
        if (!changed) {
            throw Arguments.refused("the fan-out is cancelled");
        }
        return new Changed(get(id).fanout(), move(id, state, because));
    }

    private record Unfinished(
            UUID id, String state, @Nullable String because) {}

    /**
     * Finishes changes that were cut off before all mails followed: the database failed, or the instance was replaced. Without this, what a
     * resumed announcement still holds would wait for good.
     */
    public void finishChanges() {
        for (Unfinished cut : sql.of("mail/announcement/unfinished-moves")
                .query(Unfinished.class)
                .list()) {
            try {
                long mails = move(cut.id(), cut.state(), cut.because());
                LOG.info("The announcement {} is {}, and {} more mails follow", cut.id(), cut.state(), mails);
            } catch (DataAccessException e) {
                LOG.warn(
                        "Not all mails of the announcement {}, which is {}, could follow; they are tried again in five minutes: {}",
                        cut.id(),
                        cut.state(),
                        Trouble.describe(e));
            }
        }
    }

    private long move(UUID id, String state, @Nullable String because) {
        long all = 0;
        String after = "";
        while (after != null) {
            Moved page = sql.of("mail/announcement/move-fan-out")
                    .param("id", id)
                    .param("state", state)
                    .param("because", state.equals(CANCELLED) ? WAS_CANCELLED : because)
                    .param("after", after)
                    .param("limit", PAGE)
                    .query(Moved.class)
                    .single();
            all += page.deliveries();
            after = page.last();
        }
        sql.of("mail/announcement/end-move", "id", id, "state", state).update();
        return all;
    }
}
