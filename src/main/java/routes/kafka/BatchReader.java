package routes.kafka;

import io.micrometer.core.instrument.MeterRegistry;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
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

/** Reads batches of records as a consumer group does: what it handles, and what cannot be read. All else its consumer passes over. */
@Component
public class BatchReader {

    private static final Logger LOG = LoggerFactory.getLogger(BatchReader.class);

    private final ConsumerGroups groups;
    private final EventReader reader;
    private final MeterRegistry metrics;

    BatchReader(ConsumerGroups groups, EventReader reader, MeterRegistry metrics) {
        this.groups = groups;
        this.reader = reader;
        this.metrics = metrics;
    }

    /**
     * Reads a batch for the group whose route it came in by.
     *
     * @param records one exchange a record, of one or several partitions
     */
    public RecordBatch read(@Body List<Exchange> records, Exchange batch) {
        ConsumerGroup group = groups.get(Objects.requireNonNull(batch.getFromRouteId()));
        LogContext.group(group.name(), batch);
        RecordBatch read = new RecordBatch(group.name());
        for (Exchange record : records) {
            Message message = record.getMessage();
            read.commitUpTo(
                    partition(message), header(message, KafkaConstants.MANUAL_COMMIT, DefaultKafkaManualCommit.class));
            try {
                read.add(reader.read(message.getBody(byte[].class), headers(message)), record(message));
            } catch (InvalidEventException e) {
                read.reject(record(message), String.valueOf(e.getMessage()));
            } catch (RuntimeException e) {
                // Whatever it is: the next record can be read, and this one could not be the next time either.
                LOG.error("{}: a record cannot be read, for a reason that nobody foresaw", group.name(), e);
                read.reject(
                        record(message), "it cannot be read: " + e.getClass().getName());
            }
        }
        count(group, read);
        batch.setProperty(RecordBatch.BATCH, read);
        return read;
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

    private static EventHeaders headers(Message message) {
        return headers(header(message, KafkaConstants.HEADERS, Headers.class));
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

    /** Camel passes on the timestamp without its type; the consumer that it passes on knows. */
    private static TimestampType timestampType(Message message, TopicPartition partition) {
        return message.getHeader(KafkaConstants.MANUAL_COMMIT) instanceof DefaultKafkaManualCommit commit
                        && commit.getCamelExchangePayload().consumer instanceof EventConsumer consumer
                ? consumer.timestampType(partition)
                : TimestampType.NO_TIMESTAMP_TYPE;
    }
}
