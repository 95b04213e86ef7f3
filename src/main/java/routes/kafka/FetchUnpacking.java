package routes.kafka;

import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.CorruptRecordException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.DefaultRecord;
import org.apache.kafka.common.record.internal.DefaultRecordBatch;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.apache.kafka.common.utils.internals.ByteBufferOutputStream;
import org.apache.kafka.common.utils.internals.ByteUtils;
import org.jspecify.annotations.Nullable;

/**
 * Makes the compressed batches of one fetch answer safe to unpack. Kafka's client has no limit for that: it allocates the length that a
 * record declares ({@code DefaultRecord.readFrom}), and reads up to {@code max.poll.records} of them, whereas the broker has only limited
 * the compressed batch.
 *
 * <p>A batch of small records, like nearly all, stays as it is: the client unpacks it one record at a time. An uncompressed batch stays,
 * too. Any other batch is unpacked here and passed to the client uncompressed, as is every batch with malformed records, which would stop
 * the client with all its partitions:
 * <ul>
 *   <li>A record longer than the limit keeps its offset and timestamp, and has a {@linkplain #refusal reason} in place of key, value and
 *       headers. Its bytes are skipped and never held in memory together.
 *   <li>Records within the limit are passed on as far as {@link #MOST_KEPT} allows; the client fetches again from the next one.
 *   <li>The part that cannot be unpacked, or not within {@link #MOST_OF_A_BATCH}, becomes one record with a reason that names the offsets;
 *       so does a batch that is {@linkplain DamagedBatches damaged for good}.
 * </ul>
 *
 * <p>For one thread.
 */
final class FetchUnpacking {

    /** How many bytes unpacked here an answer may hold before its last record. */
    static final int MOST_KEPT = 4 * 1024 * 1024;

    /** How many bytes of a batch are unpacked to find its other records: at most a second's work, well within the session timeout. */
    static final int MOST_OF_A_BATCH = 256 * 1024 * 1024;

    /** After how many unpacked bytes no further batch of an answer is begun. */
    private static final int MOST_OF_AN_ANSWER = 128 * 1024 * 1024;

    /** How many bytes a batch of small records may hold. A typical one has a tenth of it. */
    private static final int MOST_OF_A_SMALL_BATCH = 16 * 1024 * 1024;

    private static final String REFUSAL = "unread-reason";

    /** The maximum length of the attributes, timestamp and offset that a record begins with. */
    private static final int BEGINNING = 1 + 10 + 5;

    /** A decompressor may hold 128 MiB outside the heap (zstd's window): only one at a time, across all consumers. */
    private static final Object ONE_AT_A_TIME = new Object();

    private final int longest;
    private final int small;
    private final BufferSupplier buffers;

    private long unpacked;
    private int kept;
    private ByteBuffer oneRecord = ByteBuffer.allocate(1024);

    /**
     * For one answer.
     *
     * @param longest how many bytes a record may have, with its key and headers
     * @param atATime how many records a poll returns at most
     */
    FetchUnpacking(int longest, int atATime, BufferSupplier buffers) {
        this.longest = longest;
        this.small = Math.min(longest, MOST_KEPT / atATime);
        this.buffers = buffers;
    }

    /** Why a record has no content, if it was refused here; null for any other record. */
    static @Nullable String refusal(byte @Nullable [] value, Headers headers) {
        Header reason = value == null ? headers.lastHeader(REFUSAL) : null;
        return reason == null || reason.value() == null ? null : new String(reason.value(), StandardCharsets.UTF_8);
    }

    /**
     * The records of a partition, as far as they may be unpacked now. What follows a header that cannot be read stays as it is: the client
     * reports it, after the records before it.
     *
     * @param from the requested offset; earlier records of its batch were read before
     * @param share how many unpacked bytes this partition may hold before its last record
     */
    MemoryRecords bounded(TopicPartition partition, MemoryRecords records, long from, int share) {
        ByteBuffer bytes = records.buffer();
        List<ByteBuffer> parts = new ArrayList<>();
        boolean isChanged = false;
        int mayKeep = Math.min(kept + share, MOST_KEPT);
        int position = bytes.position();
        try {
            for (MutableRecordBatch any : records.batches()) {
                ByteBuffer part = bytes.slice(position, any.sizeInBytes());
                position += any.sizeInBytes();
                if (!(any instanceof DefaultRecordBatch batch) || batch.isControlBatch()) {
                    parts.add(part);
                    continue;
                }
                if (unpacked >= MOST_OF_AN_ANSWER) {
                    isChanged = true;
                    break;
                }
                boolean isDamaged = DamagedBatches.isDamaged(batch);
                boolean isLost = isDamaged && DamagedBatches.isLost(partition, batch, part);
                if (isDamaged ? !isLost : isSmallAndWellFormed(batch)) {
                    parts.add(part);
                    continue;
                }
                isChanged = true;
                if (kept >= mayKeep) {
                    break;
                }
                Unpacked whole = new Unpacked(batch, from, mayKeep - kept);
                if (isLost) {
                    whole.refuseTheRest(DamagedBatches.REASON);
                } else {
                    synchronized (ONE_AT_A_TIME) {
                        whole.unpack();
                    }
                }
                parts.add(whole.asUncompressed());
                if (whole.isCut) {
                    break;
                }
            }
        } catch (CorruptRecordException e) {
            parts.add(bytes.slice(position, bytes.limit() - position));
        }
        return isChanged ? together(parts) : records;
    }

    private static MemoryRecords together(List<ByteBuffer> parts) {
        ByteBuffer all = ByteBuffer.allocate(
                parts.stream().mapToInt(ByteBuffer::remaining).sum());
        parts.forEach(all::put);
        return MemoryRecords.readableRecords(all.flip());
    }

    /** Whether the client can read the batch within limits. The broker has limited uncompressed batches. */
    private boolean isSmallAndWellFormed(DefaultRecordBatch batch) {
        long all = 0;
        long last = batch.baseOffset() - 1;
        try (InputStream in = batch.recordInputStream(buffers)) {
            int most = batch.isCompressed() ? small : batch.sizeInBytes();
            for (int left = batch.countOrNull(); left > 0; left--) {
                int length = ByteUtils.readVarint(in);
                all += length;
                if (length < 0 || length > most || all > MOST_OF_A_SMALL_BATCH) {
                    return false;
                }
                long offset = read(in, length, batch.baseOffset()).offset();
                if (offset <= last || offset > batch.lastOffset()) {
                    return false;
                }
                last = offset;
            }
            return in.read() == -1;
        } catch (IOException | RuntimeException e) {
            return false; // unpacking fails, too, and reports it
        } finally {
            unpacked += all;
        }
    }

    private DefaultRecord read(InputStream in, int length, long baseOffset) throws IOException {
        int whole = ByteUtils.sizeOfVarint(length) + length;
        if (oneRecord.capacity() < whole) {
            oneRecord = ByteBuffer.allocate(whole);
        }
        oneRecord.clear();
        ByteUtils.writeVarint(length, oneRecord);
        if (in.readNBytes(oneRecord.array(), oneRecord.position(), length) < length) {
            throw new InvalidRecordException("its batch ends in the middle of a record");
        }
        return DefaultRecord.readFrom(oneRecord.rewind().limit(whole), baseOffset, 0, 0, null);
    }

    /** An unpacked batch. */
    private final class Unpacked {

        private final DefaultRecordBatch batch;
        private final long from;
        private final int share;

        /** The records, after the space for their header. */
        private final ByteBufferOutputStream out = new ByteBufferOutputStream(64 * 1024);

        private final int lastOfTheBatch;
        private int last;
        private int count;

        /** Whether the client has to fetch the rest again. */
        private boolean isCut;

        Unpacked(DefaultRecordBatch batch, long from, int share) {
            this.batch = batch;
            this.from = from;
            this.share = share;
            this.lastOfTheBatch = (int) (batch.lastOffset() - batch.baseOffset());
            this.last = -1;
            out.position(DefaultRecordBatch.RECORD_BATCH_OVERHEAD);
        }

        void unpack() {
            long work = 0;
            try (InputStream in = batch.recordInputStream(buffers)) {
                int records = batch.countOrNull();
                for (int read = 1; read <= records && !isCut; read++) {
                    int length = ByteUtils.readVarint(in);
                    ByteBuffer beginning = ByteBuffer.wrap(in.readNBytes(Math.min(length, BEGINNING)));
                    beginning.get();
                    long timestamp = ByteUtils.readVarlong(beginning);
                    int delta = ByteUtils.readVarint(beginning);
                    if (delta <= last || delta > lastOfTheBatch) {
                        throw new InvalidRecordException("its offsets are out of order");
                    }
                    boolean isNew = batch.baseOffset() + delta >= from;
                    if (isNew && length > longest) {
                        refuse(
                                timestamp,
                                delta,
                                "the record has %d bytes unpacked; at most %d are kept".formatted(length, longest));
                    }
                    work += length;
                    if (work > MOST_OF_A_BATCH && read < records) {
                        last = delta;
                        throw new InvalidRecordException(
                                "its batch has more than %d bytes unpacked".formatted(MOST_OF_A_BATCH));
                    }
                    if (!isNew || length > longest) {
                        last = delta;
                        if (read < records) {
                            in.skipNBytes(length - beginning.limit());
                        }
                    } else if (count > 0 && kept() + length > share) {
                        isCut = true;
                    } else {
                        byte[] rest = in.readNBytes(length - beginning.limit());
                        if (rest.length < length - beginning.limit()) {
                            throw new InvalidRecordException("its batch ends in the middle of a record");
                        }
                        if (!keep(length, beginning, rest)) {
                            refuse(timestamp, delta, "the record's lengths do not add up");
                        }
                        last = delta;
                    }
                }
            } catch (IOException | RuntimeException e) {
                refuseTheRest(e.getMessage());
            }
            unpacked += work;
            kept += kept();
        }

        private int kept() {
            return out.position() - DefaultRecordBatch.RECORD_BATCH_OVERHEAD;
        }

        /** False for a record that Kafka's client could not read, which would stop it. */
        private boolean keep(int length, ByteBuffer beginning, byte[] rest) {
            out.ensureRemaining(ByteUtils.sizeOfVarint(length) + length);
            int start = out.position();
            ByteUtils.writeVarint(length, out.buffer());
            out.write(beginning.rewind());
            out.write(rest, 0, rest.length);
            try {
                DefaultRecord.readFrom(out.buffer().duplicate().flip().position(start), 0, 0, 0, null);
            } catch (InvalidRecordException e) {
                out.position(start);
                return false;
            }
            count++;
            return true;
        }

        private void refuse(long timestamp, int delta, String reason) throws IOException {
            Header header = new RecordHeader(REFUSAL, reason.getBytes(StandardCharsets.UTF_8));
            DefaultRecord.writeTo(new DataOutputStream(out), delta, timestamp, null, null, new Header[] {header});
            count++;
        }

        /** One record in place of those that were not read, unless all were. */
        void refuseTheRest(@Nullable String cause) {
            long first = Math.max(batch.baseOffset() + last + 1, from);
            if (first > batch.lastOffset()) {
                return;
            }
            try {
                refuse(
                        0,
                        lastOfTheBatch,
                        "the records at the offsets %d to %d cannot be unpacked: %s"
                                .formatted(first, batch.lastOffset(), cause));
            } catch (IOException e) {
                throw new IllegalStateException("Writing to memory cannot fail", e);
            }
        }

        ByteBuffer asUncompressed() {
            int upTo = isCut ? last : lastOfTheBatch;
            ByteBuffer bytes = out.buffer().flip();
            DefaultRecordBatch.writeHeader(
                    bytes,
                    batch.baseOffset(),
                    upTo,
                    bytes.limit(),
                    batch.magic(),
                    CompressionType.NONE,
                    batch.timestampType(),
                    batch.baseTimestamp(),
                    batch.maxTimestamp(),
                    batch.producerId(),
                    batch.producerEpoch(),
                    batch.baseSequence(),
                    batch.isTransactional(),
                    batch.isControlBatch(),
                    batch.deleteHorizonMs().isPresent(),
                    batch.partitionLeaderEpoch(),
                    count);
            return bytes.rewind();
        }
    }
}
