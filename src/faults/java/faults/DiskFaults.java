package faults;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import routes.dev.DatabaseServer;
import routes.dev.KafkaServer;
import routes.dev.Platform;

/**
 * Disks that are full. They are small ones in memory, which none but the processes in this one's mount namespace can see:
 * {@link DiskFaultsIT} starts it there.
 */
final class DiskFaults {

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Duration FULL = Duration.ofSeconds(15);

    private final Stage stage;

    private DiskFaults(Stage stage) {
        this.stage = stage;
    }

    /** Causes it, and throws unless all holds; what was found lies in the report of its stage. */
    public static void main(String[] args) throws Exception {
        try (Stage stage = new Stage()) {
            new DiskFaults(stage).f9();
        }
    }

    private void f9() throws Exception {
        Platform platform = stage.platform();
        DatabaseServer database = platform.database();
        KafkaServer broker = platform.kafka();
        try (Fault fault = stage.fault(
                "F9",
                "no space left for PostgreSQL, then for the broker",
                "readiness down, nothing lost when space returns")) {
            database.close();
            Path tables = onSmallDisk(ServerProcesses.databaseDirectory(platform));
            database.restart();
            broker.close();
            Path logs = onSmallDisk(ServerProcesses.brokerDirectory(platform));
            broker.restart();
            Service service = stage.service();
            fault.load(fault.usualLoad()).start();
            Flow.untilAllFlows(stage);

            Path file = fill(tables);
            long begin = System.nanoTime();
            await("readiness goes down").atMost(PATIENCE).until(() -> !isWritten(database) && !service.isReady());
            fault.longest("not ready after, s", Duration.ofNanos(System.nanoTime() - begin));
            Flow.pause(FULL);
            fault.require(!service.isReady(), "ready without its database");
            Files.delete(file);
            database.restart();
            fault.longest("flowing after PostgreSQL has space, s", Flow.untilAllFlows(stage));
            await("readiness").atMost(PATIENCE).until(service::isReady);

            file = fill(logs);
            Flow.pause(FULL);
            fault.figure("the broker answers without space", broker.answers());
            Files.delete(file);
            broker.kill();
            broker.restart();
            fault.longest("flowing after the broker has space, s", Flow.untilAllFlows(stage));

            fault.require(service.isAlive(), "the service has ended")
                    .standstillAllowed(PATIENCE)
                    .end(0);
        }
    }

    /** Puts what a directory holds on a disk with little space, in the directory's place. */
    private static Path onSmallDisk(Path directory) throws Exception {
        String script = "set -e; cp -a \"$0\" \"$0.before\"; mount -t tmpfs -o mode=0700,size=384m small \"$0\";"
                + " cp -a \"$0.before/.\" \"$0\"; rm -r \"$0.before\"";
        int code = new ProcessBuilder("sh", "-c", script, directory.toString())
                .inheritIO()
                .start()
                .waitFor();
        if (code != 0) {
            throw new IllegalStateException("No small disk at %s: %d".formatted(directory, code));
        }
        return directory;
    }

    /** Leaves no byte. */
    private static Path fill(Path disk) {
        Path file = disk.resolve("fill");
        byte[] block = new byte[4_096];
        try (OutputStream out = Files.newOutputStream(file)) {
            while (true) {
                out.write(block);
            }
        } catch (IOException full) {
            return file;
        }
    }

    /** Whether PostgreSQL can go on with a new file of its log, which it needs sooner or later. */
    private static boolean isWritten(DatabaseServer database) {
        DriverManagerDataSource superuser = new DriverManagerDataSource(database.url(), "postgres", "postgres");
        try {
            new JdbcTemplate(superuser).queryForObject("SELECT CAST(pg_switch_wal() AS text)", String.class);
            return true;
        } catch (DataAccessException e) {
            return false;
        }
    }
}
