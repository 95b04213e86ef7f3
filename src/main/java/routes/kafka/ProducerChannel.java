package routes.kafka;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import routes.event.DomainEvent;
import routes.event.EventChannel;
import routes.event.EventReader;
import routes.event.EventWriter;
import routes.event.InvalidEventException;
import routes.event.Published;
import routes.event.PublishingException;

/** Writes events with Kafka's own producer, in other applications. The records are the same as those of the route {@code publish-event}. */
final class ProducerChannel implements EventChannel, AutoCloseable {

    private final EventWriter writer = new EventWriter(new EventReader());
    private final String topic;
    private final Producer<String, byte[]> producer;

    ProducerChannel(PublisherSettings settings) {
        Properties properties = new Properties();
        properties.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
        properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, "10000");
        properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, "30000");
        properties.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, "10000");
        properties.putAll(settings.properties());
        properties.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, settings.brokers());
        // An acknowledgement can be relied on, and a retry of the client writes nothing twice.
        properties.put(ProducerConfig.ACKS_CONFIG, "all");
        properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, "true");
        topic = settings.topic();
        producer = new LastingProducer<>(
                () -> new KafkaProducer<>(properties, new StringSerializer(), new ByteArraySerializer()),
                properties,
                "publishing");
    }

    @Override
    public List<Published> write(List<DomainEvent> events) throws InvalidEventException {
        List<ProducerRecord<String, byte[]>> records = new ArrayList<>(events.size());
        for (DomainEvent event : events) {
            ProducerRecord<String, byte[]> record =
                    new ProducerRecord<>(topic, event.campaignId(), writer.write(event));
            writer.headers(event)
                    .forEach((name, value) -> record.headers().add(name, value.getBytes(StandardCharsets.UTF_8)));
            records.add(record);
        }
        try {
            List<Future<RecordMetadata>> sent =
                    records.stream().map(producer::send).toList();
            List<Published> published = new ArrayList<>(events.size());
            for (int i = 0; i < sent.size(); i++) {
                RecordMetadata written = sent.get(i).get();
                published.add(
                        new Published(events.get(i).id(), written.topic(), written.partition(), written.offset()));
            }
            return published;
        } catch (ExecutionException | KafkaException e) {
            throw PublishingException.because(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw PublishingException.because(e);
        }
    }

    @Override
    public void close() {
        producer.close();
    }
}
