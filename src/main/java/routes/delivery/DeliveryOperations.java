package routes.delivery;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient.StatementSpec;
import org.springframework.stereotype.Component;
import routes.background.Masking;
import routes.operation.Arguments;
import routes.operation.Audit;
import routes.operation.MaskedJson;
import routes.operation.Page;
import routes.settings.Statements;

/** The ledger as an operator sees and changes it. Each change and its audit row are one transaction. */
@Component
public class DeliveryOperations {

    /** How far back a search looks first; at last it looks at everything. */
    private static final List<Duration> WINDOWS = List.of(Duration.ofMinutes(10), Duration.ofDays(1));

    private static final Set<String> CANCELLABLE = Set.of(DeliveryStatus.DUE.value(), DeliveryStatus.FAILED.value());
    private static final Set<String> DONE_BY_HAND =
            Set.of(DeliveryStatus.MANUAL.value(), DeliveryStatus.FAILED.value());
    private static final int BATCH = 500;
    private static final int MAX_BATCHES = 20;

    private final Statements sql;
    private final Audit audit;
    private final Outcomes outcomes;
    private final DeliverySettings settings;

    DeliveryOperations(Statements sql, Audit audit, Outcomes outcomes, DeliverySettings settings) {
        this.sql = sql;
        this.audit = audit;
        this.outcomes = outcomes;
        this.settings = settings;
    }

    /**
     * A row of the ledger, without its event.
     *
     * @param reported what became of its mail afterwards, as others report it: bounced, complained or unsubscribed
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Summary(
            UUID id,
            String consumerGroup,
            String eventId,
            String eventType,
            String campaignId,
            String idempotencyKey,
            String recipient,
            String status,
            @Nullable String reason,
            int attempts,
            @Nullable Instant dueAt,
            @Nullable String waitsFor,
            @Nullable String lane,
            @Nullable UUID leaseOwner,
            @Nullable UUID replayId,
            Instant createdAt,
            Instant updatedAt,
            @Nullable String reported) {}

    /** An attempt; without an end, it was cut off or is in progress. What others report about its mail later has the same number. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Attempt(
            int attempt,
            Instant startedAt,
            @Nullable Instant endedAt,
            @Nullable Long durationMs,
            @Nullable String outcome,
            @Nullable String code,
            @Nullable String reason) {

        /** How long it took, in words; null if it has no end. */
        public @Nullable String took() {
            return durationMs == null ? null : durationMs < 1 ? "under 1 ms" : "%,d ms".formatted(durationMs);
        }
    }

    /**
     * A delivery with everything that is known about it.
     *
     * @param event what happened, with mail addresses masked
     */
    public record Details(Summary delivery, List<Attempt> attempts, Object event) {}

    /** The status that an operator named in a field. */
    public static DeliveryStatus status(String field, @Nullable String name) {
        return Arguments.oneOf(field, name, List.of(DeliveryStatus.values()), DeliveryStatus::value);
    }

    /** Which deliveries of a group a change is for. */
    public record Selection(
            ConsumerGroup group,
            DeliveryStatus status,
            @Nullable String campaign,
            @Nullable Instant since,
            @Nullable String webhook) {}

    /** The number of deliveries of a type in a status. */
    public record Count(String eventType, String status, long deliveries) {

        /** The sum over all types and statuses. */
        public static long total(List<Count> counts) {
            return counts.stream().mapToLong(Count::deliveries).sum();
        }
    }

    /** How many deliveries were retried, and how many of the selection are left. */
    public record Retried(int retried, long left) {}

    private record Row(
            UUID id,
            String consumerGroup,
            String status,
            @Nullable UUID leaseOwner,
            int attempts,
            boolean erased) {}

    /**
     * Finds deliveries, newest first.
     *
     * @param after the last delivery of the previous page; null for the first page
     */
    public Page<Summary> find(DeliveryCriteria criteria, int limit, @Nullable UUID after) {
        OffsetDateTime before = after == null ? null : utc(summary(after).createdAt());
        for (Duration window : WINDOWS) {
            List<Summary> newest = find(criteria, limit, after, before, window);
            if (newest.size() == limit) {
                return page(newest, limit);
            }
        }
        return page(find(criteria, limit, after, before, null), limit);
    }

    private static Page<Summary> page(List<Summary> found, int limit) {
        return Page.of("deliveries", found, limit, Summary::id);
    }

    private List<Summary> find(
            DeliveryCriteria criteria,
            int limit,
            @Nullable UUID after,
            @Nullable OffsetDateTime before,
            @Nullable Duration window) {
        return criteria.in(sql.of("delivery/find-deliveries"))
                .param("after", after)
                .param("before", before)
                .param("window", window == null ? null : window.toSeconds())
                .param("limit", limit)
                .query(Summary.class)
                .list();
    }

    /** One delivery, with its attempts and its event. */
    public Details get(UUID id) {
        return new Details(
                summary(id),
                sql.of("delivery/find-attempts")
                        .param("id", id)
                        .query(Attempt.class)
                        .list(),
                MaskedJson.of(sql.of("delivery/find-event")
                        .param("id", id)
                        .query(String.class)
                        .single()));
    }

    private Summary summary(UUID id) {
        return sql.of("delivery/find-delivery")
                .param("id", id)
                .query(Summary.class)
                .optional()
                .orElseThrow(() -> notThere(id));
    }

    /** Whether {@link #retry(UUID, String)} takes a delivery in this status. */
    public static boolean isRetriable(String status) {
        return !status.equals(DeliveryStatus.DELIVERED.value()) && !status.equals(DeliveryStatus.LEASED.value());
    }

    /** Retries a delivery now, and restarts its retry schedule. */
    public Summary retry(UUID id, String by) {
        return change(id, by, "deliveries.retry", Map.of("id", id.toString()), row -> {
            if (row.status().equals(DeliveryStatus.DELIVERED.value())) {
                throw Arguments.refused("the delivery is delivered: to repeat it, force a replay of its event");
            }
            retry(List.of(row));
            return "due";
        });
    }

    /** Cancels a delivery. */
    public Summary cancel(UUID id, String by, String reason) {
        return change(id, by, "deliveries.cancel", Map.of("id", id.toString(), "reason", Masking.mask(reason)), row -> {
            if (!CANCELLABLE.contains(row.status())) {
                throw Arguments.refused(
                        "the delivery is %s: only one that is due or failed can be cancelled".formatted(row.status()));
            }
            sql.of("delivery/cancel-delivery")
                    .param("id", id)
                    .param("reason", Masking.mask("cancelled by %s: %s".formatted(by, reason)))
                    .update();
            return "skipped";
        });
    }

    /** Marks a delivery as done by a person. */
    public Summary done(UUID id, String by, String reason) {
        return change(id, by, "deliveries.done", Map.of("id", id.toString(), "reason", Masking.mask(reason)), row -> {
            if (!DONE_BY_HAND.contains(row.status())) {
                throw Arguments.refused("the delivery is %s: only one that is manual or failed can be marked as done"
                        .formatted(row.status()));
            }
            sql.of("delivery/finish-by-hand")
                    .param("id", id)
                    .param("reason", Masking.mask("done by %s: %s".formatted(by, reason)))
                    .param("told", settings.outcomeEvents())
                    .update();
            changed(row);
            return "delivered";
        });
    }

    private Summary change(
            UUID id, String by, String operation, Map<String, ?> arguments, Function<Row, String> change) {
        Supplier<String> work = () -> {
            Row row = sql.of("delivery/lock-delivery")
                    .param("id", id)
                    .query(Row.class)
                    .optional()
                    .orElseThrow(() -> notThere(id));
            if (row.status().equals(DeliveryStatus.LEASED.value())) {
                throw Arguments.refused("the delivery is leased to instance %s: wait until its attempt has ended"
                        .formatted(row.leaseOwner()));
            }
            if (row.erased()) {
                throw Arguments.refused("the delivery's person was erased: there is nothing to do any more");
            }
            return "was %s, is %s".formatted(row.status(), change.apply(row));
        };
        audit.change(by, operation, arguments, work);
        outcomes.tellRest();
        return summary(id);
    }

    /** How many deliveries {@link #retryAll} would retry. */
    public List<Count> count(Selection selection) {
        return count(selection, now());
    }

    private List<Count> count(Selection selection, OffsetDateTime begin) {
        return select("delivery/count-deliveries", selection, begin)
                .query(Count.class)
                .list();
    }

    /**
     * Retries deliveries now, oldest first, in small transactions.
     *
     * @return how many; the rest needs another call
     */
    public Retried retryAll(Selection selection, String by) {
        OffsetDateTime begin = now();
        int retried = 0;
        int some;
        int batches = 0;
        do {
            some = retrySome(selection, by, begin);
            retried += some;
            batches++;
        } while (some == BATCH && batches < MAX_BATCHES);
        outcomes.tellRest();
        // Counted, because rows that others had locked were skipped.
        return new Retried(retried, Count.total(count(selection, begin)));
    }

    private int retrySome(Selection selection, String by, OffsetDateTime begin) {
        Supplier<Integer> work = () -> {
            List<Row> rows = select("delivery/lock-deliveries", selection, begin)
                    .param("limit", BATCH)
                    .query(Row.class)
                    .list();
            if (!rows.isEmpty()) {
                retry(rows);
            }
            return rows.size();
        };
        return audit.change(
                by, "deliveries.retry", arguments(selection), work, some -> some == 0 ? null : some + " are due");
    }

    private StatementSpec select(String statement, Selection selection, OffsetDateTime begin) {
        return sql.of(statement)
                .param("group", selection.group().name())
                .param("status", selection.status().value())
                .param("campaign", selection.campaign())
                .param("lane", selection.webhook())
                .param("since", selection.since() == null ? null : utc(selection.since()))
                .param("begin", begin);
    }

    private static Map<String, String> arguments(Selection selection) {
        Map<String, String> arguments = new LinkedHashMap<>();
        arguments.put("group", selection.group().name());
        arguments.put("status", selection.status().value());
        if (selection.campaign() != null) {
            arguments.put("campaign", selection.campaign());
        }
        if (selection.webhook() != null) {
            arguments.put("webhook", selection.webhook());
        }
        if (selection.since() != null) {
            arguments.put("since", selection.since().toString());
        }
        return arguments;
    }

    private void retry(List<Row> rows) {
        sql.of("delivery/retry-deliveries")
                .param("ids", rows.stream().map(row -> row.id().toString()).collect(Collectors.joining(",")))
                .update();
        rows.forEach(this::changed);
    }

    private void changed(Row row) {
        outcomes.changedByOperator(row.id(), row.consumerGroup(), row.attempts());
    }

    private OffsetDateTime now() {
        return sql.of("delivery/now").query(OffsetDateTime.class).single();
    }

    private static OffsetDateTime utc(Instant moment) {
        return moment.atOffset(ZoneOffset.UTC);
    }

    private static RuntimeException notThere(UUID id) {
        return Arguments.missing("there is no delivery " + id);
    }
}
