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

/** Shows operators the suppressions, and lifts them. */
@Component
class SuppressionOperations {

    private final Statements sql;
    private final Audit audit;

    SuppressionOperations(Audit audit, Statements sql) {
        this.sql = sql;
        this.audit = audit;
    }

    /**
     * The active suppressions, newest first.
     *
     * @param before the hash of the last one on the previous page; null for the first page
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
     * Lets an address get mail again.
     *
     * @param address its hash
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
