package faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;

/** What may happen to the disks of the servers; in the long form alone. */
@EnabledIfSystemProperty(named = "faults.long", matches = "true")
@ExtendWith(Stage.Provider.class)
class DiskFaultsIT {

    private final Stage stage;

    DiskFaultsIT(Stage stage) {
        this.stage = stage;
    }

    @Test
    void f9WithoutSpaceTheServiceIsNotReadyAndLosesNothing() throws Exception {
        if (!canMount()) {
            try (Fault fault = stage.fault("F9", "no space left for PostgreSQL and the broker", "nothing lost")) {
                fault.figure("skipped", "needs Linux, and `unshare -rm` for disks of its own")
                        .end(0);
            }
            assumeThat(false).as("unshare -rm").isTrue();
        }
        stage.endShared();
        Path directory = Stage.file("full-disk");
        List<String> command = new ArrayList<>(List.of("unshare", "-rm", Service.java(), "-Xmx512m"));
        System.getProperties().stringPropertyNames().stream()
                .filter(name -> name.startsWith("faults."))
                .forEach(name -> command.add("-D%s=%s".formatted(name, System.getProperty(name))));
        command.addAll(List.of(
                "-Dfaults.directory=" + directory,
                "-Dfaults.test=" + DiskFaultsIT.class.getName(),
                DiskFaults.class.getName()));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(Stage.file("full-disk.log").toFile());
        builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        Process process = builder.start();
        try {
            assertThat(process.waitFor(20, TimeUnit.MINUTES)).isTrue();
            stage.report().addAll(directory.resolve("report.json"));
            assertThat(process.exitValue()).as("see full-disk.log").isZero();
        } finally {
            process.destroyForcibly();
        }
    }

    private static boolean canMount() throws InterruptedException {
        try {
            return new ProcessBuilder("unshare", "-rm", "sh", "-c", "mount -t tmpfs none /mnt")
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException none) {
            return false;
        }
    }
}
