package routes.outbox;

import static routes.outbox.Outbox.array;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import routes.background.Masking;
import routes.event.EventReader;
import routes.event.InvalidEventException;
import routes.operation.Arguments;
import routes.operation.Audit;
import routes.operation.MaskedJson;
import routes.operation.Page;
import routes.settings.OnRole;
import routes.settings.Role;
import routes.settings.Statements;

/**
 * The rows of the outbox that are not valid events. They wait until somebody publishes them, unchanged or corrected, or drops
 * them. Every change leaves a row in the audit, in the same transaction.
 */
@OnRole(Role.PUBLISH)
@Component
public class OutboxOperations {

    /** The maximum number of rows changed in one transaction: each can be 64 KiB, and all are in memory. */
    private static final int AT_ONCE = 1_000;

    /** How many rows one call looks at: where more stay invalid, a type leads past them. */
    private static final int LOOKED_AT = 100_000;

    private final Statements sql;
    private final EventReader reader;
    private final Audit audit;

    OutboxOperations(EventReader reader, Audit audit, Statements sql) {
        this.sql = sql;
        this.reader = reader;
        this.audit = audit;
    }

    private record Row(
            long id,
            Instant createdAt,
            String refusedBecause,
            @Nullable String type,
            @Nullable String campaign,
            String event) {

        Refused refused() {
            return new Refused(id, createdAt, refusedBecause, Masking.mask(type), Masking.mask(campaign));
        }
    }

    /**
     * A row that is not a valid event.
     *
     * @param refusedBecause all that is wrong with it
     * @param type the value of the type field, with mail addresses masked; null if missing
     * @param campaign the same for its campaign
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Refused(
            long id,
            Instant createdAt,
            String refusedBecause,
            @Nullable String type,
            @Nullable String campaign) {}

    /** Such a row with its content, with mail addresses masked. */
    public record Content(Refused row, Object event) {}

    /**
     * The result of an operation on many rows, actual or expected.
     *
     * @param rows how many will be published next, or were dropped
     * @param refused how many are still not valid events, and stay unchanged
     * @param left how many were not processed, because one transaction has a limit
     */
    record Changed(long rows, long refused, long left) {}

    /** Rows, oldest first, all or those of a type, following the row {@code after}. */
    Page<Refused> find(@Nullable String type, @Nullable Long after, int limit) {
        List<Refused> rows =
                query("outbox/find-refused", null, type, limit).param("after", after).query(Row.class).list().stream()
                        .map(Row::refused)
                        .toList();
        return Page.of("rows", rows, limit, Refused::id);
    }

    /** One row. */
    Content get(long id) {
        return query("outbox/find-refused", id, null, 1)
                .param("after", null)
                .query(Row.class)
                .optional()
                .map(row -> new Content(row.refused(), MaskedJson.of(row.event())))
                .orElseThrow(() -> notThere(id));
    }

    /** Releases one row for publishing, if it has become a valid event. */
    void retry(long id, String by) {
        change(id, by, "outbox.retry", Map.of("row", id), row -> {
            violation(row.event(), row.createdAt()).ifPresent(violation -> {
                throw Arguments.refused("the row is still not a valid event: " + violation);
            });
            sql.of("outbox/retry", "ids", array(List.of(id))).update();
            return "to be published";
        });
    }

    /** Replaces a row's event, and releases the row for publishing. */
    void mend(long id, String event, String by) {
        violation(event, Instant.now()).ifPresent(violation -> {
            throw Arguments.wrong("event", "is invalid: " + violation);
        });
        change(id, by, "outbox.mend", Map.of("row", id), row -> {
            try {
                sql.of("outbox/mend", "id", id, "event", event).update();
            } catch (DataIntegrityViolationException e) {
                throw Arguments.wrong("event", "does not fit into a row: it has " + excess(e));
            }
            return "was refused (%s), will be published".formatted(row.refusedBecause());
        });
    }

    /** What an event has that the table does not take: its only constraint is about the size, and jsonb takes less than JSON allows. */
    private static String excess(DataIntegrityViolationException failure) {
        boolean constraint =
                failure.getMostSpecificCause() instanceof SQLException sql && "23514".equals(sql.getSQLState());
        return constraint
                ? "more than 64 KiB"
                : "a NUL character (\\u0000), half of a surrogate pair, or a number that is too large";
    }

    /** Deletes one row for good. */
    void drop(long id, String by, String reason) {
        change(id, by, "outbox.drop", Map.of("row", id, "reason", reason), row -> {
            sql.of("outbox/delete", "ids", array(List.of(id))).update();
            return "was refused (%s), was dropped".formatted(row.refusedBecause());
        });
    }

    private void change(long id, String by, String operation, Map<String, ?> arguments, Function<Row, String> change) {
        Supplier<String> work = () -> change.apply(query("outbox/lock-refused", id, null, 1)
                .query(Row.class)
                .optional()
                .orElseThrow(() -> notThere(id)));
        audit.change(by, operation, arguments, work);
    }

    /** Predicts {@link #retryAll}. */
    Changed planRetry(@Nullable String type) {
        Valid found = valid(type);
        return new Changed(found.ids().size(), found.refused(), found.left());
    }

    /** Releases all rows, or those of a type, that have become valid events for publishing, {@value #AT_ONCE} at most. */
    Changed retryAll(@Nullable String type, String by) {
        Supplier<Changed> work = () -> {
            Valid found = valid(type);
            int released = sql.of("outbox/retry", "ids", array(found.ids())).update();
            return new Changed(released, found.refused(), found.left());
        };
        return audit.change(
                by, "outbox.retry", selection(type), work, changed -> changed.rows() + " rows will be published");
    }

    /** Predicts {@link #dropAll}. */
    Changed planDrop(@Nullable String type) {
        long all = count(type);
        return new Changed(Math.min(all, AT_ONCE), 0, Math.max(0, all - AT_ONCE));
    }

    /** Deletes all rows, or those of a type, for good, {@value #AT_ONCE} at most. */
    Changed dropAll(@Nullable String type, String by, String reason) {
        Map<String, Object> arguments = new TreeMap<>(selection(type));
        arguments.put("reason", reason);
        Supplier<Changed> work = () -> {
            List<Long> ids = query("outbox/lock-refused", null, type, AT_ONCE).query(Row.class).list().stream()
                    .map(Row::id)
                    .toList();
            sql.of("outbox/delete", "ids", array(ids)).update();
            return new Changed(ids.size(), 0, count(type));
        };
        return audit.change(by, "outbox.drop", arguments, work, changed -> changed.rows() + " rows were dropped");
    }

    /**
     * Rows that have become valid events.
     *
     * @param refused how many before or between them have not
     * @param left how many were not looked at
     */
    private record Valid(List<Long> ids, long refused, long left) {}

    /** Looks for them page by page: those that stay invalid are in nobody's way. */
    private Valid valid(@Nullable String type) {
        List<Long> ids = new ArrayList<>();
        long looked = 0;
        long after = 0;
        while (looked < LOOKED_AT) {
            List<Row> rows = query("outbox/find-refused", null, type, AT_ONCE)
                    .param("after", after)
                    .query(Row.class)
                    .list();
            for (Row row : rows) {
                looked++;
                after = row.id();
                if (violation(row.event(), row.createdAt()).isEmpty()) {
                    ids.add(row.id());
                }
                if (ids.size() == AT_ONCE) {
                    return new Valid(ids, looked - AT_ONCE, Math.max(0, count(type) - looked));
                }
            }
            if (rows.size() < AT_ONCE) {
                return new Valid(ids, looked - ids.size(), 0);
            }
        }
        return new Valid(ids, looked - ids.size(), Math.max(0, count(type) - looked));
    }

    private long count(@Nullable String type) {
        return sql.of("outbox/count-refused", "type", type).query(Long.class).single();
    }

    /** The problem of an event; empty if there is none. */
    private Optional<String> violation(String event, Instant createdAt) {
        try {
            reader.readWaiting(event, createdAt);
            return Optional.empty();
        } catch (InvalidEventException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    private static RuntimeException notThere(long id) {
        return Arguments.missing("there is no refused row %d".formatted(id));
    }

    private JdbcClient.StatementSpec query(String statement, @Nullable Long id, @Nullable String type, int limit) {
        return sql.of(statement).param("id", id).param("type", type).param("limit", limit);
    }

    private static Map<String, Object> selection(@Nullable String type) {
        return type == null ? Map.of() : Map.of("type", type);
    }
}
