package routes.yaml;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.springframework.mock.env.MockEnvironment;

/** A file of routes, as far as this service reads it itself. */
class ConsumerFileFuzzTest {

    private final MockEnvironment environment = new MockEnvironment().withProperty("deliveries.worker-pool-size", "10");
    private final Path file;

    ConsumerFileFuzzTest() throws IOException {
        file = Files.createTempFile("fuzz", ".camel.yaml");
        file.toFile().deleteOnExit();
    }

    @FuzzTest
    void namesItsConsumersOrWhatIsWrong(byte[] content) throws IOException {
        Files.write(file, content);
        try {
            Mistakes mistakes = new Mistakes();
            for (ConsumerFile.Consumer consumer :
                    ConsumerFile.read(file, environment, mistakes, true).consumers()) {
                assertThat(consumer.group().name()).matches("[a-z0-9-]+");
                assertThat(consumer.line()).isPositive();
            }
            mistakes.throwAny();
        } catch (RouteFileException e) {
            assertThat(e.getMessage()).contains(file.getFileName().toString());
        }
    }
}
