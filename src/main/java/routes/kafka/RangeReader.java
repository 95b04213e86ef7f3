package routes.kafka;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import routes.delivery.ConsumerGroup;
import routes.event.DomainEvent;
import routes.event.EventHeaders;
import routes.event.EventReader;
import routes.event.InvalidEventException;

/**
 * Reads ranges of the topic again, with consumers that belong to no group and commit nothing, so that the consumers in the groups
 * are not disturbed.
 */
@Component
public class RangeReader {

    private static final Duration POLL = Duration.ofMillis(200);

    /**
     * After this many polls without an answer the brokers count as unreachable. A replay polls in turns, so it has waited for some 20 s by then,
     * twice as long as a request may take: less would break off a slow fetch again and again.
     */
    private static final int POLLS_IN_VAIN = 50;

    /** How far ahead of its time a record may be stamped, as far as clocks and time zones differ. */
    private static final Duration AHEAD = Duration.ofDays(1);

    private final StandaloneConsumers consumers;
    private final DomainEventsSettings settings;
    private final EventReader events;

    RangeReader(StandaloneConsumers consumers, DomainEventsSettings settings, EventReader events) {
        this.consumers = consumers;
        this.settings = settings;
        this.events = events;
    }

    /**
     * The range of each partition between two times, by the timestamps of the records. A producer whose clock is ahead stamps its records
     * so, and those of others follow: a range has all records up to a day after its end, and {@link #open} passes over what is too late.
     *
     * @param from the range begins with the first record of this time or later
     * @param to the end; null for the current end of the topic
     */
    public List<PartitionRange> between(Instant from, @Nullable Instant to) {
        Instant until = to == null || to.isAfter(Instant.now().minus(AHEAD)) ? null : to.plus(AHEAD);
        return withConsumer(consumer -> {
            List<TopicPartition> partitions = partitions(consumer);
            Map<TopicPartition, Long> beginnings = consumer.beginningOffsets(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            Map<TopicPartition, OffsetAndTimestamp> firsts = consumer.offsetsForTimes(at(partitions, from));
            Map<TopicPartition, OffsetAndTimestamp> lasts =
                    until == null ? Map.of() : consumer.offsetsForTimes(at(partitions, until));
            return partitions.stream()
                    .map(partition -> {
                        long end = Objects.requireNonNull(ends.get(partition));
                        long first = offset(firsts, partition).orElse(end);
                        long last = Math.max(first, offset(lasts, partition).orElse(end));
                        return new PartitionRange(
                                partition.partition(),
                                Objects.requireNonNull(beginnings.get(partition)),
                                first,
                                Math.min(last, end));
                    })
                    .toList();
        });
    }

    /**
     * The range between two offsets of a partition, as far as it exists.
     *
     * @param to the first offset that is not read; null for the current end
     * @throws RangeUnreadableException if there is no such partition
     */
    public PartitionRange between(int number, long from, @Nullable Long to) {
        return withConsumer(consumer -> {
            List<TopicPartition> partitions = partitions(consumer);
            TopicPartition partition = new TopicPartition(settings.topic(), number);
            if (!partitions.contains(partition)) {
                throw new RangeUnreadableException("the topic has no partition %d: it has 0 to %d"
                        .formatted(number, partitions.get(partitions.size() - 1).partition()));
            }
            long beginning = beginning(consumer, partition);
            long end = Objects.requireNonNull(
                    consumer.endOffsets(List.of(partition)).get(partition));
            long last = to == null ? end : Math.min(to, end);
            long first = Math.max(from, beginning);
            return new PartitionRange(number, beginning, first, Math.max(first, last));
        });
    }

    private List<TopicPartition> partitions(Consumer<byte[], byte[]> consumer) {
        List<TopicPartition> partitions = consumer.partitionsFor(settings.topic()).stream()
                .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                .sorted(Comparator.comparingInt(TopicPartition::partition))
                .toList();
        consumer.assign(partitions); // else the client logs a warning for each look-up
        return partitions;
    }

    private static Map<TopicPartition, Long> at(List<TopicPartition> partitions, Instant time) {
        Map<TopicPartition, Long> times = new HashMap<>();
        partitions.forEach(partition -> times.put(partition, time.toEpochMilli()));
        return times;
    }

    private static Optional<Long> offset(Map<TopicPartition, OffsetAndTimestamp> offsets, TopicPartition partition) {
        return Optional.ofNullable(offsets.get(partition)).map(OffsetAndTimestamp::offset);
    }

    private static long beginning(Consumer<byte[], byte[]> consumer, TopicPartition partition) {
        return Objects.requireNonNull(
                consumer.beginningOffsets(List.of(partition)).get(partition));
    }

    private <T> T withConsumer(Function<Consumer<byte[], byte[]>, T> read) {
        try (Consumer<byte[], byte[]> consumer = consumers.open()) {
            return read.apply(consumer);
        }
    }

    /**
     * Starts reading for a group.
     *
     * @param to records of this time or later are not read; null for all
     */
    public Reading open(ConsumerGroup group, @Nullable Instant to) {
        return new Reading(group, to == null ? Long.MAX_VALUE : to.toEpochMilli(), consumers.open());
    }

    /** A separate consumer, which reads one partition at a time. For one thread. */
    public final class Reading implements AutoCloseable {

        private final ConsumerGroup group;
        private final long to;
        private final Consumer<byte[], byte[]> consumer;

        /** Fetched records of the partition that may still be asked for. */
        private final Deque<ConsumerRecord<byte[], byte[]>> fetched = new ArrayDeque<>();

        private @Nullable TopicPartition partition;
        private long from;
        private int inVain;

        private Reading(ConsumerGroup group, long to, Consumer<byte[], byte[]> consumer) {
            this.group = group;
            this.to = to;
            this.consumer = consumer;
        }

        /**
         * Continues to read a partition. If the answer has no records, the next one may have some.
         *
         * @param next the offset to continue from
         * @param end the first offset that is not read
         * @throws RangeUnreadableException if the data cannot be read, now or later; what the brokers refuse is thrown as it is
         * @throws TimeoutException if they have sent nothing for long: Kafka's client waits for them without a word
         */
        public RangeChunk read(int number, long next, long end) {
            TopicPartition wanted = new TopicPartition(settings.topic(), number);
            seek(wanted, next);
            if (fetched.isEmpty()) {
                try {
                    consumer.poll(POLL).forEach(fetched::add);
                } catch (OffsetOutOfRangeException e) {
                    return gone(wanted, next, end, e);
                } catch (ApiException | InterruptException e) {
                    throw e; // an answer of a broker, such as a denied right, or a shutdown: the data may be readable
                } catch (KafkaException e) {
                    throw new RangeUnreadableException(
                            "partition %d cannot be read: %s".formatted(number, e.getMessage()), e);
                }
            }
            RangeChunk chunk = chunk(wanted, end);
            inVain = chunk.isEmptyAt(next) ? inVain + 1 : 0;
            if (inVain >= POLLS_IN_VAIN) {
                throw new TimeoutException(
                        "the brokers send nothing of partition %d: %d fetches were in vain".formatted(number, inVain));
            }
            return chunk;
        }

        private void seek(TopicPartition wanted, long next) {
            if (wanted.equals(partition) && next >= from && next <= consumer.position(wanted)) {
                while (!fetched.isEmpty() && fetched.element().offset() < next) {
                    fetched.remove();
                }
            } else {
                fetched.clear();
                consumer.assign(List.of(wanted));
                consumer.seek(wanted, next);
                partition = wanted;
            }
            from = next;
        }

        private RangeChunk gone(TopicPartition wanted, long next, long end, OffsetOutOfRangeException cause) {
            partition = null;
            long beginning = beginning(consumer, wanted);
            if (beginning <= next) {
                throw new RangeUnreadableException(
                        "partition %d ends before offset %d".formatted(wanted.partition(), next), cause);
            }
            long first = Math.min(beginning, end);
            return new RangeChunk(List.of(), first, first - next);
        }

        private RangeChunk chunk(TopicPartition wanted, long end) {
            List<RangeRecord> records = new ArrayList<>(fetched.size());
            for (ConsumerRecord<byte[], byte[]> record : fetched) {
                if (record.offset() >= end) {
                    return new RangeChunk(records, end, 0);
                }
                records.add(decode(record));
            }
            // The position also passes offsets without a record: transaction markers and compacted records.
            return new RangeChunk(records, Math.min(end, consumer.position(wanted)), 0);
        }

        private RangeRecord decode(ConsumerRecord<byte[], byte[]> record) {
            if (record.timestamp() >= to) {
                return new RangeRecord(record.offset(), null, false, true);
            }
            EventHeaders headers = BatchReader.headers(record.headers());
            try {
                Optional<String> type = events.peekType(record.value(), headers);
                DomainEvent event = type.isEmpty() || group.handles(type.get())
                        ? events.read(record.value(), headers, Instant.ofEpochMilli(record.timestamp()))
                        : null;
                return new RangeRecord(record.offset(), event, false, false);
            } catch (InvalidEventException e) {
                return new RangeRecord(record.offset(), null, true, false);
            }
        }

        @Override
        public void close() {
            consumer.close();
        }
    }
}
