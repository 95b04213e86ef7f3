package routes.dev;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.testcontainers.postgresql.PostgreSQLContainer;

/** PostgreSQL as its image runs it. */
final class DatabaseInContainer implements DatabaseServer {
    private static final Duration START = Duration.ofSeconds(60);

    private final PostgreSQLContainer container = new PostgreSQLContainer("postgres:17.11")
            .withDatabaseName(NAME)
            .withUsername(NAME)
            .withPassword(NAME);

    private DatabaseInContainer() {}

    /**
     * Starts the container, with the application's tables.
     *
     * @param port on this machine, fixed so that a restart does not change it
     */
    static DatabaseInContainer start(int port) {
        DatabaseInContainer database = new DatabaseInContainer();
        // The library's own command turns fsync off.
        database.container.setCommand("postgres", "-c", "fsync=on");
        database.container.setPortBindings(List.of(port + ":5432"));
        database.container.start();
        database.createApplicationTables();
        return database;
    }

    @Override
    public String url() {
        return container.getJdbcUrl();
    }

    @Override
    public void kill() {
        Containers.kill(container);
    }

    @Override
    public void restart() {
        Containers.restart(container, START, this::answers);
    }

    @Override
    public void close() {
        container.stop();
    }

    private boolean answers() {
        try (Connection connection = dataSource().getConnection()) {
            return connection.isValid(1);
        } catch (SQLException notYet) {
            return false;
        }
    }
}
