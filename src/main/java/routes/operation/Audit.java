package routes.operation;

import com.fasterxml.jackson.core.type.TypeReference;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;
import routes.event.EventJson;
import routes.settings.Statements;

/** Records who changed what with which operation: one row of {@code event_routes.audit} each, in the operation's own transaction. */
@Component
public class Audit {

    private final Statements sql;
    private final TransactionTemplate transaction;

    Audit(TransactionTemplate transaction, Statements sql) {
        this.sql = sql;
        this.transaction = transaction;
    }

    /**
     * A change by an operator.
     *
     * @param arguments of the operation, by name
     */
    public record Entry(long id, Instant at, String who, String operation, Object arguments, String result) {}

    private record Row(long id, Instant at, String who, String operation, String arguments, String result) {

        Entry entry() {
            return new Entry(id, at, who, operation, EventJson.column(arguments, new TypeReference<>() {}), result);
        }
    }

    /**
     * Changes, newest first.
     *
     * @param operation such as {@code deliveries.retry}, or {@code deliveries} for all of that endpoint; null for all
     * @param who who made the changes; null for all
     * @param before the last one on the previous page; null for the first page
     */
    public Page<Entry> list(@Nullable String operation, @Nullable String who, int limit, @Nullable String before) {
        List<Entry> found = sql
                .of("operation/find-audit")
                .param("operation", Arguments.criterion("operation", operation))
                .param("who", Arguments.criterion("who", who))
                .param("before", before == null ? null : Arguments.count("before", before, 1, 999_999_999))
                .param("limit", limit)
                .query(Row.class)
                .list()
                .stream()
                .map(Row::entry)
                .toList();
        return Page.of("audit", found, limit, Entry::id);
    }

    /** Makes a change that returns its own result, and writes its row, in one transaction. */
    public void change(String who, String operation, Map<String, ?> arguments, Supplier<String> work) {
        change(who, operation, arguments, work, Function.identity());
    }

    /**
     * Makes a change and writes its row, in one transaction: if the change is refused, there is neither.
     *
     * @param work checks that the change can be made, and makes it
     * @param result describes the result; null if nothing was changed, which leaves no row
     */
    public <T> T change(
            String who,
            String operation,
            Map<String, ?> arguments,
            Supplier<T> work,
            Function<T, @Nullable String> result) {
        return transaction.execute(status -> {
            T done = work.get();
            String written = result.apply(done);
            if (written != null) {
                write(who, operation, arguments, written);
            }
            return done;
        });
    }

    /**
     * Writes a row.
     *
     * @param who who asked for it
     * @param operation the operation, such as {@code deliveries.retry}
     * @param arguments its arguments, without personal data and secrets
     * @param result the result
     */
    public void write(String who, String operation, Map<String, ?> arguments, String result) {
        sql.of("operation/audit")
                .param("who", who)
                .param("operation", operation)
                .param("arguments", EventJson.mapper().valueToTree(arguments).toString())
                .param("result", result)
                .update();
    }
}
