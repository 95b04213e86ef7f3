package faults;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import faults.Generator.Kind;
import faults.Generator.Message;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.jdbc.core.simple.JdbcClient;
import routes.event.EventType;
import routes.event.Events;
import routes.kafka.HugeBatch;

/** What the stream itself may bring: records that are not events, events that were there before, and gaps. */
@Tag(Stage.FURTHER)
@ExtendWith(Stage.Provider.class)
class StreamFaultsIT {

    private static final Duration LOAD = Duration.ofSeconds(Stage.isLong() ? 120 : 6);

    /** Records that a group has before it, and those that are dropped before it has read them. */
    private static final int SOME = 200;

    /** What a reader, a table or a query could stumble over, in addition to what is usual. */
    private static final List<Poison> POISONS = poisons();

    private final Stage stage;

    StreamFaultsIT(Stage stage) {
        this.stage = stage;
    }

    private static List<Poison> poisons() {
        Set<String> all = Poison.ALL_GROUPS;
        Set<String> email = Set.of("email-workers");
        List<Poison> poisons = new ArrayList<>(Poison.COMMON);
        poisons.addAll(List.of(
                Poison.of("empty", "", all),
                Poison.of("an array", "[{\"type\": \"user.signed_up\"}]", all),
                Poison.of("10,000 deep", "{\"data\":" + "[".repeat(10_000) + "]".repeat(10_000) + "}", all),
                Poison.of("a string of 1 MB", "{\"id\":\"" + "x".repeat(1_000_000) + "\"}", all),
                Poison.of("a type of a wrong kind", "{\"type\": 7}", all),
                Poison.of(
                        "kinds that are wrong",
                        "{\"type\":\"user.verified\",\"id\":[],\"account_id\":{},\"campaign_id\":1,\"data\":\"\","
                                + "\"timestamp\":true}",
                        email),
                changed("NUL", "a0000000-", "\\u0000"),
                changed("a raw NUL", "a0000000-", "\u0000"),
                changed("half a surrogate pair", "a0000000-", "\\udfff"),
                changed("an id of 100 kB", "a0000000-", "x".repeat(100_000)),
                changed("a date before dates", "2026-", "-999999999-"),
                changed("a date after dates", "2026-", "+999999999-"),
                changed("a field twice", "\"account_id\"", "\"id\""),
                new Poison(
                        "a number out of range",
                        event(EventType.CAMPAIGN_MILESTONE_REACHED)
                                .replace("1000", "1e999999")
                                .getBytes(UTF_8),
                        email),
                new Poison("bytes of no text", "{\"id\":\"\u00ff\u00fe\"}".getBytes(ISO_8859_1), all)));
        return List.copyOf(poisons);
    }

    private static Poison changed(String name, String part, String instead) {
        return Poison.of(name, event(EventType.USER_VERIFIED).replace(part, instead), Set.of("email-workers"));
    }

    private static String event(EventType type) {
        return Events.json(Events.any(type), json -> {}).toString();
    }

    @Test
    void f11PoisonLiesInTheDeadLettersAndHoldsUpNobody() throws Exception {
        try (Fault fault =
                stage.fault("F11", "poison, 5 % of the stream", "I5 for all, the good ones' p99 at most doubled")) {
            stage.service();
            double clean;
            Load load = lively(Load.of("f11-clean", fault.seed())).withPoison(0, POISONS);
            try (Generator generator = new Generator(load, stage, Stage.file("f11-clean-acknowledged.tsv"))) {
                run(generator);
                fault.verifier().awaitDrained(Duration.ofMinutes(2));
                clean = p99(generator);
            }

            Generator generator = fault.load(lively(fault.usualLoad()).withPoison(0.05, POISONS));
            run(generator);
            fault.verifier().awaitDrained(Duration.ofMinutes(2));

            double beside = p99(generator);
            // Of a few hundred events the p99 is the third or fourth slowest, so the target has a tenth of a second on
            // top.
            double target = 2 * clean + 0.1;
            fault.figure("kinds of poison", POISONS.size())
                    .figure("p99 without, s", clean)
                    .figure("p99 beside poison, s", beside)
                    .require(
                            beside <= target || !Stage.isLong(),
                            "the good ones' p99 is %s s beside poison, more than %s s".formatted(beside, target))
                    .end(0);
        }
    }

    @Test
    void f12WhatWasSaidBeforeHasNoEffectMore() throws Exception {
        try (Fault fault = stage.fault(
                "F12",
                "20 % duplicates, then all again under other keys, then from the beginning",
                "no effect more, I3")) {
            Random random = fault.random();
            Service service = stage.service();
            Generator generator = fault.load(fault.usualLoad().withDuplicates(0.2));
            run(generator);

            fault.figure("sent again under other keys", sendAgainUnderOtherKeys(generator.acknowledged(), random));
            fault.verifier().awaitDrained(Duration.ofMinutes(2));

            service.terminate(Duration.ofSeconds(40));
            fault.figure("read again from the beginning", goBackToTheBeginning());
            stage.service();
            // In one go: all is lag until it has been read again.
            fault.verifier().awaitDrained(Duration.ofMinutes(5));

            fault.end(0);
        }
    }

    @Test
    void f15WhatTheTopicDroppedUnreadIsReportedAndCounted() throws Exception {
        try (Fault fault =
                stage.fault("F15", "records dropped by retention, unread", "an alert and a metric, never silent")) {
            try (Generator gone =
                    new Generator(Load.of("f15-gone", fault.seed()), stage, Stage.file("f15-gone-acknowledged.tsv"))) {
                Service before = stage.service();
                gone.publish(SOME); // so that every group has committed
                gone.stop();
                fault.verifier().awaitDrained(Duration.ofMinutes(2));
                before.terminate(Duration.ofSeconds(40));
                gone.publish(SOME);
                gone.stop();
            }
            Lag dropped = dropAll();
            Generator rest = fault.load(fault.usualLoad());
            rest.publish(SOME); // is still there when the groups come back
            rest.start();

            Service service = stage.service();
            Flow.untilAllFlows(stage);
            rest.stop();
            fault.verifier().awaitDrained(Duration.ofMinutes(2));

            for (String group : Stage.GROUPS) {
                double counted =
                        service.counter("domain_events_lost_to_retention_total", "group=\"%s\"".formatted(group));
                fault.figure("counted for " + group, counted)
                        .require(counted == SOME, "%s: %s counted of %d".formatted(group, counted, SOME));
            }
            alarms(dropped)
                    .forEach(alarm -> fault.require(
                            service.log().lines().anyMatch(line -> line.contains("ERROR") && line.contains(alarm)),
                            "not in the log: " + alarm));
            fault.figure("dropped for each group", SOME).end(0);
        }
    }

    @Test
    void f22WhatIsDoneToTheTopicAndToOffsetsPassesOverNothingInSilence() throws Exception {
        try (Fault fault = stage.fault(
                        "F22",
                        "the topic made anew, partitions added, transactions aborted and left open"
                                + (Stage.isLong() ? ", offsets deleted and moved" : ""),
                        "nothing passed over in silence, only committed records acted on");
                Admin admin = Admin.create(brokers())) {
            Service service = Stage.isLong()
                    ? stage.start(stage.instance("service-f22")
                                    .with("--camel.component.kafka.auto-offset-reset=latest"))
                            .awaitReady()
                    : stage.service();
            fault.verifier().awaitDrained(Duration.ofMinutes(2));
            makeTheTopicAnew(admin);
            Generator load = fault.load(fault.usualLoad());
            load.publish(SOME);
            fault.verifier().awaitDrained(Duration.ofMinutes(2));

            int partitions = stage.lag().ends().size();
            admin.createPartitions(Map.of(Stage.TOPIC, NewPartitions.increaseTo(partitions + 2)))
                    .all()
                    .get();
            Set<Integer> touched = new HashSet<>();
            try (KafkaProducer<byte[], byte[]> producer = transactional()) {
                for (Ends end : Ends.values()) {
                    touched.addAll(inTransaction(producer, load, end, partitions));
                }
                load.publish(SOME);
                if (Stage.isLong()) {
                    producer.close(Duration.ZERO); // the broker ends what it has left open
                    Flow.pause(Duration.ofSeconds(30));
                } else {
                    producer.abortTransaction();
                }
            }
            publishTo(touched, load); // behind the marks of transactions, which nobody reads and commits
            fault.verifier().awaitDrained(Duration.ofMinutes(2));

            if (Stage.isLong()) {
                service.terminate(Duration.ofSeconds(40));
                long moved = moveOffsets(admin, fault.random());
                load.publish(SOME);
                Service next = stage.service();
                fault.verifier().awaitDrained(Duration.ofMinutes(5));
                long told = next.log()
                        .lines()
                        .filter(line -> line.contains("ERROR") && line.contains("was rewound"))
                        .count();
                fault.figure("partitions whose offset was beyond the end", moved)
                        .require(told == moved, "%d of %d were told of".formatted(told, moved));
            }
            fault.figure("partitions", partitions + 2)
                    // With an open transaction until the broker ends it, and without a service until that is started
                    // again.
                    .standstillAllowed(Duration.ofMinutes(Stage.isLong() ? 3 : 1))
                    .end(0);
        }
    }

    /** How a transaction ends. */
    private enum Ends {
        ABORTED,
        COMMITTED,
        OPEN
    }

    /** Deletes the topic and makes it again, empty, while its groups live. Of the letters that lie there, the places are no more. */
    private void makeTheTopicAnew(Admin admin) throws Exception {
        int partitions = stage.lag().ends().size();
        admin.deleteTopics(List.of(Stage.TOPIC)).all().get();
        await().pollInterval(Duration.ofMillis(100)).ignoreExceptions().until(() -> {
            admin.createTopics(List.of(new NewTopic(Stage.TOPIC, partitions, (short) 1)))
                    .all()
                    .get();
            return true;
        });
        JdbcClient.create(stage.platform().database().dataSource())
                .sql("DELETE FROM event_routes.dead_letter")
                .update();
        for (String group : Stage.GROUPS) {
            TopicPartition letters = new TopicPartition(Stage.TOPIC + "." + group + ".dlq", 0);
            admin.deleteRecords(Map.of(letters, RecordsToDelete.beforeOffset(-1)))
                    .all()
                    .get();
        }
    }

    private KafkaProducer<byte[], byte[]> transactional() {
        Map<String, Object> properties = new HashMap<>(brokers());
        properties.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, "f22");
        properties.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, 5_000);
        KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
        producer.initTransactions();
        return producer;
    }

    /** Events of new people in each of the two new partitions, and in others; returns in which. */
    private static Set<Integer> inTransaction(
            KafkaProducer<byte[], byte[]> producer, Generator load, Ends ends, int firstNew) throws Exception {
        Set<Integer> partitions = new HashSet<>();
        producer.beginTransaction();
        for (int i = 0; i < 4; i++) {
            Message message = load.prepared(Kind.SIGNED_UP);
            RecordMetadata written =
                    producer.send(to(i < 2 ? firstNew + i : null, message)).get();
            partitions.add(written.partition());
            if (ends == Ends.COMMITTED) {
                load.keep(message, written);
            }
        }
        switch (ends) {
            case ABORTED -> producer.abortTransaction();
            case COMMITTED -> producer.commitTransaction();
            case OPEN -> producer.flush();
        }
        return partitions;
    }

    private void publishTo(Set<Integer> partitions, Generator load) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(brokers(), new ByteArraySerializer(), new ByteArraySerializer())) {
            for (int partition : partitions) {
                Message message = load.prepared(Kind.SIGNED_UP);
                load.keep(message, producer.send(to(partition, message)).get());
            }
        }
    }

    private static ProducerRecord<byte[], byte[]> to(@Nullable Integer partition, Message message) {
        ProducerRecord<byte[], byte[]> record = message.record();
        return new ProducerRecord<>(record.topic(), partition, record.key(), record.value(), record.headers());
    }

    /**
     * As an operator may while the groups have no members: one group has committed nothing any more, one is to begin again, and one stands
     * beyond the ends, which is of how many partitions is returned.
     */
    private long moveOffsets(Admin admin, Random random) throws Exception {
        List<String> groups = new ArrayList<>(Stage.GROUPS);
        Collections.shuffle(groups, random);
        Map<TopicPartition, OffsetAndMetadata> beginnings = new HashMap<>();
        Map<TopicPartition, OffsetAndMetadata> beyond = new HashMap<>();
        stage.lag().ends().forEach((partition, end) -> {
            beginnings.put(new TopicPartition(Stage.TOPIC, partition), new OffsetAndMetadata(0));
            beyond.put(new TopicPartition(Stage.TOPIC, partition), new OffsetAndMetadata(end + 10_000));
        });
        admin.deleteConsumerGroups(List.of(groups.get(0))).all().get();
        admin.alterConsumerGroupOffsets(groups.get(1), beginnings).all().get();
        admin.alterConsumerGroupOffsets(groups.get(2), beyond).all().get();
        return beyond.size();
    }

    @Test
    void f25RecordsThatUnpackToMoreThanTheHeapEndNobody() throws Exception {
        try (Fault fault = stage.fault(
                "F25",
                "hostile writers: records that unpack to more than the heap",
                "same process ready, each a dead letter of each group, good ones behind them done in 10 s")) {
            Service service = stage.service();
            Map<String, Double> before = deadLetters(service);
            int logged = service.log().length(); // others have thrown errors in it
            int poisons = writeBombs();

            long began = System.nanoTime();
            Generator behind = fault.load(fault.usualLoad());
            behind.publish(SOME);
            fault.verifier().awaitDrained(Duration.ofMinutes(2));
            Duration done = Duration.ofNanos(System.nanoTime() - began);

            deadLetters(service).forEach((group, count) -> {
                long expected = poisons
                        + behind.acknowledged().stream()
                                .filter(record -> record.deadLetterOf().contains(group))
                                .count();
                double counted = count - before.getOrDefault(group, 0.0);
                fault.require(counted == expected, "%s: %s dead letters of %d".formatted(group, counted, expected));
            });
            fault.require(service.isAlive() && service.isReady(), "the process is not ready any more")
                    .require(
                            !service.log().substring(logged).contains("OutOfMemoryError"),
                            "out of memory: see the log");
            dropUpTo(behind.acknowledged()); // or whoever verifies would unpack them
            fault.figure("records that are too long", poisons)
                    .longest("good ones behind them done, s", done, Duration.ofSeconds(10))
                    .end(0);
        }
    }

    private static Map<String, Double> deadLetters(Service service) {
        return Stage.GROUPS.stream()
                .collect(Collectors.toMap(
                        group -> group,
                        group -> service.counter("domain_events_dead_letters_total", "group=\"%s\"".formatted(group))));
    }

    /**
     * To each partition a value, a key or a header that no heap holds, and to some a batch of records that are read, of which one holds no
     * more than a few at a time.
     */
    private int writeBombs() throws Exception {
        String broker = stage.platform().kafka().brokers();
        String passedOver = "{\"type\": \"foreign\", \"filling\": \"%s\"}".formatted("x".repeat(700_000));
        int partitions = Stage.isLong() ? stage.lag().ends().size() : 3;
        for (int partition = 0; partition < partitions; partition++) {
            TopicPartition to = new TopicPartition(Stage.TOPIC, partition);
            HugeBatch alone = new HugeBatch(partition % 2 == 0 ? CompressionType.ZSTD : CompressionType.GZIP);
            int most = 400_000_000;
            switch (partition % 3) {
                case 0 -> alone.add(1, most, -1);
                case 1 -> alone.add(most, 1, -1);
                default -> alone.add(-1, -1, most);
            }
            alone.write(broker, to);
            if (partition % 3 == 0) {
                HugeBatch many = new HugeBatch(CompressionType.ZSTD);
                for (int i = 0; i < 150; i++) {
                    many.add(passedOver);
                }
                many.write(broker, to);
            }
        }
        return partitions;
    }

    /** Drops what lies in front of these. */
    private void dropUpTo(List<Acknowledged> records) throws Exception {
        Map<TopicPartition, RecordsToDelete> all = new HashMap<>();
        stage.lag()
                .ends()
                .forEach((partition, end) ->
                        all.put(new TopicPartition(Stage.TOPIC, partition), RecordsToDelete.beforeOffset(end)));
        records.forEach(record -> all.merge(
                new TopicPartition(Stage.TOPIC, record.partition()),
                RecordsToDelete.beforeOffset(record.offset()),
                (one, other) -> one.beforeOffset() < other.beforeOffset() ? one : other));
        try (Admin admin = Admin.create(brokers())) {
            admin.deleteRecords(all).all().get();
        }
    }

    /** Drops all that there is, as retention does some day; returns where the groups stood then. */
    private Lag dropAll() throws Exception {
        Lag lag = stage.lag();
        Map<TopicPartition, RecordsToDelete> all = new HashMap<>();
        lag.ends()
                .forEach((partition, end) ->
                        all.put(new TopicPartition(Stage.TOPIC, partition), RecordsToDelete.beforeOffset(end)));
        try (Admin admin = Admin.create(brokers())) {
            admin.deleteRecords(all).all().get();
        }
        return lag;
    }

    /** What has to be said of each group and partition: how many records, where the group stood, and where it goes on. */
    private static List<String> alarms(Lag dropped) {
        List<String> alarms = new ArrayList<>();
        dropped.committed()
                .forEach((group, offsets) -> offsets.forEach((partition, offset) -> {
                    long end = dropped.ends().getOrDefault(partition, 0L);
                    if (offset < end) {
                        alarms.add(("%s: %d records of %s-%d fell out of the topic's retention unread. The group was at"
                                        + " offset %d, the oldest available one is %d")
                                .formatted(group, end - offset, Stage.TOPIC, partition, offset, end));
                    }
                }));
        return alarms;
    }

    /** The seconds of the short form are to bring by most kinds of poison. */
    private static Load lively(Load load) {
        return Stage.isLong() ? load : load.withRate(2 * load.rate());
    }

    private static void run(Generator generator) {
        generator.start();
        Flow.pause(LOAD);
        generator.stop();
    }

    /** From the moment that an event bears to the end of its last attempt, in seconds. */
    private double p99(Generator generator) {
        double p99 = JdbcClient.create(stage.platform().database().dataSource())
                .sql("""
                        SELECT percentile_cont(0.99) WITHIN GROUP (ORDER BY
                            extract(epoch FROM a.ended_at - CAST(d.event ->> 'timestamp' AS timestamptz)))
                        FROM event_routes.delivery d
                        JOIN event_routes.delivery_attempt a ON a.delivery_id = d.id
                        WHERE a.outcome = 'delivered' AND d.campaign_id IN (:campaigns)
                        """)
                .param(
                        "campaigns",
                        generator.people().campaigns().stream()
                                .map(campaign -> campaign.id().toString())
                                .toList())
                .query(Double.class)
                .single();
        return Math.round(p99 * 1_000) / 1_000.0;
    }

    /** In any order, and spread over partitions that are not theirs. */
    private int sendAgainUnderOtherKeys(List<Acknowledged> acknowledged, Random random) {
        Set<String> places = acknowledged.stream()
                .filter(record -> record.type() != null)
                .map(Acknowledged::place)
                .collect(Collectors.toSet());
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(brokers(), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(Stage.TOPIC).stream()
                    .map(partition -> new TopicPartition(Stage.TOPIC, partition.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                consumer.poll(Duration.ofMillis(500)).forEach(record -> {
                    if (places.contains(record.partition() + "@" + record.offset())) {
                        records.add(record);
                    }
                });
            }
        }
        Collections.shuffle(records, random);
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(brokers(), new ByteArraySerializer(), new ByteArraySerializer())) {
            for (ConsumerRecord<byte[], byte[]> record : records) {
                byte[] key = String.valueOf(random.nextInt()).getBytes(UTF_8);
                var unused =
                        producer.send(new ProducerRecord<>(Stage.TOPIC, null, key, record.value(), record.headers()));
            }
        }
        return records.size();
    }

    /** As an operator does while the groups have no members; returns how many records will be read again. */
    private long goBackToTheBeginning() throws Exception {
        Map<TopicPartition, OffsetSpec> earliest = new HashMap<>();
        Map<Integer, Long> ends = stage.lag().ends();
        ends.keySet()
                .forEach(partition -> earliest.put(new TopicPartition(Stage.TOPIC, partition), OffsetSpec.earliest()));
        try (Admin admin = Admin.create(brokers())) {
            Map<TopicPartition, ListOffsetsResultInfo> beginnings =
                    admin.listOffsets(earliest).all().get();
            Map<TopicPartition, OffsetAndMetadata> beginning = new HashMap<>();
            beginnings.forEach((partition, first) -> beginning.put(partition, new OffsetAndMetadata(first.offset())));
            for (String group : Stage.GROUPS) {
                admin.alterConsumerGroupOffsets(group, beginning).all().get();
            }
            return ends.values().stream().mapToLong(Long::longValue).sum()
                    - beginning.values().stream()
                            .mapToLong(OffsetAndMetadata::offset)
                            .sum();
        }
    }

    private Map<String, Object> brokers() {
        return Map.of(
                CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG,
                stage.platform().kafka().brokers());
    }
}
