package routes.kafka;

import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.TopicPartition;

/**
 * Where a group without committed offsets starts: at the oldest record ({@code earliest}), after the newest ({@code latest}), or at the
 * first record at or after a time such as {@code 2026-11-01T00:00:00Z}.
 */
@FunctionalInterface
public interface StartOffset {

    /** At the oldest record that the topic still has. */
    StartOffset EARLIEST = Consumer::beginningOffsets;

    /**
     * After the newest record, in all partitions of the topic, if the group has no committed offset in any of them. Otherwise the
     * group is not new: a partition that was added to its topic is read from the oldest record.
     */
    StartOffset LATEST = (consumer, partitions) -> {
        Set<TopicPartition> all = new HashSet<>(partitions);
        partitions.stream().map(TopicPartition::topic).distinct().forEach(topic -> consumer.partitionsFor(topic)
                .forEach(info -> all.add(new TopicPartition(topic, info.partition()))));
        boolean isNew = consumer.committed(all).values().stream().allMatch(Objects::isNull);
        return isNew ? consumer.endOffsets(all) : consumer.beginningOffsets(partitions);
    };

    /** The offsets to start at: for these partitions, and possibly for others, to be committed for the instances that read those. */
    Map<TopicPartition, Long> offsets(Consumer<?, ?> consumer, Collection<TopicPartition> partitions);

    /**
     * Parses a start offset.
     *
     * @throws IllegalArgumentException if it is not one; the message says what to write
     */
    static StartOffset of(String text) {
        return switch (text) {
            case "earliest" -> EARLIEST;
            case "latest" -> LATEST;
            default -> at(time(text));
        };
    }

    /**
     * Checks a configured start offset.
     *
     * @throws IllegalArgumentException if it is not one, or in the future; the message says what to write
     */
    static void check(String text) {
        long latest =
                Instant.now().plus(Duration.ofDays(1)).toEpochMilli(); // clocks differ: it may be somebody's present
        if (!text.equals("earliest") && !text.equals("latest") && time(text) > latest) {
            throw new IllegalArgumentException(
                    "that is in the future, and would mean from now on: write latest, or a time that has come");
        }
    }

    /**
     * A time that a record may have, in milliseconds since 1970: Kafka refuses to look for an earlier one. Only in UTC, and before the
     * year 10000: the plus of others would be a space in the address of Camel's endpoint.
     */
    private static long time(String text) {
        try {
            long time = Instant.parse(text).toEpochMilli();
            if (time >= 0 && text.matches("\\d{4}-.*Z")) {
                return time;
            }
        } catch (DateTimeParseException | ArithmeticException e) {
            // Said below, as of the other times.
        }
        throw new IllegalArgumentException("write earliest, latest, or a time since 1970 such as 2026-11-01T00:00:00Z");
    }

    private static StartOffset at(long time) {
        return (consumer, partitions) -> {
            Map<TopicPartition, Long> times = new HashMap<>();
            partitions.forEach(partition -> times.put(partition, time));
            // A partition without a record of that time or later starts at its end.
            Map<TopicPartition, Long> starts = new HashMap<>(consumer.endOffsets(partitions));
            for (Map.Entry<TopicPartition, OffsetAndTimestamp> found :
                    consumer.offsetsForTimes(times).entrySet()) {
                if (found.getValue() != null) {
                    starts.put(found.getKey(), found.getValue().offset());
                }
            }
            return starts;
        };
    }
}
