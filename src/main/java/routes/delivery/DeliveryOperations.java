package routes.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;
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
    private static final List<Duration> WINDOWS =
            List.of(Duration.ofMinutes(10), Duration.ofDays(1), Duration.ofDays(100_000));

    private static final String CSV_HEADER =
            "recorded,id,group,event,type,campaign,person,status,reason,attempts,next,waits_for,changed";
    private static final int CSV_PAGE = 5_000;
    private static final int CSV_PAGES = 20;

    private final Statements sql;
    private final TransactionTemplate transaction;
    private final Audit audit;
    private final Outcomes outcomes;
    private final DeliverySettings settings;

    DeliveryOperations(
            Statements sql,
            TransactionTemplate transaction,
            Audit audit,
            Outcomes outcomes,
            DeliverySettings settings) {
        this.sql = sql;
        this.transaction = transaction;
        this.audit = audit;
        this.outcomes = outcomes;
        this.settings = settings;
    }

    /**
     * A row of the ledger, without its event.
     *
     * @param recipient the id of the person, where one event has several deliveries; otherwise empty
     * @param person the id of the person whom it is for, or whom its event is about
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
            @Nullable String person,
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

    /**
     * An attempt; without an end, it was cut off or is in progress. What happened after it has the same number.
     *
     * @param by null for an attempt; otherwise who reports about its mail, or the operator who changed the delivery
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Attempt(
            int attempt,
            Instant startedAt,
            @Nullable Instant endedAt,
            @Nullable Long durationMs,
            @Nullable String outcome,
            @Nullable String code,
            @Nullable String reason,
            @Nullable String by) {

        /** How long it took, in words; null without an end, and for what is not an attempt. */
        public @Nullable String took() {
            return durationMs == null || by != null
                    ? null
                    : durationMs < 1 ? "under 1 ms" : "%,d ms".formatted(durationMs);
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

    /** A delivery to change, which is locked. */
    record Row(
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
     * @throws InvalidEndpointRequestException when that takes too long
     */
    public Page<Summary> find(DeliveryCriteria criteria, int limit, @Nullable UUID after) {
        return bounded(() -> {
            OffsetDateTime end =
                    after == null ? null : summary(after).createdAt().atOffset(ZoneOffset.UTC);
            List<Summary> found = List.of();
            for (int i = 0; i < WINDOWS.size() && found.size() < limit; i++) {
                found = criteria.in(sql.of("delivery/find-deliveries", "after", after, "end", end, "limit", limit))
                        .param("window", WINDOWS.get(i).toSeconds())
                        .query(Summary.class)
                        .list();
            }
            return Page.of("deliveries", found, limit, Summary::id);
        });
    }

    /** A search that gives up after some seconds, whatever the criteria. */
    <T> T bounded(Supplier<T> search) {
        try {
            return transaction.execute(status -> {
                sql.of("delivery/limit-search").query(String.class).single();
                return search.get();
            });
        } catch (QueryTimeoutException e) {
            throw Arguments.wrong("the filter", "takes too long to search for: add a status, a group, or a time");
        }
    }

    /** One delivery, with its attempts and its event. */
    public Details get(UUID id) {
        return new Details(
                summary(id),
                sql.of("delivery/find-attempts", "id", id).query(Attempt.class).list(),
                MaskedJson.of(sql.of("delivery/find-event", "id", id)
                        .query(String.class)
                        .single()));
    }

    private Summary summary(UUID id) {
        return sql.of("delivery/find-delivery", "id", id)
                .query(Summary.class)
                .optional()
                .orElseThrow(() -> notThere(id));
    }

    /** Whether a delivery in this status can be retried. */
    public static boolean isRetriable(String status) {
        return DeliveryAction.RETRY.suits(status);
    }

    /**
     * Retries or cancels a delivery, or marks it as done.
     *
     * @param reason why; a retry needs none
     */
    public Summary change(UUID id, DeliveryAction action, String by, @Nullable String reason) {
        String why = action.reason(reason);
        Supplier<String> work = () -> {
            Row row = lock(id, action);
            apply(action, List.of(row), by, why);
            return "was %s, is %s".formatted(row.status(), action.result);
        };
        change(action, by, Map.of("id", id.toString()), why, work, result -> result);
        return summary(id);
    }

    /** Makes a change with its audit row, and tells the application. */
    <T> T change(
            DeliveryAction action,
            String by,
            Map<String, String> about,
            @Nullable String why,
            Supplier<T> work,
            Function<T, @Nullable String> result) {
        Map<String, String> arguments = new LinkedHashMap<>(about);
        if (why != null) {
            arguments.put("reason", why);
        }
        T changed = audit.change(by, "deliveries." + action.value(), arguments, work, result);
        outcomes.tellRest();
        return changed;
    }

    private Row lock(UUID id, DeliveryAction action) {
        Row row = sql.of("delivery/lock-delivery", "id", id)
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
        if (!action.suits(row.status())) {
            throw Arguments.refused("the delivery is %s: %s".formatted(row.status(), action.rule));
        }
        return row;
    }

    /** Changes locked deliveries, which suit the action, and returns how many. */
    int apply(DeliveryAction action, List<Row> rows, String by, @Nullable String why) {
        String ids = rows.stream().map(row -> row.id().toString()).collect(Collectors.joining(","));
        String verb = action == DeliveryAction.CANCEL ? "cancelled" : "done";
        sql.of(action.statement, "ids", ids, "reason", Masking.mask("%s by %s: %s".formatted(verb, by, why)))
                .param("by", by)
                .param("told", settings.outcomeEvents())
                .update();
        if (action != DeliveryAction.CANCEL) {
            rows.forEach(row -> outcomes.changedByOperator(row.id(), row.consumerGroup(), row.attempts()));
        }
        return rows.size();
    }

    /** Writes at most 100,000 deliveries as CSV (RFC 4180), in pages, newest first; a person is an id, and addresses are masked. */
    public void csv(DeliveryCriteria criteria, OutputStream out) throws IOException {
        out.write((CSV_HEADER + "\r\n").getBytes(UTF_8));
        UUID after = null;
        for (int i = 0; i < CSV_PAGES && (i == 0 || after != null); i++) {
            Page<Summary> page = find(criteria, CSV_PAGE, after);
            for (Summary row : page.rows()) {
                out.write((line(row) + "\r\n").getBytes(UTF_8));
            }
            after = (UUID) page.next();
        }
    }

    /** A cell that a spreadsheet would take for a formula begins with an apostrophe. */
    private static String line(Summary of) {
        @Nullable
        Object[] cells = {
            of.createdAt(),
            of.id(),
            of.consumerGroup(),
            of.eventId(),
            of.eventType(),
            of.campaignId(),
            of.person(),
            of.status(),
            of.reason(),
            of.attempts(),
            of.dueAt(),
            of.waitsFor(),
            of.updatedAt()
        };
        return Arrays.stream(cells)
                .map(cell -> cell == null ? "" : cell.toString().replaceFirst("^(?=[=+@\\t\\r-])", "'"))
                .map(cell -> '"' + cell.replace("\"", "\"\"") + '"')
                .collect(Collectors.joining(","));
    }

    private static RuntimeException notThere(UUID id) {
        return Arguments.missing("there is no delivery " + id);
    }
}
