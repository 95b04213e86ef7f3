package routes.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** A producer whose thread has ended: Kafka's own accepts records forever after, and never answers. */
@Execution(ExecutionMode.CONCURRENT)
class LastingProducerTest {

    private static final ProducerRecord<byte[], byte[]> RECORD = new ProducerRecord<>("topic", new byte[0]);

    private final List<MockProducer<byte[], byte[]>> made = new ArrayList<>();

    @Test
    void anAnswerThatIsLateIsNoneAndWhatIsSentNextHasANewProducer() {
        Properties properties = new Properties();
        properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, "-9000"); // so that a second is late
        try (LastingProducer<byte[], byte[]> producer = new LastingProducer<>(this::make, properties, "a test")) {
            List<Exception> told = new ArrayList<>();

            Future<RecordMetadata> answer = producer.send(RECORD, (written, failure) -> told.add(failure));

            assertThat(answer)
                    .failsWithin(Duration.ofSeconds(5))
                    .withThrowableThat()
                    .havingCause()
                    .isInstanceOf(TimeoutException.class)
                    .withMessageContaining("not answered within 1 s");
            assertThat(told).singleElement().isInstanceOf(TimeoutException.class);
            await().until(() -> {
                var unused = producer.send(RECORD);
                return made.size() == 2;
            });
            assertThat(made.get(0).closed()).isTrue();
            made.get(1).completeNext();
            assertThat(made.get(1).history()).isNotEmpty();
        }
    }

    @Test
    void eachOfManyRecordsThatAreNotAnsweredIsLate() {
        Properties properties = new Properties();
        properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, "-9800"); // so that 200 ms are late
        try (LastingProducer<byte[], byte[]> producer = new LastingProducer<>(this::make, properties, "a test")) {
            Future<RecordMetadata> first = producer.send(RECORD);
            Future<RecordMetadata> answered = producer.send(RECORD);
            Future<RecordMetadata> third = producer.send(RECORD);
            made.get(0).completeNext();

            assertThat(first).succeedsWithin(Duration.ofSeconds(5));
            made.get(0).completeNext();
            assertThat(answered).succeedsWithin(Duration.ofSeconds(5));
            assertThat(third).failsWithin(Duration.ofSeconds(5));
            Future<RecordMetadata> later = producer.send(RECORD);
            assertThat(later).failsWithin(Duration.ofSeconds(5));
        }
    }

    @Test
    void anAnswerIsPassedOn() {
        try (LastingProducer<byte[], byte[]> producer = new LastingProducer<>(this::make, new Properties(), "a test")) {
            Future<RecordMetadata> written = producer.send(RECORD);
            Future<RecordMetadata> refused = producer.send(RECORD);

            made.get(0).completeNext();
            made.get(0).errorNext(new IllegalStateException("refused"));

            assertThat(written).succeedsWithin(Duration.ofSeconds(5));
            assertThat(refused)
                    .failsWithin(Duration.ofSeconds(5))
                    .withThrowableThat()
                    .havingCause()
                    .withMessage("refused");
        }
    }

    private MockProducer<byte[], byte[]> make() {
        MockProducer<byte[], byte[]> producer =
                new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer());
        made.add(producer);
        return producer;
    }
}
