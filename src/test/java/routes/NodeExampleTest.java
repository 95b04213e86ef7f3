package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import routes.event.EventJson;

/** The publisher for Node is JavaScript, and asks for the library that it locks. {@link NodeExampleIT} runs it. */
class NodeExampleTest {

    static final Path DIRECTORY = Path.of("examples/node");

    /** Whether Node is installed. */
    static boolean isThere() {
        try {
            return new ProcessBuilder("node", "--version")
                            .redirectErrorStream(true)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException notThere) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Test
    void itsSyntaxIsRight() throws Exception {
        assumeTrue(isThere(), "skipped: node is not installed");

        Process check = new ProcessBuilder(
                        "node", "--check", DIRECTORY.resolve("publish.js").toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(check.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(check.waitFor()).as(said).isZero();
    }

    @Test
    void itLocksTheLibraryThatItAsksFor() throws Exception {
        var asked =
                EventJson.mapper().readTree(DIRECTORY.resolve("package.json").toFile());
        var locked = EventJson.mapper()
                .readTree(DIRECTORY.resolve("package-lock.json").toFile());

        assertThat(locked.path("packages").path("node_modules/kafkajs").path("version"))
                .isEqualTo(asked.path("dependencies").path("kafkajs"));
    }
}
