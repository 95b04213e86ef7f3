package faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.springframework.util.FileSystemUtils;

/**
 * The executable jar, unpacked as in its image, with an archive of its classes: a start takes less than half of the time, which is most
 * of what the faults take, and of the time until the service works again.
 */
public final class QuickStart {

    /** As in the Dockerfile. */
    private static final Duration IMAGE_TRAINING = Duration.ofSeconds(60);

    private final Path jar;
    private final Path archive;

    private QuickStart(Path jar, Path archive) {
        this.jar = jar;
        this.archive = archive;
    }

    /** That of this build, made when it is first asked for: unpacked, and started until its routes would, which is most of the classes. */
    public static QuickStart ofThisBuild() {
        return OfThisBuild.QUICK_START;
    }

    private static final class OfThisBuild {
        static final QuickStart QUICK_START = prepare(emptied(Path.of("target", "quick-start")), false);
    }

    private static Path emptied(Path directory) {
        try {
            FileSystemUtils.deleteRecursively(directory);
            return Files.createDirectories(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The same as the image is built: routes are started, too, and wait for servers that there are not, until the process is ended. */
    public static QuickStart prepareAsInImage(Path directory) {
        return prepare(directory, true);
    }

    private static QuickStart prepare(Path directory, boolean routesStart) {
        Path unpacked = directory.resolve("unpacked");
        Path archive = directory.resolve("classes.jsa").toAbsolutePath();
        run(new ProcessBuilder(
                Service.java(),
                "-Djarmode=tools",
                "-jar",
                Service.JAR.toString(),
                "extract",
                "--destination",
                unpacked.toString()));
        Path jar = unpacked.resolve(Service.JAR.getFileName());
        Path log = directory.resolve("training.log");
        Service.Start training = Service.Start.of(
                        log,
                        Map.of(
                                "KAFKA_BROKERS", "localhost:1",
                                "DB_URL", "jdbc:postgresql://localhost:1/none",
                                "SMTP_HOST", "localhost",
                                "MAIL_FROM", "nobody@example.com",
                                "SERVER_PORT", "0",
                                "MANAGEMENT_PORT", "0"))
                .withJar(jar)
                .withJvm("-XX:ArchiveClassesAtExit=" + archive)
                .with("--spring.flyway.enabled=false", "--spring.datasource.hikari.connection-timeout=250");
        if (routesStart) {
            end(Service.process(training), IMAGE_TRAINING);
        } else {
            await(
                    Service.process(training.withJvm("-Dspring.context.exit=onRefresh")),
                    "the archive of classes: see " + log);
        }
        if (!Files.exists(archive)) {
            throw new IllegalStateException("There is no archive of classes: see " + log);
        }
        return new QuickStart(jar, archive);
    }

    /** The unpacked jar. */
    public Path jar() {
        return jar;
    }

    /** The archive of classes of a start without servers. */
    public Path archive() {
        return archive;
    }

    /** The same start, as quick. */
    public Service.Start apply(Service.Start start) {
        return start.withJar(jar).withJvm("-XX:SharedArchiveFile=" + archive);
    }

    private static void end(Process process, Duration after) {
        try {
            process.waitFor(after.toSeconds(), TimeUnit.SECONDS);
            process.destroy();
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static void run(ProcessBuilder command) {
        try {
            await(
                    command.redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start(),
                    String.join(" ", command.command()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void await(Process process, String what) {
        try {
            int code = process.waitFor();
            if (code != 0) {
                throw new IllegalStateException("%s answered %d".formatted(what, code));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
