package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import faults.QuickStart;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import routes.dev.Platform;
import routes.dev.Training;

/** The cache that the image has (docs/adr/0073), made and used as there: on this JVM, if it is recent enough, or on the one of JAVA_25_HOME. */
class CacheIT {

    @TempDir
    private Path directory;

    @Test
    void theServiceWorksWithTheCacheOfItsTrainingAndAComponentBesideItsJarAndTheJvmWarnsOfNothing() throws Exception {
        assumeThat(QuickStart.java25()).isPresent();
        Path jar = QuickStart.unpack(directory);
        List<String> java =
                List.of(QuickStart.java25().orElseThrow().toString(), "@deploy/jvm.options", "-XX:MaxRAM=512m");
        Path log = directory.resolve("service.log");
        Path loaded = directory.resolve("loaded.log");

        Path cache = QuickStart.train(directory, jar, java);
        List<String> command = new ArrayList<>(java);
        command.addAll(List.of(
                "-XX:AOTCache=" + cache,
                "-XX:AOTMode=on", // the JVM ends if it cannot use the cache
                "-Xlog:class+load:file=" + loaded,
                "-cp",
                jar + File.pathSeparator + PagerComponent.jarIn(directory.resolve("components")) + "/*",
                "routes.Application"));
        try (Platform platform = Platform.startAnewOnFreePorts(directory.resolve("platform"))) {
            Training.run(
                    platform,
                    Path.of("examples", "events"),
                    new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()));
        }

        assertThat(Files.readString(log)).contains("Started Application").doesNotContain("WARNING", "[warning]");
        List<String> classes = Files.readAllLines(loaded);
        assertThat(classes.stream()
                        .filter(line -> line.contains("source: shared objects file"))
                        .count())
                .as("of %d classes", classes.size())
                .isGreaterThan(classes.size() * 9L / 10);
    }
}
