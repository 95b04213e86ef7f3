package routes.deadletter;

import io.micrometer.core.instrument.MeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.camel.CamelContext;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.component.kafka.KafkaComponent;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;
import routes.kafka.DomainEventsSettings;
import routes.kafka.ProducerMetrics;
import routes.kafka.RecordBatch;
import routes.kafka.UnreadableRecord;

/**
 * Keeps what a group cannot take in: value, key and headers byte for byte, with their origin and the reason. It is kept in
 * the group's dead-letter topic, or else in the table {@code event_routes.dead_letter}.
 *
 * <p>The table takes what the topic does not: a record that is too large, or any record while the topic is missing, forbidden or
 * unreachable. The client tries until its timeouts; waiting longer would hold up the good records for a problem that is not theirs.
 *
 * <p>A record is kept at least once. After a crash between keeping and committing it is read again: that makes a second copy
 * in the topic, but not in the table. One whose acknowledgement came too late is in both.
 */
@Component
public class DeadLetters implements DisposableBean {

    /** The headers that this service adds have this prefix, and follow the record's own. */
    public static final String HEADER_PREFIX = "dead-letter-";

    private static final Logger LOG = LoggerFactory.getLogger(DeadLetters.class);

    /** If a letter is not acknowledged by then, its batch is not committed, and is read again. */
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

    /** For a whole batch: the consumer must poll again in time. */
    private static final long TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(30);

    private static final long AWAY_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final CamelContext camel;
    private final DomainEventsSettings settings;
    private final DeadLetterTable table;
    private final ProducerMetrics producers;
    private final MeterRegistry metrics;

    /** Until when ({@link System#nanoTime()}) a topic is not tried, since it could not be reached. */
    private final Map<String, Long> away = new ConcurrentHashMap<>();

    private @Nullable Producer<byte[], byte[]> producer;

    DeadLetters(
            CamelContext camel,
            DomainEventsSettings settings,
            DeadLetterTable table,
            ProducerMetrics producers,
            MeterRegistry metrics) {
        this.camel = camel;
        this.settings = settings;
        this.table = table;
        this.producers = producers;
        this.metrics = metrics;
    }

    /** A dead letter on its way to the topic. */
    private record Sent(UnreadableRecord letter, Future<RecordMetadata> answer) {}

    /** A dead letter that the topic did not accept, and why. */
    private record Refused(UnreadableRecord letter, String why) {}

    /**
     * Keeps the dead letters of a batch. Returns when each is acknowledged by the brokers or committed to the table, after
     * one timeout at most, however many there are.
     *
     * @throws org.springframework.dao.DataAccessException when the table rejects one, too. Those kept by then are not kept again.
     */
    public void keep(@ExchangeProperty(RecordBatch.BATCH) RecordBatch batch) throws InterruptedException {
        List<Refused> refused = new ArrayList<>();
        List<Sent> sent = send(batch.unreadable(), refused);
        long deadline = System.nanoTime() + TIMEOUT_NANOS;
        for (Sent one : sent) {
            Exception failure = failure(one.answer(), deadline - System.nanoTime());
            String topic = topic(one.letter());
            if (failure == null) {
                away.remove(topic);
                batch.kept(one.letter());
                report(one.letter(), "topic", "in " + topic);
            } else {
                if (failure instanceof TimeoutException
                        || failure instanceof org.apache.kafka.common.errors.TimeoutException) {
                    away.put(topic, System.nanoTime() + AWAY_NANOS);
                }
                refused.add(new Refused(one.letter(), failure.toString()));
            }
        }
        for (Refused one : refused) {
            table.keep(one.letter());
            batch.kept(one.letter());
            report(
                    one.letter(),
                    "database",
                    "in the database, because the topic did not accept it (" + one.why() + ")");
        }
    }

    /**
     * Sends all at once. If the topic cannot be reached, only the first waits: its producer lets the others fail. Those of the next minute go
     * into the table, or a group with a bad record now and then would mostly wait.
     */
    private List<Sent> send(List<UnreadableRecord> letters, List<Refused> refused) {
        List<Sent> sent = new ArrayList<>();
        for (UnreadableRecord letter : letters) {
            Long until = away.get(topic(letter));
            if (until != null && System.nanoTime() - until < 0) {
                refused.add(new Refused(letter, "it could not be reached a moment ago"));
                continue;
            }
            try {
                sent.add(new Sent(letter, producer().send(deadLetter(letter))));
            } catch (InterruptException e) {
                throw e;
            } catch (KafkaException e) {
                refused.add(new Refused(letter, e.toString()));
            }
        }
        return sent;
    }

    private static @Nullable Exception failure(Future<RecordMetadata> answer, long nanos) throws InterruptedException {
        try {
            answer.get(nanos, TimeUnit.NANOSECONDS);
            return null;
        } catch (ExecutionException e) {
            return e.getCause() instanceof Exception cause ? cause : e;
        } catch (TimeoutException e) {
            return e;
        }
    }

    private ProducerRecord<byte[], byte[]> deadLetter(UnreadableRecord letter) {
        ConsumerRecord<byte[], byte[]> record = letter.record();
        Headers headers = new RecordHeaders(record.headers());
        add(headers, "group", letter.group());
        add(headers, "topic", record.topic());
        add(headers, "partition", String.valueOf(record.partition()));
        add(headers, "offset", String.valueOf(record.offset()));
        add(headers, "timestamp", Instant.ofEpochMilli(record.timestamp()).toString());
        add(headers, "timestamp-type", record.timestampType().name);
        add(headers, "reason", letter.reason());
        add(headers, "at", Instant.now().toString());
        return new ProducerRecord<>(topic(letter), null, record.key(), record.value(), headers);
    }

    private String topic(UnreadableRecord letter) {
        return settings.deadLetterTopic(letter.group());
    }

    private void report(UnreadableRecord letter, String kept, String where) {
        metrics.counter("domain.events.dead.letters", "group", letter.group(), "kept", kept)
                .increment();
        LOG.warn(
                "{}: the record {}-{}@{} cannot be taken in and is kept {}: {}",
                letter.group(),
                letter.record().topic(),
                letter.record().partition(),
                letter.record().offset(),
                where,
                letter.reason());
    }

    private static void add(Headers headers, String name, String value) {
        headers.add(HEADER_PREFIX + name, value.getBytes(StandardCharsets.UTF_8));
    }

    /** Created for the first dead letter: most days there are none. */
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
            properties.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, DomainEventsSettings.MAX_DEAD_LETTER_BYTES);
            producer = producers.open(properties, "keeping dead letters in their topic");
        }
        return producer;
    }

    @Override
    public synchronized void destroy() {
        if (producer != null) {
            producer.close(CLOSE_TIMEOUT);
        }
    }
}
