package faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;

/**
 * The executable jar, unpacked as in its image, with an archive of its classes: a start takes less than half of the time, which is most
 * of what the faults take, and of the time until the service works again.
 */
public final class QuickStart {

    private final Path jar;
    private final Path archive;

    private QuickStart(Path jar, Path archive) {
        this.jar = jar;
        this.archive = archive;
    }

    /** Unpacks the jar, and lets it start as far as it can without servers. */
    public static QuickStart prepare(Path directory) {
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
        Service.Start training = Service.Start.of(
                        directory.resolve("training.log"),
                        Map.of(
                                "DB_URL", "jdbc:postgresql://localhost:1/none",
                                "SMTP_HOST", "localhost",
                                "MAIL_FROM", "nobody@example.com"))
                .withJar(jar)
                .withJvm("-XX:ArchiveClassesAtExit=" + archive, "-Dspring.context.exit=onRefresh")
                .with("--spring.flyway.enabled=false");
        await(Service.process(training), "the archive of classes: see training.log");
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

    Service.Start apply(Service.Start start) {
        return start.withJar(jar).withJvm("-XX:SharedArchiveFile=" + archive);
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
