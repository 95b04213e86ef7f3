package faults;

import java.time.Duration;
import java.util.List;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import routes.dev.DatabaseServer;

/**
 * The clock of the database as its clients see it, which can be set: functions in the place of the server's own, for all new sessions, and
 * for what columns have by default. What it does not show are the server's own waits, such as {@code statement_timeout}, and the time
 * of its start.
 */
final class DatabaseClock implements AutoCloseable {

    private static final List<String> FUNCTIONS = List.of("now", "clock_timestamp", "statement_timestamp");

    private final JdbcTemplate server;

    DatabaseClock(Stage stage) {
        server = new JdbcTemplate(
                new DriverManagerDataSource(stage.platform().database().url(), "postgres", "postgres"));
        server.execute("CREATE SCHEMA skewed");
        server.execute("CREATE TABLE skewed.clock AS SELECT interval '0' AS ahead");
        for (String function : FUNCTIONS) {
            server.execute(
                    "CREATE FUNCTION skewed.%1$s() RETURNS timestamptz LANGUAGE sql STABLE AS 'SELECT pg_catalog.%1$s() + ahead FROM skewed.clock'"
                            .formatted(function));
        }
        server.execute("GRANT USAGE ON SCHEMA skewed TO PUBLIC");
        server.execute("GRANT SELECT ON skewed.clock TO PUBLIC");
        defaults("now()", "skewed.now()");
        server.execute("ALTER DATABASE %s SET search_path = skewed, pg_catalog, public".formatted(DatabaseServer.NAME));
        endSessions();
    }

    /** Sets it. */
    void set(Duration ahead) {
        server.execute("UPDATE skewed.clock SET ahead = make_interval(secs => %d)".formatted(ahead.toSeconds()));
    }

    private void defaults(String before, String after) {
        server.queryForList("""
                        SELECT format('ALTER TABLE %I.%I ALTER %I SET DEFAULT ', table_schema, table_name, column_name)
                        FROM information_schema.columns
                        WHERE table_schema IN ('event_routes', 'public') AND column_default = ?
                        """, String.class, before).forEach(alter -> server.execute(alter + after));
    }

    private void endSessions() {
        server.queryForList("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                + " WHERE datname = current_database() AND pid <> pg_backend_pid()");
    }

    @Override
    public void close() {
        server.execute("ALTER DATABASE %s RESET search_path".formatted(DatabaseServer.NAME));
        defaults("skewed.now()", "pg_catalog.now()");
        endSessions();
        server.execute("DROP SCHEMA skewed CASCADE");
    }
}
