package routes.kafka;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.TopicPartition;

/**
 * Where a group starts that has committed nothing yet: at the oldest record ({@code earliest}), behind the newest ({@code latest}), or
 * at the first record of a time or after it, such as {@code 2026-11-01T00:00:00Z}.
 */
@FunctionalInterface
interface Start {

    /** At the oldest record that the topic still has. */
    Start EARLIEST = Consumer::beginningOffsets;

    /** Behind the newest record. */
    Start LATEST = Consumer::endOffsets;

    /** The offsets of these partitions at which to start. */
    Map<TopicPartition, Long> offsets(Consumer<?, ?> consumer, Collection<TopicPartition> partitions);

    /**
     * The start that a text names.
     *
     * @throws IllegalArgumentException when it names none; the message says what to write
     */
    static Start of(String text) {
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

    private static Start at(Instant time) {
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
