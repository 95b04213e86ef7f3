package routes.kafka;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.component.kafka.consumer.DefaultKafkaManualCommit;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.springframework.stereotype.Component;

/**
 * Commits the offsets of a batch. Call it on the consumer's own thread, after the batch's work is durable.
 * Camel's commit of a batch only covers the partition of its last record, so all partitions are committed here, in one request.
 */
@Component
public class Offsets {

    /** Commits the last record of every partition in the batch, and waits for the broker's answer. */
    public void commit(@ExchangeProperty(RecordBatch.BATCH) RecordBatch batch) {
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        for (DefaultKafkaManualCommit last : batch.commits()) {
            offsets.put(last.getPartition(), new OffsetAndMetadata(last.getRecordOffset() + 1));
        }
        // One consumer reads all records of a batch.
        batch.commits().stream().findFirst().ifPresent(any -> any.getCamelExchangePayload()
                .consumer
                .commitSync(offsets, Duration.ofMillis(any.getCommitTimeout())));
    }
}
