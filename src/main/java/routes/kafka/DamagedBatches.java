package routes.kafka;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.CorruptRecordException;
import org.apache.kafka.common.record.internal.DefaultRecordBatch;
import org.springframework.util.ConcurrentLruCache;

/**
 * Batches whose checksum is wrong, of all consumers. Once, a batch may have been damaged on its way, and arrive intact the next time; the
 * same bytes time after time are damaged where the broker keeps them, as by a disk (KAFKA-8722), and would hold up their partition for good.
 */
final class DamagedBatches {

    /** Why the records of such a batch were not read. */
    static final String REASON = "their checksum is wrong, time after time: the broker's copy of the batch is damaged";

    /** How often the same bytes have to come. */
    private static final int TIMES = 3;

    private static final ConcurrentLruCache<Seen, int[]> SEEN = new ConcurrentLruCache<>(100, first -> new int[1]);

    private record Seen(TopicPartition partition, long offset, long checksum) {}

    private DamagedBatches() {}

    /** Whether its checksum is wrong. */
    static boolean isDamaged(DefaultRecordBatch batch) {
        try {
            batch.ensureValid();
            return false;
        } catch (CorruptRecordException e) {
            return true;
        }
    }

    /**
     * Whether a damaged batch will not arrive intact any more, and says which offsets it has: their number agrees with that of its records,
     * which are far apart in its header.
     *
     * @param bytes of the batch
     */
    static boolean isLost(TopicPartition partition, DefaultRecordBatch batch, ByteBuffer bytes) {
        CRC32C checksum = new CRC32C();
        checksum.update(bytes.duplicate());
        int[] times = SEEN.get(new Seen(partition, batch.baseOffset(), checksum.getValue()));
        synchronized (times) {
            times[0]++;
            return times[0] >= TIMES && batch.countOrNull() == batch.lastOffset() - batch.baseOffset() + 1;
        }
    }
}
