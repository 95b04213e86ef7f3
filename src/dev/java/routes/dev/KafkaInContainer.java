package routes.dev;

import java.time.Duration;
import java.util.List;
import org.testcontainers.kafka.KafkaContainer;

/** Kafka as its image runs it. */
final class KafkaInContainer implements KafkaServer {
    private static final Duration START = Duration.ofSeconds(60);

    private final KafkaContainer container = new KafkaContainer("apache/kafka:4.3.1");

    private KafkaInContainer() {}

    /**
     * Starts the container.
     *
     * @param port on this machine, fixed so that a restart does not change it
     */
    static KafkaInContainer start(int port) {
        KafkaInContainer kafka = new KafkaInContainer();
        kafka.container.withEnv("KAFKA_AUTO_CREATE_TOPICS_ENABLE", "false");
        kafka.container.setPortBindings(List.of(port + ":9092"));
        kafka.container.start();
        return kafka;
    }

    @Override
    public String brokers() {
        return container.getBootstrapServers();
    }

    @Override
    public void kill() {
        Containers.kill(container);
    }

    @Override
    public void restart() {
        Containers.restart(container, START, this::answers);
    }

    @Override
    public void close() {
        container.stop();
    }
}
