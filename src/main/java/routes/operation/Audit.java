package routes.operation;

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
