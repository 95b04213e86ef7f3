package routes.operation;

import java.util.Map;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import routes.event.EventJson;
import routes.settings.SqlFiles;

/** Keeps who changed what by an operation: a row of {@code event_routes.audit} each, in the operation's own transaction. */
@Component
public class Audit {

    private final JdbcClient jdbc;
    private final String write;

    Audit(JdbcClient jdbc, SqlFiles sql) {
        this.jdbc = jdbc;
        this.write = sql.read("operation/audit.sql");
    }

    /**
     * Writes a row.
     *
     * @param who who asked for it, in their own words
     * @param operation what was asked, such as {@code deliveries.retry}
     * @param arguments with what; no personal data and no secrets
     * @param result what came of it
     */
    public void write(String who, String operation, Map<String, ?> arguments, String result) {
        jdbc.sql(write)
                .param("who", who)
                .param("operation", operation)
                .param("arguments", EventJson.mapper().valueToTree(arguments).toString())
                .param("result", result)
                .update();
    }
}
