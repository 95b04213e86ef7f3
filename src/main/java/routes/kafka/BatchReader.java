package routes.kafka;

import io.micrometer.core.instrument.MeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.component.kafka.KafkaConstants;
import org.apache.camel.component.kafka.consumer.DefaultKafkaManualCommit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.record.TimestampType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import routes.delivery.ConsumerGroup;
import routes.delivery.ConsumerGroups;
import routes.delivery.LogContext;
import routes.event.DomainEvent;
import routes.event.EventHeaders;
import routes.event.EventReader;
import routes.event.InvalidEventException;

/**
 * Reads a consumer group's batches: turns records into events, and sets aside records that cannot be read. {@link EventConsumer} has
 * already dropped the types that the group does not handle.
 */
@Component
public class BatchReader {

    private static final Logger LOG = LoggerFactory.getLogger(BatchReader.class);

    /** A single record may come from a producer with a wrong clock. With so many in a row, this machine's clock may be wrong. */
    private static final int FEW = 10;

    private final ConsumerGroups groups;
    private final EventReader reader;
    private final MeterRegistry metrics;

    /** How many consecutive records of a group, or nearly so, have a timestamp in the future. */
    private final Map<String, Integer> aheadInARow = new ConcurrentHashMap<>();

    BatchReader(ConsumerGroups groups, EventReader reader, MeterRegistry metrics) {
        this.groups = groups;
        this.reader = reader;
        this.metrics = metrics;
    }

    /**
     * Reads a batch for the group of its route.
     *
     * @param records one exchange per record, from one or several partitions
     * @throws IllegalStateException if nearly all timestamps are in the future: some clock is wrong, and until it is known which, no event
     *     may become a dead letter
     */
    public RecordBatch read(@Body List<Exchange> records, Exchange batch) {
        ConsumerGroup group = groups.get(Objects.requireNonNull(batch.getFromRouteId()));
        LogContext.group(group.name(), batch);
        RecordBatch read = new RecordBatch(group.name());
        int ahead = 0;
        for (Exchange record : records) {
            Message message = record.getMessage();
            read.commitUpTo(
                    partition(message), header(message, KafkaConstants.MANUAL_COMMIT, DefaultKafkaManualCommit.class));
            try {
                ConsumerRecord<byte[], byte[]> it = record(message);
                String refusal = FetchUnpacking.refusal(it.value(), it.headers());
                if (refusal != null) {
                    read.reject(it, refusal);
                } else {
                    read.add(reader.read(it.value(), headers(it.headers()), Instant.ofEpochMilli(it.timestamp())), it);
                }
            } catch (InvalidEventException e) {
                ahead += e.isAhead() ? 1 : 0;
                read.reject(record(message), String.valueOf(e.getMessage()));
            } catch (RuntimeException e) {
                // Any exception: the next record can be read, and this one would fail again.
                LOG.error("{}: a record becomes a dead letter, reading it failed unexpectedly", group.name(), e);
                read.reject(
                        record(message), "it cannot be read: " + e.getClass().getName());
            }
        }
        requireClocks(group.name(), ahead, records.size());
        count(group, read);
        batch.setProperty(RecordBatch.BATCH, read);
        return read;
    }

    private void requireClocks(String group, int ahead, int records) {
        boolean nearlyAll = ahead > 0 && ahead >= records - records / FEW;
        int inARow = nearlyAll ? Math.min(FEW, aheadInARow.getOrDefault(group, 0) + ahead) : 0;
        aheadInARow.put(group, inARow);
        if (inARow == FEW) {
            throw new IllegalStateException(
                    ("%s stops consuming: %d of %d events have timestamps more than a day in the future;"
                                    + " this machine's clock says %s. Correct the wrong clock: this machine's, or those of"
                                    + " the brokers and producers")
                            .formatted(group, ahead, records, Instant.now()));
        }
    }

    private void count(ConsumerGroup group, RecordBatch batch) {
        for (DomainEvent event : batch.events()) {
            metrics.counter(
                            "domain.events.consumed",
                            "group",
                            group.name(),
                            "type",
                            event.type().value())
                    .increment();
        }
        int unreadable = batch.unreadable().size();
        if (unreadable > 0) {
            metrics.counter("domain.events.unreadable", "group", group.name()).increment(unreadable);
        }
    }

    private static TopicPartition partition(Message message) {
        return new TopicPartition(
                header(message, KafkaConstants.TOPIC, String.class),
                header(message, KafkaConstants.PARTITION, Integer.class));
    }

    static EventHeaders headers(Headers headers) {
        return name -> {
            Header header = headers.lastHeader(name);
            return header == null || header.value() == null ? null : new String(header.value(), StandardCharsets.UTF_8);
        };
    }

    private static <T> T header(Message message, String name, Class<T> type) {
        return Objects.requireNonNull(message.getHeader(name, type), name);
    }

    private static ConsumerRecord<byte[], byte[]> record(Message message) {
        TopicPartition partition = partition(message);
        return new ConsumerRecord<>(
                partition.topic(),
                partition.partition(),
                header(message, KafkaConstants.OFFSET, Long.class),
                header(message, KafkaConstants.TIMESTAMP, Long.class),
                timestampType(message, partition),
                ConsumerRecord.NULL_SIZE,
                ConsumerRecord.NULL_SIZE,
                message.getHeader(KafkaConstants.KEY, byte[].class),
                message.getBody(byte[].class),
                header(message, KafkaConstants.HEADERS, Headers.class),
                Optional.empty());
    }

    /** Camel passes on the timestamp without its type, but also the consumer, which knows it. */
    private static TimestampType timestampType(Message message, TopicPartition partition) {
        return message.getHeader(KafkaConstants.MANUAL_COMMIT) instanceof DefaultKafkaManualCommit commit
                        && commit.getCamelExchangePayload().consumer instanceof EventConsumer consumer
                ? consumer.timestampType(partition)
                : TimestampType.NO_TIMESTAMP_TYPE;
    }
}
