package faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.springframework.util.FileSystemUtils;
import routes.dev.Ports;

/** A standby of the stage's database, which follows it by streaming, and may become the primary (PostgreSQL, chapter 26). */
final class Standby implements AutoCloseable {

    private final Path program;
    private final Path data;
    private final int port = new Ports().any();
    private final JdbcTemplate server;

    private Standby(Path program, Path data) {
        this.program = program;
        this.data = data;
        this.server = new JdbcTemplate(
                new DriverManagerDataSource("jdbc:postgresql://localhost:%d/postgres".formatted(port), "postgres", ""));
    }

    /** Copies the primary's files while it works, and follows it from then on. */
    static Standby of(Stage stage) throws Exception {
        Path primary = ServerProcesses.databaseDirectory(stage.platform());
        Path copy = primary.resolveSibling("standby");
        FileSystemUtils.deleteRecursively(copy);
        SingleConnectionDataSource connection =
                new SingleConnectionDataSource(stage.platform().database().url(), "postgres", "", true);
        JdbcTemplate backup = new JdbcTemplate(connection);
        try {
            String port = backup.queryForObject("SHOW port", String.class);
            Path program =
                    Path.of(backup.queryForObject("SELECT setting FROM pg_config WHERE name = 'BINDIR'", String.class));
            backup.execute("ALTER SYSTEM SET wal_keep_size = '256MB'");
            backup.execute("SELECT pg_reload_conf()");
            backup.execute("SELECT pg_backup_start('standby', true)");
            copy(primary, copy);
            String label = backup.queryForObject("SELECT labelfile FROM pg_backup_stop(false)", String.class);
            Files.writeString(copy.resolve("backup_label"), label);
            Files.createFile(copy.resolve("standby.signal"));
            Standby standby = new Standby(program, copy);
            Files.writeString(copy.resolve("postgresql.auto.conf"), """
                    port = %d
                    unix_socket_directories = ''
                    max_connections = 100
                    primary_conninfo = 'host=localhost port=%s user=postgres'
                    """.formatted(standby.port, port));
            standby.control("start");
            return standby;
        } finally {
            connection.destroy();
        }
    }

    /** What a server writes while it is copied may be half there: the log makes it whole. */
    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Path target = to.resolve(from.relativize(file).toString());
                String name = from.relativize(file).toString();
                if (name.startsWith("postmaster") || (name.startsWith("pg_wal") && Files.isRegularFile(file))) {
                    continue;
                }
                try {
                    Files.copy(file, target, StandardCopyOption.COPY_ATTRIBUTES);
                } catch (NoSuchFileException gone) {
                    // A temporary file.
                }
            }
        }
    }

    int port() {
        return port;
    }

    /** Whether it has all that the primary had written when it was asked. */
    boolean isAt(String position) {
        return Boolean.TRUE.equals(
                server.queryForObject("SELECT pg_last_wal_replay_lsn() >= CAST(? AS pg_lsn)", Boolean.class, position));
    }

    /** Hears no more of the primary. */
    void stopFollowing() {
        server.execute("ALTER SYSTEM SET primary_conninfo = ''");
        server.execute("SELECT pg_reload_conf()");
    }

    /** Becomes the primary. */
    void promote() {
        server.queryForObject("SELECT pg_promote()", Boolean.class);
    }

    /** Ends it, and leaves what it knows to the server that was the primary, which is to be ended, too. */
    void handOver(Path primary) throws Exception {
        control("stop");
        FileSystemUtils.deleteRecursively(primary);
        Files.delete(data.resolve("postgresql.auto.conf"));
        Files.createFile(data.resolve("postgresql.auto.conf"));
        Files.move(data, primary);
    }

    private void control(String command) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>();
        if ("root".equals(System.getProperty("user.name"))) {
            all.addAll(List.of("unshare", "-U")); // it refuses to run as root
        }
        all.addAll(List.of(program.resolve("pg_ctl").toString(), "-D", data.toString(), "-m", "fast", "-w", command));
        Process process = new ProcessBuilder(all)
                .redirectErrorStream(true)
                .redirectOutput(Stage.file("standby.log").toFile())
                .start();
        if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
            throw new IllegalStateException("pg_ctl %s: see %s".formatted(command, Stage.file("standby.log")));
        }
    }

    @Override
    public void close() throws Exception {
        if (Files.exists(data.resolve("postmaster.pid"))) {
            control("stop");
        }
    }
}
