package routes.kafka;

import org.apache.camel.ExchangeProperty;
import org.apache.camel.component.kafka.consumer.KafkaManualCommit;
import org.springframework.stereotype.Component;

/**
 * Commits what a batch has been through. To be called on the consumer's own thread, after the batch's work is durable.
 * Camel's commit of a batch covers the partition of its last record alone, so each partition is committed here.
 */
@Component
public class Offsets {

    /** Commits the last record of every partition in the batch, and waits for the broker's word. */
    public void commit(@ExchangeProperty(RecordBatch.BATCH) RecordBatch batch) {
        batch.commits().forEach(KafkaManualCommit::commit);
    }
}
