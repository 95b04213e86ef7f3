package routes.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.DefaultRecordBatch;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.internals.BufferSupplier;

/** A batch as a broker might return it: the input is the codec, the number of records, and the bytes to unpack. */
class FetchUnpackingFuzzTest {

    private static final int LONGEST = 100_000;
    private static final long OFFSET = 1_000;

    @FuzzTest
    void isUnpackedWithinBoundsAndLeavesNoOffsetOut(byte[] input) {
        if (input.length < 3) {
            return;
        }
        CompressionType compression = CompressionType.forId(1 + (input[0] & 3));
        int count = 1 + (input[1] & 0x7f);
        long from = OFFSET + (input[2] & 0x3f) % count;
        ByteBuffer batch = ByteBuffer.allocate(DefaultRecordBatch.RECORD_BATCH_OVERHEAD + input.length - 3);
        batch.position(DefaultRecordBatch.RECORD_BATCH_OVERHEAD);
        batch.put(input, 3, input.length - 3).flip();
        DefaultRecordBatch.writeHeader(
                batch,
                OFFSET,
                count - 1,
                batch.limit(),
                RecordBatch.CURRENT_MAGIC_VALUE,
                compression,
                TimestampType.CREATE_TIME,
                0,
                0,
                RecordBatch.NO_PRODUCER_ID,
                RecordBatch.NO_PRODUCER_EPOCH,
                RecordBatch.NO_SEQUENCE,
                false,
                false,
                false,
                0,
                count);
        MemoryRecords records = MemoryRecords.readableRecords(batch.rewind());

        MemoryRecords bounded = new FetchUnpacking(LONGEST, 500, BufferSupplier.NO_CACHING)
                .bounded(new TopicPartition("fuzz", 0), records, from, FetchUnpacking.MOST_KEPT);

        assertThat(bounded.sizeInBytes()).isLessThan(FetchUnpacking.MOST_KEPT + LONGEST + 10_000);
        long last = -1;
        for (MutableRecordBatch unpacked : bounded.batches()) {
            unpacked.ensureValid();
            try (var iterator = unpacked.streamingIterator(BufferSupplier.NO_CACHING)) {
                while (iterator.hasNext()) {
                    Record record = iterator.next();
                    assertThat(record.sizeInBytes()).isLessThan(LONGEST + 100);
                    last = record.offset();
                }
            }
            assertThat(unpacked.nextOffset()).isGreaterThan(from);
        }
        assertThat(last).isLessThan(OFFSET + count);
    }
}
