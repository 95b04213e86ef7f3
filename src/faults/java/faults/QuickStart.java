package faults;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;
import routes.dev.Platform;
import routes.dev.Training;

/**
 * The executable jar, unpacked as in its image, with an archive of its classes: a start takes less than half of the time, which is most
 * of what the faults take, and of the time until the service works again.
 */
public final class QuickStart {

    /** As in the Dockerfile; it takes seconds to write the archive. */
    private static final Duration TRAINING = Duration.ofMinutes(10);

    private final Path jar;
    private final Path archive;

    private QuickStart(Path jar, Path archive) {
        if (!Files.exists(archive)) {
            throw new IllegalStateException("There is no archive of classes: " + archive);
        }
        this.jar = jar;
        this.archive = archive;
    }

    /**
     * That of this build, made by whichever of its processes asks first: with the classes of a start on servers, those of whoever asks.
     *
     * @param start how the service is started there
     */
    public static QuickStart ofThisBuild(Service.Start start) {
        Path parent = Path.of("target", "quick-start");
        try {
            Files.createDirectories(parent);
            try (FileChannel lock = FileChannel.open(parent.resolve("lock"), CREATE, WRITE);
                    FileLock unused = lock.lock()) {
                Path directory = parent.resolve(Long.toHexString(checksum(Service.JAR)));
                Path archive = archive(directory);
                if (!Files.exists(archive)) {
                    unpack(directory);
                    try (Service training = Service.start(training(start, directory))) {
                        training.awaitReady().terminate(TRAINING);
                    }
                }
                return new QuickStart(jar(directory), archive);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** By which a jar is told from the one before it: by its date it is not, which is that of the sources. */
    private static long checksum(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            CRC32 checksum = new CRC32();
            checksum.update(channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size()));
            return checksum.getValue();
        }
    }

    /** Unpacked, with an archive of the classes of a start without servers, whose routes wait for them until the process is ended. */
    public static QuickStart withoutServers(Path directory) {
        unpack(directory);
        Service.Start start = Service.Start.of(
                        directory.resolve("training.log"),
                        Map.of(
                                "KAFKA_BROKERS", "localhost:1",
                                "DB_URL", "jdbc:postgresql://localhost:1/none",
                                "SMTP_HOST", "localhost",
                                "MAIL_FROM", "nobody@example.com",
                                "MAIL_SECRETS", "of-this-start-alone-which-sends-no-mail",
                                "SERVER_PORT", "0",
                                "MANAGEMENT_PORT", "0"))
                .with("--spring.flyway.enabled=false", "--spring.datasource.hikari.connection-timeout=250");
        end(Service.process(training(start, directory)));
        return new QuickStart(jar(directory), archive(directory));
    }

    /** The {@code java} of the image's version, 25, or later: of this process, or in the directory that JAVA_25_HOME names. */
    public static Optional<Path> java25() {
        String home =
                Runtime.version().feature() >= 25 ? System.getProperty("java.home") : System.getenv("JAVA_25_HOME");
        return Optional.ofNullable(home).map(directory -> Path.of(directory, "bin", "java"));
    }

    /**
     * Has the unpacked jar work on servers, as the image is built, and returns the cache that the JVM writes (from Java 25).
     *
     * @param directory for the cache, and what the servers and the service leave behind
     * @param java the {@code java} of that JVM, and its options, with which the cache is used later
     * @throws IllegalStateException if the service leaves something undone, or if no cache is written
     */
    public static Path train(Path directory, Path jar, List<String> java) throws Exception {
        Path cache =
                directory.resolve("service-%d.aot".formatted(java.hashCode())).toAbsolutePath();
        List<String> command = new ArrayList<>(java);
        command.addAll(List.of("-XX:AOTCacheOutput=" + cache, "-cp", jar.toString(), "routes.Application"));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("training.log").toFile()));
        builder.environment().clear();
        try (Platform platform = Platform.startAnewOnFreePorts(directory.resolve("training"))) {
            Training.run(platform, Path.of("examples", "events"), builder);
        }
        if (!Files.exists(cache)) {
            throw new IllegalStateException("There is no cache: " + cache);
        }
        return cache;
    }

    private static Path unpacked(Path directory) {
        return directory.resolve("unpacked");
    }

    private static Path jar(Path directory) {
        return unpacked(directory).resolve(Service.JAR.getFileName());
    }

    private static Path archive(Path directory) {
        return directory.resolve("classes.jsa").toAbsolutePath();
    }

    private static Service.Start training(Service.Start start, Path directory) {
        return start.withJar(jar(directory)).withJvm("-XX:ArchiveClassesAtExit=" + archive(directory));
    }

    /** Unpacks the executable jar of this build, and returns the jar that starts what was unpacked. */
    public static Path unpack(Path directory) {
        run(new ProcessBuilder(
                Service.java(),
                "-Djarmode=tools",
                "-jar",
                Service.JAR.toString(),
                "extract",
                "--force", // over what a start that failed has left
                "--destination",
                unpacked(directory).toString()));
        return jar(directory);
    }

    /** The unpacked jar. */
    public Path jar() {
        return jar;
    }

    /** The archive of classes. */
    public Path archive() {
        return archive;
    }

    /** The same start, as quick. */
    public Service.Start apply(Service.Start start) {
        return start.withJar(jar).withJvm("-XX:SharedArchiveFile=" + archive);
    }

    private static void end(Process process) {
        try {
            process.waitFor(TRAINING.toSeconds(), TimeUnit.SECONDS);
            process.destroy();
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static void run(ProcessBuilder command) {
        try {
            int code = command.redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
            if (code != 0) {
                throw new IllegalStateException("%s answered %d".formatted(command.command(), code));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
