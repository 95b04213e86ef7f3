package routes.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyMap;
import static org.mockito.Mockito.doAnswer;
import static org.mockito.Mockito.spy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.FeatureUpdate;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.UpdateFeaturesOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.GroupProtocol;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetCommitCallback;
import org.apache.kafka.clients.consumer.RetriableCommitFailedException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnreleasedInstanceIdException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import routes.OnPlatform;
import routes.background.Trouble;
import routes.dev.Platform;

/** Where a consumer continues, and what it commits, on a real broker, by either protocol. Deleting records simulates retention. */
@OnPlatform
@ParameterizedClass
@EnumSource(GroupProtocol.class)
class EventConsumerIT {

    private static final Duration MOMENT = Duration.ofMillis(20);
    private static final Duration A_WHILE = Duration.ofSeconds(30);

    private static final byte[] FOREIGN = "{\"type\": \"foreign\"}".getBytes(UTF_8);

    private final String topic = "events-" + UUID.randomUUID();
    private final String group = "group-of-" + topic;
    private final TopicPartition first = new TopicPartition(topic, 0);
    private final TopicPartition second = new TopicPartition(topic, 1);
    private final MeterRegistry metrics = new SimpleMeterRegistry();
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final List<EventConsumer> open = new ArrayList<>();
    private final Set<String> held = new HashSet<>();

    @Parameter
    @SuppressWarnings("NullAway.Init")
    private GroupProtocol protocol;

    @Autowired
    private Platform platform;

    @SuppressWarnings("NullAway.Init")
    private Admin admin;

    @BeforeEach
    void createTheTopic() throws Exception {
        admin = Admin.create(brokers());
        admin.createTopics(List.of(new NewTopic(topic, 2, (short) 1))).all().get();
        log.list = new CopyOnWriteArrayList<>();
        log.start();
        logger().addAppender(log);
    }

    @AfterEach
    void close() {
        logger().detachAppender(log);
        open.forEach(EventConsumer::close);
        admin.close();
    }

    @Test
    void aNewGroupStartsWithTheOldestRecordAndSaysSo() throws Exception {
        write(first, 3);

        assertThat(read(consumer("earliest"), 3)).containsExactly(0L, 1L, 2L);

        assertThat(lines()).singleElement().satisfies(line -> {
            assertThat(line.getLevel()).isEqualTo(Level.INFO);
            assertThat(line.getFormattedMessage()).contains(group, first.toString(), second.toString());
        });
        assertThat(lost()).isZero();
    }

    @Test
    void aNewGroupThatStartsAtATimeReadsWhatIsOfThatTimeOrLater() throws Exception {
        Instant start = Instant.parse("2026-11-01T00:00:00Z");
        writeAt(first, start.minusSeconds(1), start.minusMillis(1), start, start.plusSeconds(1));
        writeAt(second, start.minusSeconds(1)); // no record from that time on: it starts at the end
        EventConsumer consumer = consumer(start.toString());

        assertThat(read(consumer, 2)).containsExactly(2L, 3L);
        awaitPolling(() -> Objects.equals(committed(second), 1L), consumer);
        writeAt(second, start.minusSeconds(1));
        assertThat(read(consumer, 1)).as("later records, with any timestamp").containsExactly(1L);
    }

    @Test
    void aHeldGroupReadsNothingKeepsItsPartitionsAndGoesOnWhereItStood() throws Exception {
        write(first, 3);
        EventConsumer consumer = consumer("earliest");
        read(consumer, 3);
        held.add(group);
        write(first, 2);

        await().pollInSameThread().during(Duration.ofSeconds(1)).until(() -> consumer.poll(MOMENT)
                .isEmpty());
        assertThat(consumer.assignment()).containsExactlyInAnyOrder(first, second);

        held.clear();
        assertThat(read(consumer, 2)).containsExactly(3L, 4L);
    }

    @Test
    void aNewGroupThatStartsAtTheEndMissesNothingThatIsWrittenWhileItIsStopped() throws Exception {
        write(first, 3);
        EventConsumer consumer = consumer("latest");
        awaitPolling(() -> committed(first) != null, consumer);
        consumer.close();

        write(first, 2);

        assertThat(read(consumer("latest"), 2)).containsExactly(3L, 4L);
    }

    @Test
    void whatIsWrittenToAPartitionThatIsAddedIsReadFromItsBeginningByAGroupThatOnceStartedAtTheEnd() throws Exception {
        write(first, 3);
        EventConsumer consumer = consumer("latest");
        awaitPolling(() -> committed(second) != null, consumer);

        TopicPartition added = new TopicPartition(topic, 2);
        admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(3))).all().get();
        write(added, 5);

        assertThat(read(consumer, 5)).containsExactly(0L, 1L, 2L, 3L, 4L);
    }

    @Test
    void theInstancesOfANewGroupAllStartAtTheEndWhicheverOfThemIsFirst() throws Exception {
        write(first, 3);
        write(second, 3);
        EventConsumer quick = consumer("latest");
        EventConsumer slow = consumer("latest");
        awaitPolling(() -> committed(first) != null, quick);

        assertThat(committed(second))
                .as("of a partition that the other one may get")
                .isEqualTo(3);
        awaitPolling(() -> slow.assignment().size() == 1 && quick.assignment().size() == 1, quick, slow);
        write(first, 1);
        write(second, 1);
        assertThat(read(quick, 1)).containsExactly(3L);
        assertThat(read(slow, 1)).containsExactly(3L);
    }

    @Test
    void whatATransactionHasTakenBackIsNotGivenOutNorWhatOneHasNotEndedYet() throws Exception {
        EventConsumer consumer = consumer("earliest");
        try (KafkaProducer<byte[], byte[]> producer = transactional()) {
            producer.beginTransaction();
            producer.send(new ProducerRecord<>(topic, 0, null, "{}".getBytes(UTF_8)))
                    .get();
            producer.abortTransaction();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>(topic, 0, null, "{}".getBytes(UTF_8)))
                    .get();
            write(first, 1);
            await().pollInSameThread().during(Duration.ofSeconds(1)).until(() -> consumer.poll(MOMENT)
                    .isEmpty());
            producer.commitTransaction();
        }

        assertThat(read(consumer, 2))
                .as("offset 0 was aborted, 1 is the marker")
                .containsExactly(2L, 3L);
    }

    @Test
    void recordsThatFellOutOfRetentionWhileItWasStoppedAreCountedAndReported() throws Exception {
        write(first, 10);
        readAndCommit(3);
        delete(first, 7);

        assertThat(read(consumer("earliest"), 3)).containsExactly(7L, 8L, 9L);

        assertThat(lost()).isEqualTo(4);
        assertThat(errors()).singleElement().asString().contains(group, first.toString(), "4 records", "offset 3", "7");
    }

    @Test
    void recordsThatFellOutOfRetentionWhileItRanAreCountedAndReported() throws Exception {
        write(first, 3);
        EventConsumer consumer = consumer("earliest");
        read(consumer, 3);

        write(first, 5);
        delete(first, 6);

        List<Long> read = new ArrayList<>();
        await().until(() -> {
            consumer.poll(MOMENT).forEach(record -> read.add(record.offset()));
            return read.contains(7L);
        });
        // A fetch in progress when they were written may have returned some before they were deleted.
        assertThat(read).endsWith(6L, 7L);
        assertThat(lost()).isPositive().isEqualTo(3.0 - (read.size() - 2));
        assertThat(errors()).hasSize(1);
    }

    @Test
    void aGapIsReportedOnceEvenIfNothingIsLeftToRead() throws Exception {
        write(first, 5);
        readAndCommit(2);
        delete(first, 5);
        EventConsumer consumer = consumer("earliest");
        awaitPolling(() -> lost() > 0, consumer);
        consumer.close();

        write(first, 1);

        assertThat(read(consumer("earliest"), 1)).containsExactly(5L);
        assertThat(lost()).isEqualTo(3);
        assertThat(errors()).hasSize(1);
    }

    @Test
    void anOffsetBeyondTheEndIsReadAgainFromTheOldestAndReported() throws Exception {
        write(first, 3);
        admin.alterConsumerGroupOffsets(group, Map.of(first, new OffsetAndMetadata(100)))
                .all()
                .get();

        assertThat(read(consumer("earliest"), 3)).containsExactly(0L, 1L, 2L);

        assertThat(lost()).isZero();
        assertThat(errors()).singleElement().asString().contains(group, first.toString(), "rewound", "100");
    }

    @Test
    void aTopicThatWasMadeAnewIsReadFromItsBeginningAlsoWhereItHasGrownBeyondWhereTheGroupStood() throws Exception {
        write(first, 3);
        EventConsumer consumer = consumer("earliest");
        read(consumer, 3);
        consumer.commitSync(Map.of(first, new OffsetAndMetadata(3)), A_WHILE);

        makeTheTopicAnew();
        write(first, 5);

        assertThat(read(consumer, 5)).containsExactly(0L, 1L, 2L, 3L, 4L);
        // It was rewound; or its offsets were gone, if it had lost the partition before there was the new one.
        assertThat(errors()).singleElement().asString().contains(group, first.toString(), "recreated");
    }

    @Test
    void aGroupThatStartedAtTheEndReadsATopicThatWasMadeAnewFromItsBeginning() throws Exception {
        write(first, 3);
        EventConsumer consumer = consumer("latest");
        awaitPolling(() -> committed(first) != null, consumer);
        write(first, 1);
        read(consumer, 1);
        consumer.commitSync(Map.of(first, new OffsetAndMetadata(4)), A_WHILE);

        admin.deleteTopics(List.of(topic)).all().get();
        awaitPolling(() -> consumer.assignment().isEmpty(), consumer);
        createTheTopicOnceItIsGone();
        write(first, 2);

        assertThat(read(consumer, 2)).containsExactly(0L, 1L);
        assertThat(errors()).singleElement().asString().contains(group, first.toString(), "recreated");
    }

    /** Another consumer has read it in between, so its offset is one of the topic of today. */
    @Test
    void aPartitionThatComesBackAfterTheTopicWasMadeAnewIsReadWhereTheOtherStood() throws Exception {
        write(first, 3);
        write(second, 3);
        EventConsumer stays = consumer("earliest");
        read(stays, 6);
        stays.commitSync(Map.of(first, new OffsetAndMetadata(3), second, new OffsetAndMetadata(3)), A_WHILE);
        EventConsumer goes = consumer("earliest");
        awaitPolling(() -> stays.assignment().size() == 1 && goes.assignment().size() == 1, stays, goes);
        makeTheTopicAnew();
        write(first, 5);
        write(second, 5);
        await().pollInSameThread().until(() -> {
            for (EventConsumer consumer : List.of(stays, goes)) {
                ConsumerRecords<byte[], byte[]> read = consumer.poll(MOMENT);
                consumer.commitSync(read.nextOffsets(), A_WHILE);
            }
            return Objects.equals(committed(first), 5L) && Objects.equals(committed(second), 5L);
        });
        goes.close();
        awaitPolling(() -> stays.assignment().size() == 2, stays);
        int errors = errors().size();
        write(first, 1);
        write(second, 1);

        assertThat(read(stays, 2)).containsExactly(5L, 5L);
        assertThat(errors()).hasSize(errors);
    }

    private void makeTheTopicAnew() throws Exception {
        admin.deleteTopics(List.of(topic)).all().get();
        createTheTopicOnceItIsGone();
    }

    private void createTheTopicOnceItIsGone() {
        await().ignoreExceptions().until(() -> {
            admin.createTopics(List.of(new NewTopic(topic, 2, (short) 1))).all().get();
            return true;
        });
    }

    @Test
    void theMetricIsThereBeforeAnythingIsLost() {
        consumer("earliest");

        assertThat(metrics.find("domain.events.lost.to.retention")
                        .tag("group", group)
                        .counter())
                .isNotNull();
    }

    @Test
    void aBatchIsBoundedInBytesAndTheNextBeginsAfterItsCommit() throws Exception {
        int megabyte = 1_000_000;
        write(first, 40, new byte[megabyte]);
        EventConsumer consumer = consumer("earliest");

        List<Long> batch = read(consumer, (int) (EventConsumer.MOST_BYTES / megabyte) + 1);
        for (int i = 0; i < 20; i++) {
            assertThat(consumer.poll(MOMENT)).isEmpty();
        }
        consumer.commitSync(Map.of(first, new OffsetAndMetadata(batch.size())), A_WHILE);

        assertThat(batch).hasSizeLessThan(30);
        assertThat(read(consumer, 1)).first().isEqualTo((long) batch.size());
    }

    @Test
    void headersCountInABatch() throws Exception {
        Header large = new RecordHeader("h", new byte[900_000]);
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(brokers(), new ByteArraySerializer(), new ByteArraySerializer())) {
            for (int i = 0; i < 40; i++) {
                producer.send(new ProducerRecord<byte[], byte[]>(topic, 0, (byte[]) null, new byte[1], List.of(large)))
                        .get();
            }
        }
        EventConsumer consumer = consumer("earliest");

        List<Long> batch = read(consumer, (int) (EventConsumer.MOST_BYTES / 900_000) + 1);
        for (int i = 0; i < 20; i++) {
            assertThat(consumer.poll(MOMENT)).isEmpty();
        }

        assertThat(batch).hasSizeLessThan(30);
    }

    @Test
    void whenAnotherInstanceComesOnlyItsShareIsTakenAway() throws Exception {
        Set<TopicPartition> revoked = new HashSet<>();
        EventConsumer old = consumer("earliest", revoked);
        awaitPolling(() -> old.assignment().size() == 2, old);

        EventConsumer another = consumer("earliest");
        awaitPolling(() -> another.assignment().size() == 1, old, another);

        assertThat(revoked).isEqualTo(another.assignment());
        assertThat(old.assignment()).hasSize(1).doesNotContainAnyElementsOf(revoked);
    }

    @Test
    void aNamedInstanceThatIsRestartedMovesNoPartition() throws Exception {
        Set<TopicPartition> revoked = new HashSet<>();
        EventConsumer named = consumer("earliest", new HashSet<>(), "a");
        EventConsumer other = consumer("earliest", revoked, "b");
        awaitPolling(() -> named.assignment().size() == 1 && other.assignment().size() == 1, named, other);
        Set<TopicPartition> share = Set.copyOf(named.assignment());
        revoked.clear();

        named.close();
        poll(other, other, other);
        EventConsumer restarted = consumer("earliest", new HashSet<>(), "a");
        awaitPolling(() -> !restarted.assignment().isEmpty(), restarted, other);

        assertThat(restarted.assignment()).isEqualTo(share);
        assertThat(other.assignment()).hasSize(1).doesNotContainAnyElementsOf(share);
        assertThat(revoked).isEmpty();
    }

    /** As after a crash: the name is free when the session of the dead one is over. By the classic protocol, the newer one takes it. */
    @Test
    void aSecondInstanceOfTheSameNameDoesNotDisturbTheFirst() {
        assumeThat(protocol).isEqualTo(GroupProtocol.CONSUMER);
        EventConsumer one = consumer("earliest", new HashSet<>(), "a");
        awaitPolling(() -> one.assignment().size() == 2, one);
        EventConsumer another = consumer("earliest", new HashSet<>(), "a");

        await().untilAsserted(() -> assertThat(catchThrowable(() -> another.poll(MOMENT)))
                .isInstanceOf(UnreleasedInstanceIdException.class));

        poll(one, one);
        assertThat(one.assignment()).hasSize(2);
    }

    @Test
    void brokersThatDoNotSupportTheProtocolAreToldByTheSettingsName() throws Exception {
        assumeThat(protocol).isEqualTo(GroupProtocol.CONSUMER);
        groupVersion(0, FeatureUpdate.UpgradeType.SAFE_DOWNGRADE);
        try {
            EventConsumer consumer = consumer("earliest");

            await().untilAsserted(() -> assertThat(catchThrowable(() -> consumer.poll(MOMENT)))
                    .isInstanceOf(KafkaException.class)
                    .hasMessageContainingAll("KAFKA_GROUP_PROTOCOL=consumer", "write classic", "Kafka 4.0"));
        } finally {
            groupVersion(1, FeatureUpdate.UpgradeType.UPGRADE);
        }
    }

    private void groupVersion(int level, FeatureUpdate.UpgradeType how) throws Exception {
        admin.updateFeatures(
                        Map.of("group.version", new FeatureUpdate((short) level, how)), new UpdateFeaturesOptions())
                .all()
                .get();
    }

    @Test
    void aLateCommitOfAPartitionThatHasGoneToAnotherLeavesItsProgressAlone() throws Exception {
        EventConsumer old = consumer("earliest");
        awaitPolling(() -> old.assignment().size() == 2 && committed(second) != null, old);
        write(first, 5);
        write(second, 5);
        read(old, 10);
        EventConsumer another = consumer("earliest");
        awaitPolling(() -> another.assignment().size() == 1, old, another);
        TopicPartition gone = another.assignment().iterator().next();
        TopicPartition kept = old.assignment().iterator().next();
        another.commitSync(Map.of(gone, new OffsetAndMetadata(5)), MOMENT.multipliedBy(100));
        // Deferred while the group is still rebalancing.
        awaitPolling(() -> Objects.equals(committed(gone), 5L), old, another);

        old.commitSync(
                Map.of(gone, new OffsetAndMetadata(2), kept, new OffsetAndMetadata(3)), MOMENT.multipliedBy(100));

        awaitPolling(() -> Objects.equals(committed(kept), 3L), old, another);
        assertThat(committed(gone)).isEqualTo(5);
    }

    @Test
    void aCommitDuringARebalanceIsMadeUpForAfterIt() throws Exception {
        assumeThat(protocol).isEqualTo(GroupProtocol.CLASSIC); // the other one needs no pause for commits
        EventConsumer old = consumer("earliest");
        EventConsumer slow = consumer("earliest");
        awaitPolling(() -> slow.assignment().size() == 1 && old.assignment().size() == 1, old, slow);
        TopicPartition own = old.assignment().iterator().next();
        write(own, 5);
        read(old, 5);

        // A third one joins, and one of the others is busy and does not poll: the rebalance cannot end.
        EventConsumer third = consumer("earliest");
        awaitPolling(() -> isPutOff(old, own), third, old);

        awaitPolling(() -> Objects.equals(committed(own), 5L), old, slow, third);
    }

    @Test
    void whileAPartitionMovesTheOthersAreReadAndCommitted() throws Exception {
        assumeThat(protocol).isEqualTo(GroupProtocol.CONSUMER);
        EventConsumer old = consumer("earliest");
        EventConsumer slow = consumer("earliest");
        awaitPolling(() -> slow.assignment().size() == 1 && old.assignment().size() == 1, old, slow);
        TopicPartition own = old.assignment().iterator().next();
        write(own, 5);
        read(old, 5);
        EventConsumer third = consumer("earliest");
        awaitPolling(() -> members() == 3, third, old); // slow is busy and does not poll

        old.commitSync(Map.of(own, new OffsetAndMetadata(5)), A_WHILE);

        assertThat(committed(own)).isEqualTo(5);
    }

    @Test
    void aGroupChangesItsProtocolAndBackOneInstanceAfterTheOther() throws Exception {
        GroupProtocol next = protocol == GroupProtocol.CLASSIC ? GroupProtocol.CONSUMER : GroupProtocol.CLASSIC;
        EventConsumer old = consumer("earliest");
        awaitPolling(() -> old.assignment().size() == 2, old);
        write(first, 3);
        write(second, 3);
        read(old, 6);
        old.commitSync(Map.of(first, new OffsetAndMetadata(3), second, new OffsetAndMetadata(3)), A_WHILE);

        EventConsumer changed = consumer("latest", new HashSet<>(), null, next);
        awaitPolling(() -> old.assignment().size() == 1 && changed.assignment().size() == 1, old, changed);
        write(first, 1);
        write(second, 1);
        assertThat(read(old, 1)).containsExactly(3L);
        assertThat(read(changed, 1)).containsExactly(3L);

        old.close();
        awaitPolling(() -> changed.assignment().size() == 2, changed);
        assertThat(errors()).isEmpty();
    }

    @Test
    void foreignRecordsAreNotGivenOutAndAreCommittedWhereNothingIsInFrontOfThem() throws Exception {
        write(first, 3, FOREIGN);
        write(second, 1);
        write(second, 2, FOREIGN);
        EventConsumer consumer = consumer("earliest");

        assertThat(read(consumer, 1)).containsExactly(0L);
        awaitPolling(() -> Objects.equals(committed(first), 3L), consumer);

        assertThat(committed(second)).as("its record may still be in progress").isZero();
        consumer.commitSync(Map.of(second, new OffsetAndMetadata(1)), A_WHILE);
        assertThat(committed(second)).isEqualTo(3);
    }

    @Test
    void aCommitOfPartOfWhatWasGivenOutCommitsNoForeignRecordBehindTheRest() throws Exception {
        write(first, 2);
        write(first, 2, FOREIGN);
        EventConsumer consumer = consumer("earliest");
        read(consumer, 2);

        consumer.commitSync(Map.of(first, new OffsetAndMetadata(1)), A_WHILE);
        poll(consumer, consumer);
        assertThat(committed(first)).isEqualTo(1);

        write(first, 1, FOREIGN);
        poll(consumer, consumer);
        consumer.commitSync(Map.of(first, new OffsetAndMetadata(2)), A_WHILE);
        awaitPolling(() -> Objects.equals(committed(first), 5L), consumer);
    }

    @Test
    void aCommitOfForeignRecordsThatFailsLateDoesNotLowerALaterCommit() throws Exception {
        write(first, 1, FOREIGN);
        EventConsumer consumer = spy(consumer("earliest"));
        AtomicReference<Runnable> fail = new AtomicReference<>();
        doAnswer(call -> {
                    Map<TopicPartition, OffsetAndMetadata> offsets = call.getArgument(0);
                    OffsetCommitCallback callback = call.getArgument(1);
                    fail.set(() -> callback.onComplete(offsets, new RetriableCommitFailedException("late")));
                    return null;
                })
                .when(consumer)
                .commitAsync(anyMap(), any());
        awaitPolling(() -> fail.get() != null, consumer);
        write(first, 2);
        assertThat(read(consumer, 2)).containsExactly(1L, 2L);

        fail.get().run();
        consumer.commitSync(Map.of(first, new OffsetAndMetadata(3)), Duration.ofSeconds(5));

        assertThat(committed(first)).isEqualTo(3);
    }

    /** Whether a commit to the end returns without having committed anything; otherwise it is reverted. */
    private boolean isPutOff(EventConsumer consumer, TopicPartition partition) {
        consumer.commitSync(Map.of(partition, new OffsetAndMetadata(5)), A_WHILE);
        if (Objects.equals(committed(partition), 0L)) {
            return true;
        }
        consumer.commitSync(Map.of(partition, new OffsetAndMetadata(0)), A_WHILE);
        return false;
    }

    private EventConsumer consumer(String start) {
        return consumer(start, new HashSet<>());
    }

    private EventConsumer consumer(String start, Set<TopicPartition> revoked) {
        return consumer(start, revoked, null);
    }

    private EventConsumer consumer(String start, Set<TopicPartition> revoked, @Nullable String name) {
        return consumer(start, revoked, name, protocol);
    }

    private EventConsumer consumer(String start, Set<TopicPartition> revoked, @Nullable String name, GroupProtocol by) {
        Properties properties = new Properties();
        properties.putAll(brokers());
        properties.put(ConsumerConfig.GROUP_ID_CONFIG, group);
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, start);
        // Fixed, whatever the settings say.
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "true");
        properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_uncommitted");
        properties.put(ConsumerConfig.GROUP_PROTOCOL_CONFIG, by.name());
        if (by == GroupProtocol.CLASSIC) {
            properties.put(
                    ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG, CooperativeStickyAssignor.class.getName());
            properties.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, "100");
        }
        properties.put(ConsumerConfig.METADATA_MAX_AGE_CONFIG, "500"); // or it finds a new partition only after minutes
        properties.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, "1"); // no fetch stays in progress after a poll
        properties.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class.getName());
        properties.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class.getName());
        if (name != null) {
            properties.put(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG, name);
        }
        EventConsumer consumer = EventConsumer.create(
                properties,
                held::contains,
                record -> new String(record.value(), UTF_8).contains("foreign"),
                new Trouble(group),
                metrics);
        consumer.subscribe(List.of(topic), new ConsumerRebalanceListener() {
            @Override
            public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
                revoked.addAll(partitions);
            }

            @Override
            public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
                // Nothing to do.
            }
        });
        open.add(consumer);
        return consumer;
    }

    private void readAndCommit(int count) {
        EventConsumer consumer = consumer("earliest");
        read(consumer, count);
        consumer.commitSync(Map.of(first, new OffsetAndMetadata(count)), A_WHILE);
        consumer.close();
    }

    /** The offsets of the records that a consumer reads, up to this number. */
    private static List<Long> read(EventConsumer consumer, int count) {
        List<Long> offsets = new ArrayList<>();
        await().until(() -> {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(MOMENT)) {
                offsets.add(record.offset());
            }
            return offsets.size() >= count;
        });
        return offsets;
    }

    private static void awaitPolling(BooleanSupplier condition, EventConsumer... consumers) {
        await().pollInSameThread().until(() -> {
            poll(consumers);
            return condition.getAsBoolean();
        });
    }

    private static void poll(EventConsumer... consumers) {
        for (EventConsumer consumer : consumers) {
            consumer.poll(MOMENT);
        }
    }

    private void write(TopicPartition partition, int count) throws Exception {
        write(partition, count, "{}".getBytes(UTF_8));
    }

    private void write(TopicPartition partition, int count, byte[] value) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(brokers(), new ByteArraySerializer(), new ByteArraySerializer())) {
            for (int i = 0; i < count; i++) {
                producer.send(new ProducerRecord<>(topic, partition.partition(), null, value))
                        .get();
            }
        }
    }

    private KafkaProducer<byte[], byte[]> transactional() {
        Map<String, Object> properties = new HashMap<>(brokers());
        properties.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, group);
        KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
        producer.initTransactions();
        return producer;
    }

    private void writeAt(TopicPartition partition, Instant... times) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(brokers(), new ByteArraySerializer(), new ByteArraySerializer())) {
            for (Instant time : times) {
                producer.send(new ProducerRecord<>(
                                topic, partition.partition(), time.toEpochMilli(), null, "{}".getBytes(UTF_8)))
                        .get();
            }
        }
    }

    private void delete(TopicPartition partition, long before) throws Exception {
        admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(before)))
                .all()
                .get();
    }

    private @Nullable Long committed(TopicPartition partition) {
        try {
            OffsetAndMetadata offset = admin.listConsumerGroupOffsets(group)
                    .partitionsToOffsetAndMetadata()
                    .get()
                    .get(partition);
            return offset == null ? null : offset.offset();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private int members() {
        try {
            return admin.describeConsumerGroups(List.of(group)).all().get().values().stream()
                    .mapToInt(description -> description.members().size())
                    .sum();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private double lost() {
        return metrics.counter("domain.events.lost.to.retention", "group", group)
                .count();
    }

    /** Without those of the service beside the test. */
    private List<ILoggingEvent> lines() {
        return log.list.stream()
                .filter(line -> line.getFormattedMessage().contains(group))
                .toList();
    }

    private List<String> errors() {
        return lines().stream()
                .filter(line -> line.getLevel() == Level.ERROR)
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }

    private Map<String, Object> brokers() {
        return Map.of(
                CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, platform.kafka().brokers());
    }

    private static Logger logger() {
        return (Logger) LoggerFactory.getLogger(EventConsumer.class);
    }
}
