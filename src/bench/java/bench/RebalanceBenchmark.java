package bench;

import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.GroupProtocol;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import routes.dev.EmbeddedKafka;
import routes.dev.Ports;
import routes.kafka.Members;

/**
 * How long a partition that has records is not read in a rolling restart, by either rebalance protocol: two members, of which each is
 * replaced by a new one that joins before the old one leaves. Only consumers: the start of a process would take the processors from the
 * others, which is not what is asked here. A record is read at a time and committed, so one that is read twice was not committed.
 *
 * <p>System properties: {@code bench.rounds}.
 */
class RebalanceBenchmark {

    private static final int PARTITIONS = 10;
    private static final Duration BETWEEN_RECORDS = Duration.ofMillis(10);
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    /** Beyond the longest interval of heartbeats: what comes late still counts. */
    private static final Duration REST = Duration.ofMillis(1_500);

    private static final List<Sharing> EACH = List.of(
            new Sharing(GroupProtocol.CLASSIC, 2_000, 0),
            new Sharing(GroupProtocol.CONSUMER, 5_000, 1_000),
            new Sharing(GroupProtocol.CLASSIC, 500, 0),
            new Sharing(GroupProtocol.CONSUMER, 500, 1_000),
            new Sharing(GroupProtocol.CLASSIC, 100, 0),
            new Sharing(GroupProtocol.CONSUMER, 100, 0));

    /**
     * How members share partitions.
     *
     * @param heartbeat milliseconds between heartbeats; with {@code consumer}, the brokers decide it
     * @param assignment milliseconds between two assignments of the brokers, at least
     */
    private record Sharing(GroupProtocol protocol, int heartbeat, int assignment) {}

    @Test
    void aRollingRestart(@TempDir Path directory) throws Exception {
        Map<Sharing, List<Double>> coming = new HashMap<>();
        Map<Sharing, List<Double>> going = new HashMap<>();
        Map<Sharing, Long> repeated = new HashMap<>();
        int rounds = Integer.getInteger("bench.rounds", 5);
        try (EmbeddedKafka kafka = EmbeddedKafka.start(new Ports().any(), directory.resolve("kafka"))) {
            for (int round = 1; round <= rounds; round++) {
                for (Sharing by : EACH) {
                    try (Group group = new Group(kafka.brokers(), by)) {
                        group.settle(5, 5);
                        for (int restart = 1; restart <= 2; restart++) {
                            group.rest();
                            group.join();
                            group.settle(3, 3, 4);
                            coming.computeIfAbsent(by, any -> new ArrayList<>()).add(group.rest());
                            group.leave();
                            group.settle(5, 5);
                            going.computeIfAbsent(by, any -> new ArrayList<>()).add(group.rest());
                        }
                        repeated.merge(by, group.repeated(), Long::sum);
                    }
                }
            }
        }
        Results results = new Results("rebalance", 0);
        for (Sharing by : EACH) {
            results.row()
                    .with("protocol", by.protocol().name())
                    .with("heartbeat, ms", by.heartbeat())
                    .with("one comes, s", Spread.of(coming.getOrDefault(by, List.of())))
                    .with("one goes, s", Spread.of(going.getOrDefault(by, List.of())))
                    .with("read twice", repeated.getOrDefault(by, 0L));
        }
        results.write();
    }

    /** A group on its own topic, to which somebody writes all the time. */
    private static final class Group implements AutoCloseable {

        private final String name = "rebalance-" + UUID.randomUUID();
        private final String brokers;
        private final Sharing by;
        private final Admin admin;
        private final List<Member> members = new ArrayList<>();
        private final Thread writer = new Thread(this::write, "writer");

        /** When each partition was last read, and its next offset. */
        private final AtomicLongArray lastRead = new AtomicLongArray(PARTITIONS);

        private final AtomicLongArray next = new AtomicLongArray(PARTITIONS);
        private final AtomicLongArray standstill = new AtomicLongArray(PARTITIONS);
        private volatile long repeated;
        private volatile boolean running = true;

        Group(String brokers, Sharing by) throws Exception {
            this.brokers = brokers;
            this.by = by;
            admin = Admin.create(Map.of("bootstrap.servers", brokers));
            admin.createTopics(List.of(new NewTopic(name, PARTITIONS, (short) 1)))
                    .all()
                    .get();
            Map<String, String> ofTheBrokers = Map.of(
                    "consumer.heartbeat.interval.ms", String.valueOf(by.heartbeat()),
                    "consumer.assignment.interval.ms", String.valueOf(by.assignment()),
                    "consumer.session.timeout.ms", "45000");
            admin.incrementalAlterConfigs(Map.of(
                            new ConfigResource(ConfigResource.Type.GROUP, name),
                            ofTheBrokers.entrySet().stream()
                                    .map(setting -> new AlterConfigOp(
                                            new ConfigEntry(setting.getKey(), setting.getValue()),
                                            AlterConfigOp.OpType.SET))
                                    .toList()))
                    .all()
                    .get();
            writer.start();
            join();
            join();
        }

        void join() {
            Member member = new Member();
            members.add(member);
            member.thread.start();
        }

        /** The eldest leaves. */
        void leave() throws InterruptedException {
            members.remove(0).end();
        }

        void settle(Integer... shares) {
            List<Integer> expected = Arrays.asList(shares);
            await().atMost(PATIENCE).pollInterval(20, TimeUnit.MILLISECONDS).until(() -> members.stream()
                    .map(member -> member.share)
                    .sorted()
                    .toList()
                    .equals(expected));
        }

        /** Waits a moment, and returns the longest standstill since the last time, in seconds. */
        double rest() {
            long end = System.nanoTime() + REST.toNanos();
            while (System.nanoTime() < end) {
                LockSupport.parkNanos(end - System.nanoTime());
            }
            long longest = 0;
            for (int partition = 0; partition < PARTITIONS; partition++) {
                longest = Math.max(longest, standstill.getAndSet(partition, 0));
            }
            return longest / 1e9;
        }

        long repeated() {
            return repeated;
        }

        private void write() {
            try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                    Map.of("bootstrap.servers", brokers), new ByteArraySerializer(), new ByteArraySerializer())) {
                while (running) {
                    for (int partition = 0; partition < PARTITIONS; partition++) {
                        producer.send(new ProducerRecord<>(name, partition, null, new byte[100]));
                    }
                    LockSupport.parkNanos(BETWEEN_RECORDS.toNanos());
                }
            }
        }

        private synchronized void read(ConsumerRecord<byte[], byte[]> record) {
            int partition = record.partition();
            if (record.offset() < next.get(partition)) {
                repeated++;
                return;
            }
            next.set(partition, record.offset() + 1);
            long now = System.nanoTime();
            long before = lastRead.getAndSet(partition, now);
            if (before != 0) {
                standstill.accumulateAndGet(partition, now - before, Math::max);
            }
        }

        @Override
        public void close() throws Exception {
            for (Member member : members) {
                member.end();
            }
            running = false;
            writer.join();
            admin.deleteTopics(List.of(name)).all().get();
            admin.close();
        }

        private final class Member {

            private final Thread thread = new Thread(this::run, "member");
            private volatile boolean reading = true;
            private volatile int share;

            private void run() {
                Properties properties = new Properties();
                properties.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, brokers);
                properties.put(ConsumerConfig.GROUP_ID_CONFIG, name);
                properties.put(
                        ConsumerConfig.GROUP_PROTOCOL_CONFIG, by.protocol().name());
                properties.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class.getName());
                properties.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class.getName());
                if (by.protocol() == GroupProtocol.CLASSIC) {
                    properties.put(
                            ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
                            CooperativeStickyAssignor.class.getName());
                    properties.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, by.heartbeat());
                    properties.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, 6_000);
                }
                try (Consumer<byte[], byte[]> consumer = Members.of(properties)) {
                    consumer.subscribe(List.of(name));
                    while (reading) {
                        ConsumerRecords<byte[], byte[]> records = consumer.poll(Duration.ofMillis(200));
                        share = consumer.assignment().size();
                        records.forEach(Group.this::read);
                        if (!records.isEmpty()) {
                            consumer.commitSync(records.nextOffsets(), Duration.ofSeconds(5));
                        }
                    }
                }
            }

            private void end() throws InterruptedException {
                reading = false;
                thread.join();
            }
        }
    }
}
