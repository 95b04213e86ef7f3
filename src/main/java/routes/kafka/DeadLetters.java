package routes.kafka;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.camel.Body;
import org.apache.camel.CamelContext;
import org.apache.camel.component.kafka.KafkaComponent;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;

/**
 * Sends what cannot be read to the dead letters of its group: value, key and headers byte for byte, and beside them where
 * it came from and what is wrong with it. A producer of its own, since Camel's keeps one header of a name and filters some.
 */
@Component
public class DeadLetters implements DisposableBean {

    /** What this service adds stands under this prefix, after the record's own headers. */
    public static final String HEADER_PREFIX = "dead-letter-";

    /** A record of the topic's greatest size, and what is added to it, must find room. */
    static final int MAX_BYTES = 16 * 1024 * 1024;

    private static final Logger LOG = LoggerFactory.getLogger(DeadLetters.class);
    private static final long TIMEOUT_SECONDS = 30;

    private final CamelContext camel;
    private final DomainEventsSettings settings;
    private @Nullable Producer<byte[], byte[]> producer;

    DeadLetters(CamelContext camel, DomainEventsSettings settings) {
        this.camel = camel;
        this.settings = settings;
    }

    /** Sends a record, and waits until the brokers have acknowledged it. */
    public void send(@Body UnreadableRecord unreadable)
            throws ExecutionException, InterruptedException, TimeoutException {
        ConsumerRecord<byte[], byte[]> record = unreadable.record();
        String topic = settings.deadLetterTopic(unreadable.group());
        Headers headers = new RecordHeaders(record.headers());
        add(headers, "group", unreadable.group());
        add(headers, "topic", record.topic());
        add(headers, "partition", String.valueOf(record.partition()));
        add(headers, "offset", String.valueOf(record.offset()));
        add(headers, "timestamp", Instant.ofEpochMilli(record.timestamp()).toString());
        add(headers, "reason", unreadable.reason());
        add(headers, "at", Instant.now().toString());
        producer()
                .send(new ProducerRecord<>(topic, null, record.key(), record.value(), headers))
                .get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        LOG.warn(
                "{}: the record {}-{}@{} is no event and lies in {}: {}",
                unreadable.group(),
                record.topic(),
                record.partition(),
                record.offset(),
                topic,
                unreadable.reason());
    }

    private static void add(Headers headers, String name, String value) {
        headers.add(HEADER_PREFIX + name, value.getBytes(StandardCharsets.UTF_8));
    }

    /** Made for the first dead letter: most days there is none. */
    private synchronized Producer<byte[], byte[]> producer() {
        if (producer == null) {
            Properties properties = camel.getComponent("kafka", KafkaComponent.class)
                    .getConfiguration()
                    .createProducerProperties();
            properties.put(
                    ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                    camel.getComponent("kafka", KafkaComponent.class)
                            .getConfiguration()
                            .getBrokers());
            properties.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class.getName());
            properties.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class.getName());
            properties.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, MAX_BYTES);
            producer = new KafkaProducer<>(properties);
        }
        return producer;
    }

    @Override
    public synchronized void destroy() {
        if (producer != null) {
            producer.close();
        }
    }
}
