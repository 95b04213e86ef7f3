package routes.consumer;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import routes.kafka.StandaloneConsumers;

/** The timestamps of the groups' first uncommitted records. A timestamp is read only once. Not thread-safe. */
final class FirstRecords {

    /** Instead of a timestamp: no record follows before the end. */
    static final Long NONE = Long.MIN_VALUE;

    private static final Logger LOG = LoggerFactory.getLogger(FirstRecords.class);

    /** For all groups together. */
    private static final Duration READING = Duration.ofSeconds(2);

    private final StandaloneConsumers consumers;
    private Map<Place, Long> timestamps = Map.of();

    FirstRecords(StandaloneConsumers consumers) {
        this.consumers = consumers;
    }

    /** A position in a partition. */
    record Place(TopicPartition partition, long offset) {}

    /**
     * The timestamps of the first uncommitted records; {@link #NONE} if no record follows.
     *
     * @param stands the next offset of each group
     * @param begins the first offset of each partition
     * @param ends the offset up to which there are records to read
     */
    Map<Place, Long> timestamps(
            Map<String, Map<TopicPartition, Long>> stands,
            Map<TopicPartition, Long> begins,
            Map<TopicPartition, Long> ends) {
        Map<Place, Long> known = new HashMap<>();
        List<Place> unknown = new ArrayList<>();
        stands.values()
                .forEach(stand -> stand.forEach((partition, offset) -> {
                    Place place = new Place(partition, offset);
                    Long timestamp = timestamps.get(place);
                    if (offset >= Objects.requireNonNull(ends.get(partition)) || unknown.contains(place)) {
                        return;
                    }
                    if (timestamp == null || timestamp.equals(NONE)) { // a record may follow by now
                        unknown.add(place);
                    } else {
                        known.put(place, timestamp);
                    }
                }));
        if (!unknown.isEmpty()) {
            read(unknown, begins, ends, known);
        }
        timestamps = known;
        return known;
    }

    private void read(
            List<Place> places,
            Map<TopicPartition, Long> begins,
            Map<TopicPartition, Long> ends,
            Map<Place, Long> found) {
        long deadline = System.nanoTime() + READING.toNanos();
        List<Place> left = new ArrayList<>(places);
        try (Consumer<byte[], byte[]> consumer = consumers.open(Map.of(
                ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 1, // one record; the broker sends a whole batch anyway
                ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) READING.toMillis(),
                ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) READING.toMillis()))) {
            while (!left.isEmpty() && System.nanoTime() < deadline) {
                // A consumer has one position per partition, but groups have several: in turns.
                Map<TopicPartition, Place> turn = new LinkedHashMap<>();
                left.forEach(place -> turn.putIfAbsent(place.partition(), place));
                consumer.assign(turn.keySet());
                turn.values()
                        .forEach(place -> consumer.seek(
                                place.partition(),
                                Math.max(place.offset(), Objects.requireNonNull(begins.get(place.partition())))));
                read(consumer, turn, ends, deadline, found);
                left.removeAll(turn.values());
            }
        } catch (KafkaException e) {
            LOG.debug("The age of the lag is currently unknown: {}", e.getMessage());
        }
    }

    private static void read(
            Consumer<byte[], byte[]> consumer,
            Map<TopicPartition, Place> turn,
            Map<TopicPartition, Long> ends,
            long deadline,
            Map<Place, Long> found) {
        Map<TopicPartition, Place> open = new HashMap<>(turn);
        while (!open.isEmpty() && System.nanoTime() < deadline) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
                Place place = open.remove(new TopicPartition(record.topic(), record.partition()));
                if (place != null) {
                    found.put(place, record.timestamp());
                }
            }
            open.values().removeIf(place -> {
                boolean atTheEnd =
                        consumer.position(place.partition()) >= Objects.requireNonNull(ends.get(place.partition()));
                if (atTheEnd) {
                    found.put(place, NONE);
                }
                return atTheEnd;
            });
            consumer.pause(turn.keySet().stream()
                    .filter(partition -> !open.containsKey(partition))
                    .toList());
        }
    }
}
