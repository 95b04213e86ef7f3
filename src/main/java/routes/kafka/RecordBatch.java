package routes.kafka;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.component.kafka.consumer.DefaultKafkaManualCommit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import routes.delivery.RejectionHandler;
import routes.event.DomainEvent;

/**
 * A batch of records as read by a consumer group, with those that must become dead letters before it is committed. For one thread
 * at a time.
 */
public final class RecordBatch implements RejectionHandler {

    /** The exchange property that keeps the batch while bodies change. */
    public static final String BATCH = "batch";

    private final long began = System.nanoTime();
    private final String group;
    private final List<DomainEvent> events = new ArrayList<>();

    /** By identity: two records may hold equal events. */
    private final IdentityHashMap<DomainEvent, ConsumerRecord<byte[], byte[]>> recordOfEvent = new IdentityHashMap<>();

    private final Map<ConsumerRecord<byte[], byte[]>, UnreadableRecord> unreadable = new LinkedHashMap<>();
    private final Map<TopicPartition, DefaultKafkaManualCommit> commits = new HashMap<>();

    /** An empty batch of a group. */
    public RecordBatch(String group) {
        this.group = group;
    }

    /** Adds an event that the group handles, with its record. */
    public void add(DomainEvent event, ConsumerRecord<byte[], byte[]> record) {
        events.add(event);
        recordOfEvent.put(event, record);
    }

    /** Adds a record that the group cannot process. Adding it twice counts once. */
    public void reject(ConsumerRecord<byte[], byte[]> record, String reason) {
        unreadable.put(record, new UnreadableRecord(group, record, reason));
    }

    /** Records of a partition arrive in the order of their offsets: committing the last one commits all before it. */
    void commitUpTo(TopicPartition partition, DefaultKafkaManualCommit commit) {
        commits.put(partition, commit);
    }

    /** The events that the group handles, in the order of each partition; other types were skipped. */
    public List<DomainEvent> events() {
        return List.copyOf(events);
    }

    /** How long ago the batch was read. */
    Duration age() {
        return Duration.ofNanos(System.nanoTime() - began);
    }

    /** The records that must become dead letters and have not yet been written as such. */
    public List<UnreadableRecord> unreadable() {
        return List.copyOf(unreadable.values());
    }

    /** One per partition, for its last record. */
    Collection<DefaultKafkaManualCommit> commits() {
        return commits.values();
    }

    /** The database refuses an event of this batch. */
    @Override
    public void refused(DomainEvent event, String reason) {
        ConsumerRecord<byte[], byte[]> record = recordOfEvent.get(event);
        if (record == null) {
            throw new IllegalArgumentException("The event %s is not in this batch".formatted(event.id()));
        }
        reject(record, reason);
    }

    /** A dead letter has been written, and is not written again if a later step fails and the batch continues from there. */
    public void kept(UnreadableRecord letter) {
        unreadable.remove(letter.record());
    }
}
