package routes.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import routes.OnPlatform;
import routes.consumer.Lags;
import routes.deadletter.DeadLetterId;
import routes.deadletter.DeadLetterTopic;
import routes.delivery.ConsumerGroups;
import routes.dev.Platform;

/** Nobody sees records of a transaction before it is committed, nor do lag, replays and readers of dead letters. */
@OnPlatform
class TransactionsIT {

    private static final String GROUP = "email-workers";
    private static final String VALUE = "no event " + UUID.randomUUID();

    @Autowired
    private Platform platform;

    @Autowired
    private DomainEventsSettings settings;

    @Autowired
    private ConsumerGroups groups;

    @Autowired
    private StandaloneConsumers lone;

    @Autowired
    private RangeReader ranges;

    @Autowired
    private DeadLetterTopic letters;

    @Autowired
    private Lags lags;

    @SuppressWarnings("NullAway.Init")
    private KafkaProducer<byte[], byte[]> producer;

    @BeforeEach
    void begin() {
        producer = new KafkaProducer<>(
                Map.of(
                        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        platform.kafka().brokers(),
                        ProducerConfig.TRANSACTIONAL_ID_CONFIG,
                        UUID.randomUUID().toString()),
                new ByteArraySerializer(),
                new ByteArraySerializer());
        producer.initTransactions();
        producer.beginTransaction();
    }

    @AfterEach
    void close() {
        producer.close();
    }

    private long write(String topic) throws Exception {
        return producer.send(new ProducerRecord<>(topic, 0, null, VALUE.getBytes(UTF_8)))
                .get()
                .offset();
    }

    @Test
    void anOpenTransactionIsNoLagAndNothingThatAReplayFindsAndOneThatIsTakenBackNeither() throws Exception {
        long offset = write(settings.topic());

        await().untilAsserted(() -> {
            lags.refresh();
            assertThat(lags.latest().orElseThrow().partitions(GROUP).get(0)).satisfies(lag -> {
                assertThat(lag.end()).isEqualTo(offset);
                assertThat(lag.lag()).isZero();
            });
        });
        assertThat(ranges.between(0, offset, null).end()).isEqualTo(offset);

        producer.abortTransaction();

        assertThat(end(settings.topic())).isEqualTo(offset + 2);
        assertThat(ranges.between(0, offset, null).end()).isEqualTo(offset + 2);
        try (RangeReader.Reading reading = ranges.open(groups.get(GROUP), null)) {
            List<RangeRecord> records = new ArrayList<>();
            for (long next = offset; next < offset + 2; ) {
                RangeChunk chunk = reading.read(0, next, offset + 2);
                records.addAll(chunk.records());
                next = chunk.next();
            }
            assertThat(records).isEmpty();
        }
        await().untilAsserted(() -> {
            lags.refresh();
            assertThat(lags.latest().orElseThrow().partitions(GROUP).get(0).lag())
                    .as("transaction markers do not count as lag")
                    .isZero();
        });
        writeWhatGroupsPassOver();
    }

    /** Groups commit past records, never past markers: other tests wait for the committed offset at the topic's end. */
    private void writeWhatGroupsPassOver() throws Exception {
        try (KafkaProducer<byte[], byte[]> plain = new KafkaProducer<>(
                Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, platform.kafka().brokers()),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            byte[] foreign = "{\"type\": \"order.placed\"}".getBytes(UTF_8);
            plain.send(new ProducerRecord<>(settings.topic(), 0, null, foreign)).get();
        }
    }

    @Test
    void aLetterThatWasTakenBackIsNone() throws Exception {
        long offset = write(settings.deadLetterTopic(GROUP));

        assertThat(letters.find(GROUP, new DeadLetterId(0, offset))).isEmpty();
        producer.abortTransaction();
        assertThat(letters.find(GROUP, new DeadLetterId(0, offset))).isEmpty();
        assertThat(letters.holding(GROUP, VALUE, 5)).isEmpty();
    }

    @Test
    void noPropertyMakesALoneConsumerReadWhatIsNotCommitted() throws Exception {
        long offset = write(settings.deadLetterTopic(GROUP));
        producer.abortTransaction();
        TopicPartition partition = new TopicPartition(settings.deadLetterTopic(GROUP), 0);

        try (Consumer<byte[], byte[]> consumer =
                lone.open(Map.of(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_uncommitted"))) {
            consumer.assign(List.of(partition));
            consumer.seek(partition, offset);
            List<ConsumerRecord<byte[], byte[]>> read = new ArrayList<>();
            await().pollInSameThread().until(() -> {
                consumer.poll(Duration.ofMillis(50)).forEach(read::add);
                return consumer.position(partition) > offset;
            });

            assertThat(read).isEmpty();
        }
    }

    private long end(String topic) throws Exception {
        TopicPartition partition = new TopicPartition(topic, 0);
        try (Admin admin =
                Admin.create(Map.of("bootstrap.servers", platform.kafka().brokers()))) {
            ListOffsetsResultInfo end = admin.listOffsets(Map.of(partition, OffsetSpec.latest()))
                    .partitionResult(partition)
                    .get();
            return end.offset();
        }
    }
}
