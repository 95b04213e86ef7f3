package routes.deadletter;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.sql.Array;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import routes.OnPlatform;
import routes.dev.Platform;
import routes.kafka.DomainEventsSettings;
import routes.kafka.RecordBatch;

/** What becomes of a dead letter that its topic does not take. Of groups that no route consumes. */
@OnPlatform
class DeadLettersInTheDatabaseIT {

    private static final int SMALL = 2_000;

    private final String group = "group-" + UUID.randomUUID();

    @Autowired
    private DeadLetters deadLetters;

    @Autowired
    private DomainEventsSettings settings;

    @Autowired
    private JdbcClient jdbc;

    @Autowired
    private Platform platform;

    @SuppressWarnings("NullAway.Init")
    private Admin admin;

    @BeforeEach
    void connect() {
        admin = Admin.create(Map.of(
                CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, platform.kafka().brokers()));
    }

    @AfterEach
    void forget() {
        admin.close();
        jdbc.sql("DELETE FROM event_routes.dead_letter WHERE consumer_group = ?")
                .param(group)
                .update();
    }

    @Test
    void oneThatIsTooLargeForTheTopicIsARowAndTheOthersAreInTheTopic() throws Exception {
        createTheTopicForSmallRecords();

        RecordBatch batch = batch(record(1, new byte[10]), record(2, new byte[10 * SMALL]), record(3, new byte[10]));
        deadLetters.keep(batch);

        assertThat(rows()).containsExactly(2L);
        assertThat(inTheTopic()).isEqualTo(2);
        assertThat(batch.unreadable()).isEmpty();
    }

    @Test
    void oneThatIsTooLargeForAnyTopicIsARow() throws Exception {
        createTheTopicForSmallRecords();

        deadLetters.keep(batch(record(1, new byte[DomainEventsSettings.MAX_DEAD_LETTER_BYTES])));

        assertThat(rows()).containsExactly(1L);
    }

    @Test
    void aRowHasTheRecordByteForByteAndWhereItCameFromAndWhatIsWrong() throws Exception {
        createTheTopicForSmallRecords();
        byte[] value = new byte[10 * SMALL];
        new Random(7).nextBytes(value);
        Headers headers = new RecordHeaders()
                .add("trace", "first".getBytes(UTF_8))
                .add("nothing", null)
                .add("trace", new byte[] {0, (byte) 0x80})
                .add("na\0me", new byte[0]);
        ConsumerRecord<byte[], byte[]> record = new ConsumerRecord<>(
                "domain-events",
                3,
                42,
                Long.MAX_VALUE,
                TimestampType.LOG_APPEND_TIME,
                0,
                0,
                new byte[] {0, 1, (byte) 0xfe},
                value,
                headers,
                Optional.empty());
        RecordBatch batch = new RecordBatch(group);
        batch.reject(record, "no\0event");

        deadLetters.keep(batch);

        Map<String, Object> row = jdbc.sql("SELECT * FROM event_routes.dead_letter WHERE consumer_group = ?")
                .param(group)
                .query()
                .singleRow();
        assertThat(row)
                .containsEntry("topic", "domain-events")
                .containsEntry("partition", 3)
                .containsEntry("record_offset", 42L)
                .containsEntry("record_timestamp", Long.MAX_VALUE)
                .containsEntry("record_timestamp_type", "LogAppendTime")
                .containsEntry("key", new byte[] {0, 1, (byte) 0xfe})
                .containsEntry("value", value)
                .containsEntry("reason", "no event");
        assertThat(bytes(row, "header_names"))
                .containsExactly(
                        "trace".getBytes(UTF_8),
                        "nothing".getBytes(UTF_8),
                        "trace".getBytes(UTF_8),
                        "na\0me".getBytes(UTF_8));
        assertThat(bytes(row, "header_values"))
                .containsExactly("first".getBytes(UTF_8), null, new byte[] {0, (byte) 0x80}, new byte[0]);
    }

    @Test
    void aRecordThatIsReadAgainAfterACrashIsOneRow() throws Exception {
        createTheTopicForSmallRecords();

        deadLetters.keep(batch(record(1, new byte[10 * SMALL])));
        deadLetters.keep(batch(record(1, new byte[10 * SMALL])));

        assertThat(rows()).containsExactly(1L);
    }

    @Test
    void withoutATopicABatchOfDeadLettersIsKeptInTheTimeOfOneTimeout() throws Exception {
        RecordBatch batch = new RecordBatch(group);
        for (int offset = 0; offset < 500; offset++) {
            batch.reject(record(offset, null), "no event");
        }

        long began = System.nanoTime();
        deadLetters.keep(batch);

        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofMinutes(2));
        assertThat(rows()).hasSize(500);

        await().pollDelay(Duration.ofSeconds(2)).until(() -> true); // longer than the producer remembers it
        began = System.nanoTime();
        deadLetters.keep(batch(record(500, null)));

        assertThat(Duration.ofNanos(System.nanoTime() - began))
                .as("the next batch, for which no timeout of 10 s is waited")
                .isLessThan(Duration.ofSeconds(9));
        assertThat(rows()).hasSize(501);
    }

    @Test
    void whatIsInTheTopicIsNotSentAgainBecauseTheDatabaseWasAway() throws Exception {
        createTheTopicForSmallRecords();
        RecordBatch batch = batch(record(1, new byte[10]), record(2, new byte[10 * SMALL]));
        jdbc.sql("ALTER TABLE event_routes.dead_letter RENAME TO away").update();
        try {
            assertThatThrownBy(() -> deadLetters.keep(batch)).isInstanceOf(DataAccessException.class);
        } finally {
            jdbc.sql("ALTER TABLE event_routes.away RENAME TO dead_letter").update();
        }

        deadLetters.keep(batch);

        assertThat(inTheTopic()).isEqualTo(1);
        assertThat(rows()).containsExactly(2L);
    }

    private void createTheTopicForSmallRecords() throws Exception {
        admin.createTopics(List.of(new NewTopic(settings.deadLetterTopic(group), 1, (short) 1)
                        .configs(Map.of(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, String.valueOf(SMALL)))))
                .all()
                .get();
    }

    @SafeVarargs
    private RecordBatch batch(ConsumerRecord<byte[], byte[]>... records) {
        RecordBatch batch = new RecordBatch(group);
        for (ConsumerRecord<byte[], byte[]> record : records) {
            batch.reject(record, "no event");
        }
        return batch;
    }

    /** Of bytes that no compression makes small. */
    private static ConsumerRecord<byte[], byte[]> record(long offset, byte @Nullable [] value) {
        if (value != null) {
            new Random(offset).nextBytes(value);
        }
        return new ConsumerRecord<>("domain-events", 0, offset, null, value);
    }

    private List<Long> rows() {
        return jdbc.sql("SELECT record_offset FROM event_routes.dead_letter WHERE consumer_group = ? ORDER BY 1")
                .param(group)
                .query(Long.class)
                .list();
    }

    private long inTheTopic() throws Exception {
        TopicPartition partition = new TopicPartition(settings.deadLetterTopic(group), 0);
        return admin.listOffsets(Map.of(partition, OffsetSpec.latest()))
                .partitionResult(partition)
                .get()
                .offset();
    }

    private static List<byte[]> bytes(Map<String, Object> row, String column) throws Exception {
        return Arrays.asList((byte[][]) ((Array) Objects.requireNonNull(row.get(column))).getArray());
    }
}
