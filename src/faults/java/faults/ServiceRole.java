package faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import routes.dev.DatabaseServer;

/**
 * A role of the database for the service alone, so that what is taken from it keeps out nobody else. As a member of the owner's it may do
 * what the owner of the tables may. Its password is asked for.
 */
final class ServiceRole {

    static final String NAME = "service";
    private static final String PASSWORD = "known-to-both";

    private final JdbcTemplate server;

    /** Makes the role where it is missing. */
    ServiceRole(Stage stage) {
        server = new JdbcTemplate(
                new DriverManagerDataSource(stage.platform().database().url(), "postgres", "postgres"));
        if (server.queryForList("SELECT FROM pg_roles WHERE rolname = ?", NAME).isEmpty()) {
            execute("CREATE ROLE %s LOGIN PASSWORD '%s'".formatted(NAME, PASSWORD));
            giveRights();
            askForItsPassword(
                    ServerProcesses.databaseDirectory(stage.platform()).resolve("pg_hba.conf"));
            execute("SELECT pg_reload_conf()");
        }
    }

    private static void askForItsPassword(Path rules) {
        try (Stream<String> lines = Files.lines(rules)) {
            List<String> all = new ArrayList<>(List.of("host all %s all scram-sha-256".formatted(NAME)));
            all.addAll(lines.toList());
            Files.write(rules, all);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An instance that logs in as this role. */
    Service.Start of(Service.Start start) {
        return start.withVariable("DB_USERNAME", NAME).withVariable("DB_PASSWORD", PASSWORD);
    }

    void takePassword() {
        execute("ALTER ROLE %s PASSWORD 'another'".formatted(NAME));
        endSessions();
    }

    void givePassword() {
        execute("ALTER ROLE %s PASSWORD '%s'".formatted(NAME, PASSWORD));
    }

    void takeRights() {
        execute("REVOKE %s FROM %s".formatted(DatabaseServer.NAME, NAME));
    }

    void giveRights() {
        execute("GRANT %s TO %s".formatted(DatabaseServer.NAME, NAME));
    }

    /** Gives all of its sessions a setting. */
    void set(String name, String value) {
        execute("ALTER ROLE %s SET %s = '%s'".formatted(NAME, name, value));
        endSessions();
    }

    void resetAll() {
        execute("ALTER ROLE %s RESET ALL".formatted(NAME));
        endSessions();
    }

    /** Lets it have so many sessions at most; -1 for as many as there is room for. */
    void limitSessions(int most) {
        execute("ALTER ROLE %s CONNECTION LIMIT %d".formatted(NAME, most));
        endSessions();
    }

    private void endSessions() {
        server.queryForList("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = ?", NAME);
    }

    /** As the superuser, who may do anything to the server. */
    void execute(String statement) {
        server.execute(statement);
    }
}
