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
 * A batch of records as a consumer group has read it, and what has to become a dead letter before it is committed. For one thread
 * at a time.
 */
public final class RecordBatch implements RejectionHandler {

    /** The exchange property under which the batch stays while bodies change. */
    public static final String BATCH = "batch";

    private final long began = System.nanoTime();
    private final String group;
    private final List<DomainEvent> events = new ArrayList<>();

    /** By identity: two records may say the same. */
    private final IdentityHashMap<DomainEvent, ConsumerRecord<byte[], byte[]>> recordOfEvent = new IdentityHashMap<>();

    private final Map<ConsumerRecord<byte[], byte[]>, UnreadableRecord> unreadable = new LinkedHashMap<>();
    private final Map<TopicPartition, DefaultKafkaManualCommit> commits = new HashMap<>();

    /** An empty batch of a group. */
    public RecordBatch(String group) {
        this.group = group;
    }

    /** Adds an event that the group handles, with the record that it was. */
    public void add(DomainEvent event, ConsumerRecord<byte[], byte[]> record) {
        events.add(event);
        recordOfEvent.put(event, record);
    }

    /** Adds a record that the group cannot take in. One that is added twice counts once. */
    public void reject(ConsumerRecord<byte[], byte[]> record, String reason) {
        unreadable.put(record, new UnreadableRecord(group, record, reason));
    }

    /** Records of a partition come in the order of their offsets: the last one stands for all before it. */
    void commitUpTo(TopicPartition partition, DefaultKafkaManualCommit commit) {
        commits.put(partition, commit);
    }

    /** What the group handles, in the order of each partition; other types have passed over. */
    public List<DomainEvent> events() {
        return List.copyOf(events);
    }

    /** How long ago the batch was read. */
    Duration age() {
        return Duration.ofNanos(System.nanoTime() - began);
    }

    /** What is to go to the dead letters, and is not kept yet. */
    public List<UnreadableRecord> unreadable() {
        return List.copyOf(unreadable.values());
    }

    /** One a partition, for its last record. */
    Collection<DefaultKafkaManualCommit> commits() {
        return commits.values();
    }

    /** An event of this very batch, which the database refuses. */
    @Override
    public void refused(DomainEvent event, String reason) {
        ConsumerRecord<byte[], byte[]> record = recordOfEvent.get(event);
        if (record == null) {
            throw new IllegalArgumentException("The event %s is not of this batch".formatted(event.id()));
        }
        reject(record, reason);
    }

    /** A dead letter is kept, and is not kept again when a later step fails and the batch goes on from there. */
    public void kept(UnreadableRecord letter) {
        unreadable.remove(letter.record());
    }
}
