package routes.deadletter;

import static java.util.Objects.requireNonNull;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import routes.deadletter.DeadLetterRecord.LetterHeader;
import routes.deadletter.DeadLetterRecord.Origin;
import routes.kafka.DomainEventsSettings;
import routes.kafka.StandaloneConsumers;

/**
 * Reads the dead-letter topics of the groups. Each call has its own consumer and half a minute, and keeps one value at a time in memory.
 */
@Component
public class DeadLetterTopic {

    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** By how much the clocks of those who keep letters may differ. */
    private static final Duration CLOCKS = Duration.ofMinutes(1);

    private final StandaloneConsumers consumers;
    private final DomainEventsSettings settings;

    DeadLetterTopic(StandaloneConsumers consumers, DomainEventsSettings settings) {
        this.consumers = consumers;
        this.settings = settings;
    }

    /**
     * The newest letters of each partition, newest first, without key, value and headers.
     *
     * @param limit at most this many per partition
     * @param before the offset to read up to in each partition; empty for its current end
     * @throws DeadLettersUnavailableException when Kafka does not give them out in time
     */
    public List<List<DeadLetterRecord>> newest(String group, int limit, Map<Integer, Long> before) {
        return read(group, reading -> {
            List<List<DeadLetterRecord>> newest = new ArrayList<>();
            for (TopicPartition partition : reading.partitions()) {
                long end = Math.min(reading.end(partition), before.getOrDefault(partition.partition(), Long.MAX_VALUE));
                newest.add(newest(reading, partition, end, limit));
            }
            return newest;
        });
    }

    private static List<DeadLetterRecord> newest(Reading reading, TopicPartition partition, long end, int limit) {
        long begin = reading.begin(partition);
        List<DeadLetterRecord> newest = new ArrayList<>();
        // Goes further back if offsets have no record: transaction markers.
        for (long to = end; to > begin && newest.size() < limit; ) {
            long from = Math.max(begin, to - (limit - newest.size()));
            Deque<DeadLetterRecord> some = new ArrayDeque<>();
            reading.each(partition, from, to, record -> {
                some.addFirst(letter(record, false));
                return true;
            });
            newest.addAll(some);
            to = from;
        }
        return newest;
    }

    /**
     * One letter.
     *
     * @throws DeadLettersUnavailableException when Kafka does not give it out in time
     */
    public Optional<DeadLetterRecord> find(String group, DeadLetterId id) {
        return read(group, reading -> {
            TopicPartition partition = new TopicPartition(settings.deadLetterTopic(group), id.shelf());
            if (!reading.partitions().contains(partition)
                    || id.place() < reading.begin(partition)
                    || id.place() >= reading.end(partition)) {
                return Optional.empty();
            }
            List<DeadLetterRecord> found = new ArrayList<>();
            reading.each(partition, id.place(), id.place() + 1, record -> found.add(letter(record, true)));
            return found.stream().findFirst();
        });
    }

    /**
     * Finds letters with a text in their value or a header, among the newest of each partition; without their content.
     *
     * @param text in ASCII
     * @param among how many per partition are searched
     * @throws DeadLettersUnavailableException when Kafka does not give them out in time
     */
    public List<DeadLetterRecord> holding(String group, String text, int among) {
        return read(group, reading -> {
            List<DeadLetterRecord> found = new ArrayList<>();
            for (TopicPartition partition : reading.partitions()) {
                long end = reading.end(partition);
                reading.each(partition, Math.max(reading.begin(partition), end - among), end, record -> {
                    if (holds(record, text)) {
                        found.add(letter(record, false));
                    }
                    return true;
                });
            }
            return found;
        });
    }

    private static boolean holds(ConsumerRecord<byte[], byte[]> record, String text) {
        return holds(record.value(), text)
                || Stream.of(record.headers().toArray()).anyMatch(header -> holds(header.value(), text));
    }

    private static boolean holds(byte @Nullable [] bytes, String text) {
        return bytes != null && new String(bytes, StandardCharsets.ISO_8859_1).contains(text);
    }

    /**
     * Visits the current letters, each partition from its oldest.
     *
     * @param visitor returns whether to continue
     * @return whether it continued to the end
     * @throws DeadLettersUnavailableException when Kafka does not give them out in time
     */
    public boolean each(String group, Predicate<DeadLetterRecord> visitor) {
        return read(group, reading -> {
            for (TopicPartition partition : reading.partitions()) {
                if (!reading.each(
                        partition,
                        reading.begin(partition),
                        reading.end(partition),
                        record -> visitor.test(letter(record, true)))) {
                    return false;
                }
            }
            return true;
        });
    }

    /**
     * A partition.
     *
     * @param begin the offset of its oldest letter
     * @param end the offset of the next letter
     * @param since its letters were kept no earlier; earlier ones were in a topic that has been recreated since
     */
    record Shelf(int partition, long begin, long end, Instant since) {}

    /**
     * The partitions, with what each has now.
     *
     * @throws DeadLettersUnavailableException when Kafka does not say in time
     */
    List<Shelf> shelves(String group) {
        return read(group, reading -> {
            Map<TopicPartition, Instant> oldest = reading.oldest();
            return reading.partitions().stream()
                    .map(partition -> new Shelf(
                            partition.partition(),
                            reading.begin(partition),
                            reading.end(partition),
                            requireNonNull(oldest.get(partition)).minus(CLOCKS)))
                    .toList();
        });
    }

    private <T> T read(String group, Function<Reading, T> read) {
        String topic = settings.deadLetterTopic(group);
        try (Consumer<byte[], byte[]> consumer = consumers.open()) {
            return read.apply(new Reading(consumer, topic));
        } catch (KafkaException e) {
            throw new DeadLettersUnavailableException(
                    "the topic %s cannot be read: %s".formatted(topic, e.getMessage()), e);
        }
    }

    private static DeadLetterRecord letter(ConsumerRecord<byte[], byte[]> record, boolean whole) {
        List<LetterHeader> headers = new ArrayList<>();
        if (whole) {
            record.headers().forEach(header -> headers.add(new LetterHeader(header.key(), header.value())));
        }
        return new DeadLetterRecord(
                new DeadLetterId(record.partition(), record.offset()),
                Instant.ofEpochMilli(record.timestamp()),
                new Origin(
                        added(record, "topic"),
                        parsed(added(record, "partition"), Integer::valueOf),
                        parsed(added(record, "offset"), Long::valueOf),
                        parsed(added(record, "timestamp"), Instant::parse)),
                added(record, "reason"),
                record.value() == null ? 0 : record.value().length,
                whole ? record.key() : null,
                whole ? record.value() : null,
                headers);
    }

    private static @Nullable String added(ConsumerRecord<byte[], byte[]> record, String name) {
        Header header = record.headers().lastHeader(DeadLetters.HEADER_PREFIX + name);
        return header == null || header.value() == null ? null : new String(header.value(), StandardCharsets.UTF_8);
    }

    /** Anybody may write to the topic: an invalid number or time is left out. */
    private static <T> @Nullable T parsed(@Nullable String text, Function<String, T> parse) {
        try {
            return text == null ? null : parse.apply(text);
        } catch (NumberFormatException | DateTimeException e) {
            return null;
        }
    }

    /** A consumer that reads one topic. */
    private static final class Reading {

        private final Consumer<byte[], byte[]> consumer;
        private final long deadline = System.nanoTime() + PATIENCE.toNanos();
        private final List<TopicPartition> partitions;
        private final Map<TopicPartition, Long> begins;
        private final Map<TopicPartition, Long> ends;

        Reading(Consumer<byte[], byte[]> consumer, String topic) {
            this.consumer = consumer;
            this.partitions = consumer.partitionsFor(topic).stream()
                    .map(partition -> new TopicPartition(topic, partition.partition()))
                    .toList();
            consumer.assign(partitions); // otherwise the client warns about each requested offset
            this.begins = consumer.beginningOffsets(partitions);
            this.ends = consumer.endOffsets(partitions);
        }

        List<TopicPartition> partitions() {
            return partitions;
        }

        long begin(TopicPartition partition) {
            return requireNonNull(begins.get(partition));
        }

        long end(TopicPartition partition) {
            return requireNonNull(ends.get(partition));
        }

        /** When the oldest letter of each partition was kept; now, if it has none. */
        Map<TopicPartition, Instant> oldest() {
            var found =
                    consumer.offsetsForTimes(partitions.stream().collect(Collectors.toMap(some -> some, some -> 0L)));
            return partitions.stream().collect(Collectors.toMap(some -> some, some -> {
                OffsetAndTimestamp oldest = found.get(some);
                return oldest == null ? Instant.now() : Instant.ofEpochMilli(oldest.timestamp());
            }));
        }

        /** Visits the records between two offsets; returns whether the visitor wanted them all. */
        boolean each(TopicPartition partition, long from, long to, Predicate<ConsumerRecord<byte[], byte[]>> visitor) {
            consumer.assign(List.of(partition));
            consumer.seek(partition, from);
            while (consumer.position(partition) < to) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    if (record.offset() >= to) {
                        return true;
                    }
                    if (!visitor.test(record)) {
                        return false;
                    }
                }
                if (System.nanoTime() > deadline) {
                    throw new TimeoutException("it takes more than %d s".formatted(PATIENCE.toSeconds()));
                }
            }
            return true;
        }
    }
}
