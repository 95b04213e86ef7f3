package routes.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.errors.CorruptRecordException;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FetchUnpackingTest {

    private static final int LONGEST = 1024 * 1024;
    private static final int MEGABYTE = 1_000_000;
    private static final TopicPartition PARTITION = new TopicPartition("some", 3);

    /** Where a batch has its attributes, and the number of its last offset. */
    private static final int ATTRIBUTES = 22;

    private static final int LAST_OFFSET_DELTA = 23;

    @ParameterizedTest
    @EnumSource(value = CompressionType.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void aRecordThatIsTooLongHasAReasonInsteadOfContentAndItsNeighboursAreWhole(CompressionType compression) {
        HugeBatch batch = new HugeBatch(compression)
                .add(8, 100, -1)
                .add(8, 200 * MEGABYTE, -1)
                .add(2 * MEGABYTE, -1, -1)
                .add(-1, 5, 2 * MEGABYTE)
                .add(8, 1_000, 10);

        List<Record> read = read(bounded(batch.at(40), 40));

        assertThat(read).extracting(Record::offset).containsExactly(40L, 41L, 42L, 43L, 44L);
        assertThat(read).extracting(Record::valueSize).containsExactly(100, -1, -1, -1, 1_000);
        assertThat(read).extracting(Record::keySize).containsExactly(8, -1, -1, -1, 8);
        assertThat(reason(read.get(1))).contains("2000000", "bytes unpacked", String.valueOf(LONGEST));
        assertThat(reason(read.get(4))).isNull();
        assertThat(read).extracting(Record::timestamp).containsOnly(read.get(0).timestamp());
    }

    @Test
    void theLastRecordOfABatchMayBeOfAnyLength() {
        List<Record> read = read(bounded(
                new HugeBatch(CompressionType.ZSTD)
                        .add(1, 1, -1)
                        .add(-1, 400 * MEGABYTE, -1)
                        .at(0),
                0));

        assertThat(reason(read.get(1))).contains("bytes unpacked");
    }

    @Test
    void whatLiesBehindTooMuchIsOneRecordThatNamesTheOffsets() {
        List<Record> read = read(bounded(
                new HugeBatch(CompressionType.ZSTD)
                        .add(1, 1, -1)
                        .add(-1, 300 * MEGABYTE, -1)
                        .add(1, 1, -1)
                        .add(1, 1, -1)
                        .at(10),
                10));

        assertThat(read).extracting(Record::offset).containsExactly(10L, 11L, 13L);
        assertThat(reason(read.get(2))).contains("12 to 13", "more than");
    }

    @Test
    void recordsThatAreTogetherTooMuchAreGivenOutInTurn() {
        HugeBatch many = new HugeBatch(CompressionType.LZ4);
        for (int i = 0; i < 60; i++) {
            many.add(8, MEGABYTE, -1);
        }
        MemoryRecords records = many.at(100);
        List<Long> offsets = new ArrayList<>();
        long from = 110; // in the middle

        while (from < 160) {
            MemoryRecords some = bounded(records, from);
            assertThat(some.sizeInBytes()).isLessThan(FetchUnpacking.MOST_KEPT + LONGEST + 100);
            read(some).forEach(record -> offsets.add(record.offset()));
            from = last(some).nextOffset();
        }

        assertThat(offsets)
                .hasSize(50)
                .doesNotHaveDuplicates()
                .isSorted()
                .startsWith(110L)
                .endsWith(159L);
    }

    @Test
    void aPartitionThatHasItsShareLeavesTheOthersTheirs() {
        HugeBatch many = new HugeBatch(CompressionType.LZ4);
        for (int i = 0; i < 10; i++) {
            many.add(8, MEGABYTE, -1);
        }
        MemoryRecords records = many.at(0);
        FetchUnpacking unpacking = new FetchUnpacking(LONGEST, 500, BufferSupplier.create());

        for (int partition = 0; partition < 4; partition++) {
            assertThat(read(unpacking.bounded(PARTITION, records, 0, FetchUnpacking.MOST_KEPT / 4)))
                    .hasSize(1);
        }
        for (int partition = 4; partition < 10; partition++) {
            assertThat(read(unpacking.bounded(PARTITION, records, 0, FetchUnpacking.MOST_KEPT / 4)))
                    .as("the answer as a whole is full in the end")
                    .hasSizeLessThanOrEqualTo(1);
        }
        assertThat(unpacking
                        .bounded(PARTITION, records, 0, FetchUnpacking.MOST_KEPT)
                        .sizeInBytes())
                .isZero();
    }

    @ParameterizedTest
    @EnumSource(CompressionType.class)
    void batchesOfSmallRecordsStayAsTheyAre(CompressionType compression) {
        MemoryRecords records = MemoryRecords.withRecords(
                Compression.of(compression).build(),
                new SimpleRecord(new byte[] {1}, new byte[1_000]),
                new SimpleRecord(new byte[] {2}, new byte[2_000]));

        assertThat(bounded(records, 0)).isSameAs(records);
    }

    @Test
    void whatIsNotCompressedStaysAsItIs() {
        MemoryRecords records = MemoryRecords.withRecords(Compression.NONE, new SimpleRecord(new byte[10 * MEGABYTE]));

        assertThat(bounded(records, 0)).isSameAs(records);
    }

    @Test
    void theBatchesBesideOneThatIsUnpackedStayInTheirOrder() {
        MemoryRecords small = MemoryRecords.withRecords(0, Compression.lz4().build(), new SimpleRecord(new byte[10]));
        MemoryRecords huge =
                new HugeBatch(CompressionType.GZIP).add(1, 20 * MEGABYTE, -1).at(1);
        MemoryRecords plain = MemoryRecords.withRecords(2, Compression.NONE, new SimpleRecord(new byte[20]));

        List<Record> read = read(bounded(together(small, huge, plain), 0));

        assertThat(read).extracting(Record::offset).containsExactly(0L, 1L, 2L);
        assertThat(read).extracting(Record::valueSize).containsExactly(10, -1, 20);
    }

    @Test
    void whatABatchSaysOfItsProducerAndTransactionStays() {
        MemoryRecords records =
                new HugeBatch(CompressionType.SNAPPY).add(1, 20 * MEGABYTE, -1).at(5, 77, true);
        MutableRecordBatch before = last(records);

        MutableRecordBatch after = last(bounded(records, 5));

        after.ensureValid();
        assertThat(after.isCompressed()).isFalse();
        assertThat(after.isTransactional()).isTrue();
        assertThat(after.producerId()).isEqualTo(77);
        assertThat(after.producerEpoch()).isEqualTo(before.producerEpoch());
        assertThat(after.baseSequence()).isEqualTo(before.baseSequence());
        assertThat(after.maxTimestamp()).isEqualTo(before.maxTimestamp());
        assertThat(after.baseOffset()).isEqualTo(5);
        assertThat(after.lastOffset()).isEqualTo(5);
    }

    @Test
    void whatCannotBeUnpackedIsARecordThatSaysSo() {
        HugeBatch broken =
                new HugeBatch(CompressionType.ZSTD).add(1, 10, -1).addRubbish(new byte[] {-2, -1, -1, -1, 15});

        List<Record> read = read(bounded(broken.at(3), 3));

        assertThat(read).extracting(Record::offset).containsExactly(3L, 4L);
        assertThat(reason(read.get(1))).contains("4 to 4", "cannot be unpacked");
    }

    /** Kafka's client would stop at it, with all its partitions. */
    @ParameterizedTest
    @EnumSource(CompressionType.class)
    void aMalformedRecordIsOneThatSaysSoAndItsNeighboursAreWhole(CompressionType compression) {
        byte[] lengthsThatDoNotAddUp = {12, 0, 0, 2, 1, 100, 0}; // six bytes, with a value of fifty
        MemoryRecords records = new HugeBatch(compression)
                .add(1, 10, -1)
                .addRubbish(lengthsThatDoNotAddUp)
                .add(1, 20, -1)
                .at(3);

        List<Record> read = read(bounded(records, 3));

        assertThat(read).extracting(Record::offset).containsExactly(3L, 4L, 5L);
        assertThat(read).extracting(Record::valueSize).containsExactly(10, -1, 20);
        assertThat(reason(read.get(1))).contains("do not add up");
    }

    /** The client would continue after an offset that does not exist yet. */
    @ParameterizedTest
    @EnumSource(CompressionType.class)
    void anOffsetBeyondItsBatchMovesNobodyThere(CompressionType compression) {
        byte[] ofOffset100 = {14, 0, 0, (byte) 200, 1, 1, 1, 0};
        MemoryRecords records = new HugeBatch(compression)
                .add(1, 10, -1)
                .addRubbish(ofOffset100)
                .at(3);

        List<Record> read = read(bounded(records, 3));

        assertThat(read).extracting(Record::offset).containsExactly(3L, 4L);
        assertThat(reason(read.get(1))).contains("4 to 4", "out of order");
    }

    @ParameterizedTest
    @EnumSource(CompressionType.class)
    void whatWasDamagedOnItsWayIsTheClientsToReport(CompressionType compression) {
        MemoryRecords records =
                new HugeBatch(compression).add(1, 5 * MEGABYTE, -1).at(0);
        for (int time = 0; time < 10; time++) { // never the same
            damage(records, records.sizeInBytes() - 1 - time);

            assertThat(bounded(records, 0)).isSameAs(records);
        }
    }

    /** The codec: its bits may be those of none. */
    @Test
    void soIsADamagedHeader() {
        MemoryRecords records =
                new HugeBatch(CompressionType.ZSTD).add(1, 5 * MEGABYTE, -1).at(0);
        records.buffer().put(ATTRIBUTES, (byte) 7);

        assertThat(bounded(records, 0)).isSameAs(records);
    }

    @ParameterizedTest
    @EnumSource(CompressionType.class)
    void whatIsDamagedInTheSameWayTimeAfterTimeIsOneRecordThatNamesTheOffsets(CompressionType compression) {
        MemoryRecords before = new HugeBatch(compression).add(1, 10, -1).at(2);
        MemoryRecords damaged =
                new HugeBatch(compression).add(1, 10, -1).add(1, 20, -1).at(3);
        damage(damaged, damaged.sizeInBytes() - 1);
        MemoryRecords all = together(
                before, damaged, new HugeBatch(compression).add(1, 30, -1).at(5));

        assertThat(bounded(all, 2)).isSameAs(all);
        assertThat(bounded(all, 3)).isSameAs(all);
        List<Record> read = read(bounded(all, 3));

        assertThat(read).extracting(Record::offset).containsExactly(2L, 4L, 5L);
        assertThat(reason(read.get(1))).contains("3 to 4", "checksum", "the broker's copy");
        assertThat(reason(read.get(0))).isNull();
        assertThat(reason(read.get(2))).isNull();
    }

    /** Nobody knows how many offsets it has. */
    @Test
    void aBatchWhoseLastOffsetMayBeWhatIsDamagedIsTheClientsToReportForAsLongAsItComes() {
        MemoryRecords records =
                new HugeBatch(CompressionType.NONE).add(1, 10, -1).at(0);
        damage(records, LAST_OFFSET_DELTA);

        for (int time = 0; time < 10; time++) {
            assertThat(bounded(records, 0)).isSameAs(records);
        }
    }

    @Test
    void fromWhereTheBytesAreNoBatchesTheyStayAsTheyAreAndWhatIsBeforeThemIsBounded() {
        MemoryRecords good = new HugeBatch(CompressionType.LZ4).add(1, 10, -1).at(0);
        MemoryRecords huge =
                new HugeBatch(CompressionType.LZ4).add(1, 5 * MEGABYTE, -1).at(0);
        MemoryRecords zeros = MemoryRecords.readableRecords(ByteBuffer.allocate(100));

        MemoryRecords stays = together(good, zeros);
        assertThat(bounded(stays, 0)).isSameAs(stays);

        MemoryRecords changed = bounded(together(huge, zeros), 0);
        assertThatThrownBy(() -> read(changed)).isInstanceOf(CorruptRecordException.class);
        Record first = changed.batches().iterator().next().iterator().next();
        assertThat(reason(first)).contains("bytes unpacked");
    }

    private static void damage(MemoryRecords records, int position) {
        records.buffer().put(position, (byte) ~records.buffer().get(position));
    }

    private static MemoryRecords bounded(MemoryRecords records, long from) {
        return new FetchUnpacking(LONGEST, 500, BufferSupplier.create())
                .bounded(PARTITION, records, from, FetchUnpacking.MOST_KEPT);
    }

    private static MemoryRecords together(MemoryRecords... some) {
        ByteBuffer all = ByteBuffer.allocate(1_000_000);
        for (MemoryRecords records : some) {
            all.put(records.buffer());
        }
        return MemoryRecords.readableRecords(all.flip());
    }

    private static MutableRecordBatch last(MemoryRecords records) {
        List<MutableRecordBatch> batches = new ArrayList<>();
        records.batches().forEach(batches::add);
        return batches.get(batches.size() - 1);
    }

    /** As the client reads it. */
    private static List<Record> read(MemoryRecords records) {
        List<Record> read = new ArrayList<>();
        for (MutableRecordBatch batch : records.batches()) {
            batch.ensureValid();
            try (var iterator = batch.streamingIterator(BufferSupplier.NO_CACHING)) {
                iterator.forEachRemaining(read::add);
            }
        }
        assertThat(StreamSupport.stream(records.records().spliterator(), false).count())
                .isEqualTo(read.size());
        return read;
    }

    private static @Nullable String reason(Record record) {
        byte[] value = record.hasValue() ? new byte[record.valueSize()] : null;
        return FetchUnpacking.refusal(value, new RecordHeaders(record.headers()));
    }
}
