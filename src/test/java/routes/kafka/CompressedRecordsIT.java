package routes.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.GroupProtocol;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.beans.factory.annotation.Autowired;
import routes.OnPlatform;
import routes.background.Trouble;
import routes.dev.Platform;

/** Batches that a real broker accepts, since it limits the compressed size, and that do not fit in a consumer's memory. */
@OnPlatform
@ParameterizedClass
@EnumSource(GroupProtocol.class)
class CompressedRecordsIT {

    private static final int MEGABYTE = 1_000_000;
    private static final String AFTER = "{\"type\": \"after\"}";

    /** Once for all tests: it takes seconds to compress. */
    private static final Map<CompressionType, HugeBatch> LARGER_THAN_THE_HEAP = new EnumMap<>(CompressionType.class);

    private final String topic = "compressed-" + UUID.randomUUID();
    private final TopicPartition partition = new TopicPartition(topic, 0);

    @Parameter
    @SuppressWarnings("NullAway.Init")
    private GroupProtocol protocol;

    @Autowired
    private Platform platform;

    @Autowired
    private StandaloneConsumers lone;

    @BeforeEach
    void createTheTopic() throws Exception {
        try (Admin admin = Admin.create(brokers())) {
            admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
        }
    }

    @AfterEach
    void deleteTheTopic() throws Exception {
        try (Admin admin = Admin.create(brokers())) {
            admin.deleteTopics(List.of(topic)).all().get();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = CompressionType.class,
            names = {"ZSTD", "GZIP"})
    void aGroupReadsOnBehindARecordThatUnpacksToMoreThanTheHeap(CompressionType compression) throws Exception {
        write(largerThanTheHeap(compression));
        write(new HugeBatch(compression).add(-1, 1, 30 * MEGABYTE).add(AFTER));

        try (Consumer<byte[], byte[]> consumer = inAGroup()) {
            List<ConsumerRecord<byte[], byte[]>> read = read(consumer, 3);

            assertThat(refusal(read.get(0))).contains("800000", "bytes unpacked");
            assertThat(refusal(read.get(1))).contains("30000");
            assertThat(read.get(2).value()).asString().isEqualTo(AFTER);
            assertThat(read).extracting(ConsumerRecord::offset).containsExactly(0L, 1L, 2L);
        }
    }

    @Test
    void soDoesAReaderThatIsInNoGroup() throws Exception {
        write(largerThanTheHeap(CompressionType.ZSTD));
        write(new HugeBatch(CompressionType.LZ4).add(AFTER));

        try (Consumer<byte[], byte[]> consumer = lone.open()) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            List<ConsumerRecord<byte[], byte[]>> read = read(consumer, 2);

            assertThat(refusal(read.get(0))).isNotNull();
            assertThat(read.get(1).value()).asString().isEqualTo(AFTER);
        }
    }

    /** Each is within the limit, and a poll may return five hundred. */
    @Test
    void recordsThatTogetherUnpackToMoreThanTheHeapComeInTurn() throws Exception {
        HugeBatch batch = new HugeBatch(CompressionType.ZSTD);
        for (int i = 0; i < 240; i++) {
            batch.add(8, 1024 * 1024, -1);
        }
        write(batch);

        try (Consumer<byte[], byte[]> consumer = inAGroup()) {
            int read = 0;
            long deadline = System.nanoTime() + Duration.ofMinutes(3).toNanos();
            while (read < 240) {
                assertThat(System.nanoTime()).isLessThan(deadline);
                ConsumerRecords<byte[], byte[]> some = consumer.poll(Duration.ofMillis(100));
                assertThat(some.count()).as("of a poll").isLessThan(12);
                for (ConsumerRecord<byte[], byte[]> record : some) {
                    assertThat(record.offset()).isEqualTo(read);
                    assertThat(record.serializedValueSize()).isEqualTo(1024 * 1024);
                    read++;
                }
                consumer.commitSync(some.nextOffsets(), Duration.ofSeconds(60));
            }
        }
    }

    /** As by a disk. The client stops at it, with all its partitions, and so does the one that takes its place. */
    @Test
    void aBatchThatIsDamagedWhereTheBrokerKeepsItHoldsUpItsPartitionForAMomentOnly() throws Exception {
        write(new HugeBatch(CompressionType.NONE).add("first").add("second"));
        write(new HugeBatch(CompressionType.NONE).add(AFTER));
        damage("second");

        for (int time = 1; time <= 2; time++) {
            try (Consumer<byte[], byte[]> consumer = inAGroup()) {
                assertThatThrownBy(() -> read(consumer, 1))
                        .isInstanceOf(KafkaException.class)
                        .hasStackTraceContaining("corrupt");
            }
        }
        try (Consumer<byte[], byte[]> consumer = inAGroup()) {
            List<ConsumerRecord<byte[], byte[]>> read = read(consumer, 2);

            assertThat(refusal(read.get(0))).contains("0 to 1", "checksum");
            assertThat(read.get(1).value()).asString().isEqualTo(AFTER);
            assertThat(read).extracting(ConsumerRecord::offset).containsExactly(1L, 2L);
        }
    }

    /** Changes a text in the broker's file. */
    private void damage(String text) throws Exception {
        Path log;
        try (Admin admin = Admin.create(brokers())) {
            String directory = admin.describeLogDirs(List.of(1)).allDescriptions().get().get(1).entrySet().stream()
                    .filter(any -> any.getValue().replicaInfos().containsKey(partition))
                    .map(Map.Entry::getKey)
                    .findFirst()
                    .orElseThrow();
            log = Path.of(directory, partition.toString(), "00000000000000000000.log");
        }
        assumeThat(log).as("the broker is not in a container").exists();
        try (FileChannel file = FileChannel.open(log, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.allocate((int) file.size());
            file.read(bytes);
            int position = new String(bytes.array(), StandardCharsets.ISO_8859_1).indexOf(text);
            assertThat(position).isPositive();
            file.write(ByteBuffer.wrap(new byte[] {'S'}), position);
        }
    }

    private List<ConsumerRecord<byte[], byte[]>> read(Consumer<byte[], byte[]> consumer, int count) {
        List<ConsumerRecord<byte[], byte[]>> read = new ArrayList<>();
        long deadline = System.nanoTime() + Duration.ofMinutes(2).toNanos();
        while (read.size() < count) {
            assertThat(System.nanoTime()).as("read so far: %s", read.size()).isLessThan(deadline);
            consumer.poll(Duration.ofMillis(100)).forEach(read::add);
        }
        return read;
    }

    private static @Nullable String refusal(ConsumerRecord<byte[], byte[]> record) {
        return FetchUnpacking.refusal(record.value(), record.headers());
    }

    private static HugeBatch largerThanTheHeap(CompressionType compression) {
        return LARGER_THAN_THE_HEAP.computeIfAbsent(compression, its -> new HugeBatch(its).add(1, 800 * MEGABYTE, -1));
    }

    private void write(HugeBatch batch) throws Exception {
        batch.write(platform.kafka().brokers(), partition);
    }

    private EventConsumer inAGroup() {
        Properties properties = brokers();
        properties.put(ConsumerConfig.GROUP_ID_CONFIG, "group-of-" + topic);
        properties.put(ConsumerConfig.GROUP_PROTOCOL_CONFIG, protocol.name());
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
        properties.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class.getName());
        properties.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class.getName());
        EventConsumer consumer = EventConsumer.create(
                properties, any -> false, any -> false, new Trouble("group-of-" + topic), new SimpleMeterRegistry());
        consumer.subscribe(List.of(topic));
        return consumer;
    }

    private Properties brokers() {
        Properties properties = new Properties();
        properties.put(
                CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, platform.kafka().brokers());
        return properties;
    }
}
