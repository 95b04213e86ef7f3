package routes.kafka;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceDataCollection;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.DefaultRecordBatch;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.ProduceRequest;
import org.apache.kafka.common.requests.ProduceResponse;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.utils.internals.ByteBufferOutputStream;
import org.apache.kafka.common.utils.internals.ByteUtils;

/** A compressed batch of records that would not fit into memory together, created and written without holding them. */
public final class HugeBatch {

    private static final byte[] LETTERS = new byte[64 * 1024];
    private static final short VERSION = 9; // the last but a few, and flexible; topics have names

    static {
        Arrays.fill(LETTERS, (byte) 'x');
    }

    private final CompressionType compression;
    private final long timestamp = System.currentTimeMillis();
    private final ByteBufferOutputStream bytes = new ByteBufferOutputStream(64 * 1024);
    private final DataOutputStream out;
    private int count;

    /** An empty batch. */
    public HugeBatch(CompressionType compression) {
        this.compression = compression;
        bytes.position(DefaultRecordBatch.RECORD_BATCH_OVERHEAD);
        OutputStream compressed =
                Compression.of(compression).build().wrapForOutput(bytes, RecordBatch.CURRENT_MAGIC_VALUE);
        out = new DataOutputStream(compressed);
    }

    /** Adds a record whose key, value and only header have this many letters x; a negative number leaves one out. */
    public HugeBatch add(int key, int value, int header) {
        int headers = header < 0 ? 0 : 1;
        int length = 1
                + ByteUtils.sizeOfVarlong(0)
                + ByteUtils.sizeOfVarint(count)
                + size(key)
                + size(value)
                + ByteUtils.sizeOfVarint(headers)
                + headers * (2 + size(header));
        return record(length, () -> {
            letters(key);
            letters(value);
            ByteUtils.writeVarint(headers, out);
            if (headers > 0) {
                ByteUtils.writeVarint(1, out);
                out.write('h');
                letters(header);
            }
        });
    }

    /** Adds a record with a value and no key. */
    public HugeBatch add(String value) {
        byte[] text = value.getBytes(StandardCharsets.UTF_8);
        int length = 1
                + ByteUtils.sizeOfVarlong(0)
                + ByteUtils.sizeOfVarint(count)
                + size(-1)
                + ByteUtils.sizeOfVarint(text.length)
                + text.length
                + 1;
        return record(length, () -> {
            letters(-1);
            ByteUtils.writeVarint(text.length, out);
            out.write(text);
            ByteUtils.writeVarint(0, out);
        });
    }

    /** Adds bytes that are not a record in place of one. */
    HugeBatch addRubbish(byte[] rubbish) {
        try {
            out.write(rubbish);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        count++;
        return this;
    }

    private interface Content {
        void write() throws IOException;
    }

    private HugeBatch record(int length, Content content) {
        try {
            ByteUtils.writeVarint(length, out);
            out.write(0);
            ByteUtils.writeVarlong(0, out);
            ByteUtils.writeVarint(count, out);
            content.write();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        count++;
        return this;
    }

    private static int size(int letters) {
        return ByteUtils.sizeOfVarint(letters) + Math.max(letters, 0);
    }

    private void letters(int number) throws IOException {
        ByteUtils.writeVarint(number, out);
        for (int left = number; left > 0; left -= LETTERS.length) {
            out.write(LETTERS, 0, Math.min(left, LETTERS.length));
        }
    }

    /** The batch, with offsets from this one on. */
    MemoryRecords at(long offset) {
        return at(offset, 7L, false);
    }

    MemoryRecords at(long offset, long producer, boolean isTransactional) {
        try {
            out.close();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        ByteBuffer batch = bytes.buffer().duplicate().flip();
        boolean hasProducer = producer >= 0;
        DefaultRecordBatch.writeHeader(
                batch,
                offset,
                count - 1,
                batch.limit(),
                RecordBatch.CURRENT_MAGIC_VALUE,
                compression,
                TimestampType.CREATE_TIME,
                timestamp,
                timestamp,
                producer,
                hasProducer ? (short) 1 : RecordBatch.NO_PRODUCER_EPOCH,
                hasProducer ? 0 : RecordBatch.NO_SEQUENCE,
                isTransactional,
                false,
                false,
                RecordBatch.NO_PARTITION_LEADER_EPOCH,
                count);
        return MemoryRecords.readableRecords(batch.rewind());
    }

    /**
     * Writes the batch, like a producer.
     *
     * @param broker the partition's leader, as host:port
     * @return the offset of the batch's first record
     */
    public long write(String broker, TopicPartition partition) throws IOException {
        ProduceRequestData data = new ProduceRequestData()
                .setAcks((short) -1)
                .setTimeoutMs(30_000)
                .setTopicData(new TopicProduceDataCollection(List.of(new TopicProduceData()
                                .setName(partition.topic())
                                .setPartitionData(List.of(new PartitionProduceData()
                                        .setIndex(partition.partition())
                                        .setRecords(at(0, RecordBatch.NO_PRODUCER_ID, false)))))
                        .iterator()));
        RequestHeader header = new RequestHeader(ApiKeys.PRODUCE, VERSION, "huge", 1);
        ProduceRequest request = new ProduceRequest.Builder(VERSION, VERSION, data).build(VERSION);
        ByteBuffer bytesOfRequest = request.serializeWithHeader(header);
        int port = Integer.parseInt(broker.substring(broker.lastIndexOf(':') + 1));
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            DataOutputStream to = new DataOutputStream(socket.getOutputStream());
            to.writeInt(bytesOfRequest.remaining());
            to.write(
                    bytesOfRequest.array(),
                    bytesOfRequest.arrayOffset() + bytesOfRequest.position(),
                    bytesOfRequest.remaining());
            to.flush();
            DataInputStream in = new DataInputStream(socket.getInputStream());
            ByteBuffer answer = ByteBuffer.wrap(in.readNBytes(in.readInt()));
            ProduceResponse response = (ProduceResponse) AbstractResponse.parseResponse(answer, header);
            var result = response.data()
                    .responses()
                    .iterator()
                    .next()
                    .partitionResponses()
                    .get(0);
            if (result.errorCode() != Errors.NONE.code()) {
                throw Errors.forCode(result.errorCode()).exception(result.errorMessage());
            }
            return result.baseOffset();
        }
    }
}
