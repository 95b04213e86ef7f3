package routes.mail.smtp;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import routes.mail.smtp.Suppressions.Suppression;
import routes.operation.Audit;
import routes.operation.Operator;
import routes.operation.Page;
import routes.settings.SqlFiles;

/** The suppressions as an operator sees and lifts them. */
@Component
class SuppressionOperations {

    private final JdbcClient jdbc;
    private final Audit audit;
    private final String list;
    private final String lift;

    SuppressionOperations(JdbcClient jdbc, Audit audit, SqlFiles sql) {
        this.jdbc = jdbc;
        this.audit = audit;
        this.list = sql.read("mail/smtp/list-suppressions.sql");
        this.lift = sql.read("mail/smtp/lift-suppression.sql");
    }

    /**
     * The suppressions that hold, newest first.
     *
     * @param before the hash of the last one of the page before; null for the first page
     */
    Page<Suppression> list(int limit, @Nullable String before) {
        List<Suppression> rows = jdbc.sql(list)
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
                () -> jdbc.sql(lift).param("address", address).update() > 0,
                found -> found ? "lifted" : "was not suppressed");
        if (!lifted) {
            throw Operator.missing("the address is not suppressed");
        }
    }
}
