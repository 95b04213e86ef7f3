package faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A process that is stopped for two seconds has seen it afterwards. */
class PausesTest {

    private static final Path JAVA = Path.of(System.getProperty("java.home"), "bin", "java");

    /** Prints its longest pause in milliseconds, when it is asked by a line. */
    static final class Watched {

        private Watched() {}

        public static void main(String[] arguments) throws Exception {
            try (Pauses pauses = new Pauses()) {
                System.out.println("watching");
                System.in.read();
                System.out.println(pauses.longest().toMillis());
            }
        }
    }

    @Test
    void aStoppedProcessSeesThatItWasStopped() throws Exception {
        assumeTrue(Files.isDirectory(Path.of("/proc")), "signals as Linux has them");
        Process process = new ProcessBuilder(
                        JAVA.toString(), "-cp", System.getProperty("java.class.path"), Watched.class.getName())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (var output = process.inputReader();
                var input = process.outputWriter()) {
            assertThat(output.readLine()).isEqualTo("watching");
            signal("STOP", process);
            Thread.sleep(Duration.ofSeconds(2).toMillis());
            signal("CONT", process);
            Flow.pause(Duration.ofMillis(500)); // the thread has looked again

            input.write("\n");
            input.flush();

            assertThat(Long.parseLong(output.readLine())).isGreaterThan(1_500);
        } finally {
            process.destroyForcibly();
            await().until(() -> !process.isAlive());
        }
    }

    private static void signal(String signal, Process process) throws Exception {
        assertThat(new ProcessBuilder("kill", "-" + signal, String.valueOf(process.pid()))
                        .start()
                        .waitFor())
                .isZero();
    }
}
