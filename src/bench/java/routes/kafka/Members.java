package routes.kafka;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.Properties;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import routes.background.Trouble;

/** Lets benchmarks have the consumers of this service without the rest of it. */
public final class Members {

    private Members() {}

    /** A consumer as the groups have it, which returns every record. */
    public static Consumer<byte[], byte[]> of(Properties properties) {
        return EventConsumer.create(
                properties,
                any -> false,
                any -> false,
                new Trouble(properties.getProperty(ConsumerConfig.GROUP_ID_CONFIG)),
                new SimpleMeterRegistry());
    }
}
