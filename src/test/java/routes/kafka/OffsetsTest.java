package routes.kafka;

import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.eq;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.verifyNoMoreInteractions;

import java.util.Map;
import org.apache.camel.component.kafka.consumer.DefaultKafkaManualCommit;
import org.apache.camel.component.kafka.consumer.KafkaManualCommitFactory.CamelExchangePayload;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class OffsetsTest {

    private static final TopicPartition ONE = new TopicPartition("domain-events", 1);
    private static final TopicPartition TWO = new TopicPartition("domain-events", 2);

    private final Consumer<byte[], byte[]> consumer = mock();

    @Test
    void ofEachPartitionAllThatTheBatchHasIsCommittedAtOnce() {
        RecordBatch batch = new RecordBatch("email-workers");
        read(batch, ONE, 7);
        read(batch, TWO, 3);
        read(batch, ONE, 8);

        new Offsets().commit(batch);

        verify(consumer).commitSync(eq(Map.of(ONE, new OffsetAndMetadata(9), TWO, new OffsetAndMetadata(4))), any());
        verifyNoMoreInteractions(consumer);
    }

    private void read(RecordBatch batch, TopicPartition partition, long offset) {
        DefaultKafkaManualCommit commit = mock();
        given(commit.getPartition()).willReturn(partition);
        given(commit.getRecordOffset()).willReturn(offset);
        given(commit.getCamelExchangePayload()).willReturn(new CamelExchangePayload(null, consumer, "thread", null));
        batch.commitUpTo(partition, commit);
    }
}
