package routes.kafka;

import java.util.List;
import org.apache.camel.component.kafka.consumer.KafkaManualCommit;
import routes.event.DomainEvent;

/**
 * A batch of records, read.
 *
 * @param events what the group handles, in the order of each partition; other types have passed over
 * @param unreadable what is to go to the dead letters before the batch is committed
 * @param commits one a partition, for its last record
 */
public record RecordBatch(
        List<DomainEvent> events, List<UnreadableRecord> unreadable, List<KafkaManualCommit> commits) {

    /** The exchange property under which the batch stays while bodies change. */
    public static final String BATCH = "batch";
}
