package routes.mail.smtp;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import routes.mail.smtp.Suppressions.Suppression;
import routes.operation.Arguments;
import routes.operation.Audit;
import routes.operation.Page;
import routes.settings.Statements;

/** The suppressions as an operator sees and lifts them. */
@Component
class SuppressionOperations {

    private final Statements sql;
    private final Audit audit;

    SuppressionOperations(Audit audit, Statements sql) {
        this.sql = sql;
        this.audit = audit;
    }

    /**
     * The suppressions that hold, newest first.
     *
     * @param before the hash of the last one of the page before; null for the first page
     */
    Page<Suppression> list(int limit, @Nullable String before) {
        List<Suppression> rows = sql.of("mail/smtp/list-suppressions")
                .param("before", before)
                .param("limit", limit)
                .query(Suppression.class)
                .list();
        return Page.of("suppressions", rows, limit, Suppression::address);
    }

    /**
     * Lets an address be written to again.
     *
     * @param address the hash of it
     */
    void lift(String address, String by) {
        boolean lifted = audit.change(
                by,
                "suppressions.lift",
                Map.of("address", address),
                () -> sql.of("mail/smtp/lift-suppression")
                                .param("address", address)
                                .update()
                        > 0,
                found -> found ? "lifted" : "was not suppressed");
        if (!lifted) {
            throw Arguments.missing("the address is not suppressed");
        }
    }
}
