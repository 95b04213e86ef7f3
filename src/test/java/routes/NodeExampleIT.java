package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import routes.dev.Platform;
import routes.event.Events;

/** What Node publishes, the service acts on. Skipped where Node or the library is missing: {@code npm ci} in examples/node brings it. */
@OnPlatform
class NodeExampleIT {

    @Autowired
    private Platform platform;

    @Autowired
    private Pipeline pipeline;

    @Test
    void thePublisherForNodePublishesWhatTheServiceActsOn() throws Exception {
        assumeTrue(NodeExampleTest.isThere(), "skipped: node is not installed");
        assumeTrue(
                Files.exists(NodeExampleTest.DIRECTORY.resolve("node_modules/kafkajs")),
                "skipped: kafkajs is not installed, npm ci in examples/node");
        String campaign = Events.id();
        ProcessBuilder builder = new ProcessBuilder("node", "publish.js", Events.id(), campaign, Events.email())
                .directory(NodeExampleTest.DIRECTORY.toFile())
                .redirectErrorStream(true);
        builder.environment().put("KAFKA_BROKERS", platform.kafka().brokers());

        Process process = builder.start();
        try {
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(said).isZero();
            assertThat(said).startsWith("Published ");
        } finally {
            process.destroyForcibly();
        }

        pipeline.awaitDelivered(campaign);
    }
}
