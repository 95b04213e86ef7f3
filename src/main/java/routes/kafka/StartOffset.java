package routes.kafka;

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
 * Where a group starts that has committed nothing yet: at the oldest record ({@code earliest}), behind the newest ({@code latest}), or
 * at the first record of a time or after it, such as {@code 2026-11-01T00:00:00Z}.
 */
@FunctionalInterface
interface StartOffset {

    /** At the oldest record that the topic still has. */
    StartOffset EARLIEST = Consumer::beginningOffsets;

    /**
     * Behind the newest record, in all of the topic alike, when the group has committed nothing in it at all. A group that has does
     * not start: a partition that was added to its topic is read from the oldest record.
     */
    StartOffset LATEST = (consumer, partitions) -> {
        Set<TopicPartition> all = new HashSet<>(partitions);
        partitions.stream().map(TopicPartition::topic).distinct().forEach(topic -> consumer.partitionsFor(topic)
                .forEach(info -> all.add(new TopicPartition(topic, info.partition()))));
        boolean isNew = consumer.committed(all).values().stream().allMatch(Objects::isNull);
        return isNew ? consumer.endOffsets(all) : consumer.beginningOffsets(partitions);
    };

    /** The offsets at which to start: those of these partitions, and maybe of others, to be committed for whoever reads them. */
    Map<TopicPartition, Long> offsets(Consumer<?, ?> consumer, Collection<TopicPartition> partitions);

    /**
     * The start that a text names.
     *
     * @throws IllegalArgumentException when it names none; the message says what to write
     */
    static StartOffset of(String text) {
        return switch (text) {
            case "earliest" -> EARLIEST;
            case "latest" -> LATEST;
            default -> at(time(text));
        };
    }

    private static Instant time(String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException("write earliest, latest, or a time such as 2026-11-01T00:00:00Z", e);
        }
    }

    private static StartOffset at(Instant time) {
        return (consumer, partitions) -> {
            Map<TopicPartition, Long> times = new HashMap<>();
            partitions.forEach(partition -> times.put(partition, time.toEpochMilli()));
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
