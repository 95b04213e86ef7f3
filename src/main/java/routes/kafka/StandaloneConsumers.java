package routes.kafka;

import java.util.Map;
import java.util.Properties;
import org.apache.camel.CamelContext;
import org.apache.camel.component.kafka.KafkaComponent;
import org.apache.camel.component.kafka.KafkaConfiguration;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.GroupProtocol;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.springframework.stereotype.Component;

/** Creates consumers that belong to no group and commit nothing, so that the consumers in the groups are not disturbed. */
@Component
public class StandaloneConsumers {

    /** Shorter than a shutdown may take, and longer than a leader election takes. */
    private static final int TIMEOUT_MILLIS = 10_000;

    /** They read only existing records. While a fetch waits for more, so do the next partition and the close of the consumer. */
    private static final int FETCH_WAIT_MILLIS = 20;

    private final CamelContext camel;

    StandaloneConsumers(CamelContext camel) {
        this.camel = camel;
    }

    /** A consumer, for one thread, which closes it. If records no longer exist, it fails rather than skip them. */
    public Consumer<byte[], byte[]> open() {
        return open(Map.of());
    }

    /** A consumer with additional properties. */
    public Consumer<byte[], byte[]> open(Map<String, Object> own) {
        KafkaConfiguration kafka =
                camel.getComponent("kafka", KafkaComponent.class).getConfiguration();
        Properties properties = kafka.createConsumerProperties();
        properties.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, kafka.getBrokers());
        properties.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class.getName());
        properties.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class.getName());
        properties.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, TIMEOUT_MILLIS);
        properties.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, TIMEOUT_MILLIS);
        properties.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, FETCH_WAIT_MILLIS);
        properties.remove(ConsumerConfig.CLIENT_ID_CONFIG); // that of the live consumers
        properties.remove(ConsumerConfig.GROUP_ID_CONFIG);
        properties.remove(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG);
        properties.put(
                ConsumerConfig.GROUP_PROTOCOL_CONFIG, GroupProtocol.CLASSIC.name()); // without a thread for a group
        properties.remove(ConsumerConfig.GROUP_REMOTE_ASSIGNOR_CONFIG);
        properties.putAll(own);
        KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(KafkaGuarantees.ofConsumer(properties));
        FetchGuard.install(consumer, properties, DomainEventsSettings.MAX_DEAD_LETTER_BYTES);
        return consumer;
    }
}
