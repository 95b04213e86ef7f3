package bench;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.core.env.Environment;
import org.springframework.test.context.TestPropertySource;
import routes.OnPlatform;
import routes.dev.Platform;
import routes.event.DomainEvent;
import routes.event.EventData.ReferralCreated;
import routes.event.EventPublisher;
import routes.event.EventWriter;
import routes.event.Events;

/**
 * What the service does with a record, beside the least that a client of Kafka can do: passing over types that a group does not
 * handle beside kafka-consumer-perf-test, and publishing arrays of 1000 beside kafka-producer-perf-test. In turns, in one process, on
 * one broker, with the same records.
 *
 * <p>System properties: {@code bench.records}, {@code bench.rounds}, {@code bench.clients} (of POST /events, at a time),
 * {@code bench.seed}.
 */
@OnPlatform
@TestPropertySource(
        properties = {
            "domain-events.topic=" + ThroughputBenchmark.TOPIC,
            "camel.main.auto-startup-exclude-pattern=kafka:*,seda:*,scheduler:*"
        })
class ThroughputBenchmark {

    static final String TOPIC = "bench-throughput";
    private static final int RECORDS = Integer.getInteger("bench.records", 1_000_000);
    private static final int ROUNDS = Integer.getInteger("bench.rounds", 5);
    private static final int CLIENTS = Integer.getInteger("bench.clients", 4);
    private static final int ARRAY = 1000;
    private static final int CAMPAIGNS = 100;
    private static final int PARTITIONS = 10;
    private static final long SEED = Long.getLong("bench.seed", 1);
    private static final String GROUP = "reward-workers";

    @Autowired
    private Platform platform;

    @Autowired
    private CamelContext camel;

    @Autowired
    private EventWriter writer;

    @Autowired
    private EventPublisher publisher;

    @Autowired
    private Environment environment;

    private interface Turn {
        double rate() throws Exception;
    }

    @Test
    void passingOverTypesThatAGroupDoesNotHandle() throws Exception {
        Results results = new Results("passing-over", SEED).with("records", RECORDS);
        for (boolean withHeaders : new boolean[] {true, false}) {
            emptyTheTopic();
            fill(withHeaders);
            compare(
                    results.row().with("records", withHeaders ? "with the header ce_type" : "plain"),
                    () -> KafkaTools.consume(brokers(), TOPIC, RECORDS),
                    this::passOver);
        }
        results.write();
    }

    @Test
    void publishingArrays() throws Exception {
        Results results = new Results("publishing", SEED)
                .with("records", RECORDS)
                .with("array", ARRAY)
                .with("clients", CLIENTS);
        List<DomainEvent> events = events();
        Path payloads = Files.createTempFile("payloads", ".json");
        StringBuilder lines = new StringBuilder();
        for (DomainEvent event : events) {
            lines.append(new String(writer.write(event), StandardCharsets.UTF_8))
                    .append('\n');
        }
        Files.writeString(payloads, lines);
        emptyTheTopic();
        compare(
                results.row().with("entrance", "POST /events"),
                () -> KafkaTools.produce(brokers(), TOPIC, RECORDS, payloads),
                () -> inParallel(post(events)));
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(properties(), new ByteArraySerializer(), new ByteArraySerializer())) {
            List<ProducerRecord<byte[], byte[]>> records = records(events, true);
            compare(
                    results.row().with("entrance", "EventPublisher, beside the bare client with the same records"),
                    () -> inParallel(() -> send(producer, records)),
                    () -> inParallel(() -> publisher.publish(events)));
        }
        compare(
                results.row().with("entrance", "EventPublisher"),
                () -> KafkaTools.produce(brokers(), TOPIC, RECORDS, payloads),
                () -> inParallel(() -> publisher.publish(events)));
        Files.delete(payloads);
        results.write();
    }

    /**
     * In turns; the first of each is to compile the code, and does not count. Beside the rates stands the processor time of this
     * process, clients and tools among it: neighbours on the machine have less of a say in that.
     */
    private static void compare(Results.Row row, Turn peer, Turn ours) throws Exception {
        List<Double> rates = new ArrayList<>();
        List<Double> peers = new ArrayList<>();
        List<Double> ratios = new ArrayList<>();
        List<Double> work = new ArrayList<>();
        List<Double> peersWork = new ArrayList<>();
        for (int round = 0; round <= ROUNDS; round++) {
            double start = processorMicros();
            double theirs = peer.rate();
            double between = processorMicros();
            double own = ours.rate();
            double end = processorMicros();
            if (round > 0) {
                peers.add(theirs);
                rates.add(own);
                ratios.add(100 * own / theirs);
                peersWork.add((between - start) / RECORDS);
                work.add((end - between) / RECORDS);
            }
        }
        row.with("a second", Spread.of(rates))
                .with("Kafka's tool", Spread.of(peers))
                .with("percent", Spread.of(ratios))
                .with("processor, microseconds a record", Spread.of(work).median())
                .with("Kafka's tool, microseconds", Spread.of(peersWork).median());
    }

    private static double processorMicros() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime() / 1e3;
    }

    private String brokers() {
        return platform.kafka().brokers();
    }

    private Admin admin() {
        return Admin.create(Map.of(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, brokers()));
    }

    /** Without a second topic of the same name: a producer can be told for minutes that its records are out of order there. */
    private void emptyTheTopic() throws Exception {
        try (Admin admin = admin()) {
            Map<TopicPartition, RecordsToDelete> all = new HashMap<>();
            offsets(admin, OffsetSpec.latest())
                    .forEach((partition, end) -> all.put(partition, RecordsToDelete.beforeOffset(end)));
            admin.deleteRecords(all).all().get();
        }
    }

    private static Map<TopicPartition, Long> offsets(Admin admin, OffsetSpec which) throws Exception {
        Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
        for (int partition = 0; partition < PARTITIONS; partition++) {
            asked.put(new TopicPartition(TOPIC, partition), which);
        }
        Map<TopicPartition, Long> offsets = new HashMap<>();
        admin.listOffsets(asked).all().get().forEach((partition, found) -> offsets.put(partition, found.offset()));
        return offsets;
    }

    private static long sum(Collection<Long> offsets) {
        return offsets.stream().mapToLong(Long::longValue).sum();
    }

    private static List<DomainEvent> events() {
        List<DomainEvent> events = new ArrayList<>();
        for (int i = 0; i < ARRAY; i++) {
            String campaign = "c0ffee00-0000-4000-8000-%012d".formatted(i % CAMPAIGNS);
            events.add(Events.of(new ReferralCreated(Events.id(), Events.id(), Events.id(), campaign)));
        }
        return events;
    }

    private void fill(boolean withHeaders) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(properties(), new ByteArraySerializer(), new ByteArraySerializer())) {
            List<ProducerRecord<byte[], byte[]>> records = records(events(), withHeaders);
            for (int i = 0; i < RECORDS / ARRAY; i++) {
                send(producer, records);
            }
        }
    }

    private Map<String, Object> properties() {
        return Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, brokers(), ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
    }

    /** As the service writes them, or as a publisher does that knows no CloudEvents. */
    private List<ProducerRecord<byte[], byte[]>> records(List<DomainEvent> events, boolean withHeaders)
            throws Exception {
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (DomainEvent event : events) {
            ProducerRecord<byte[], byte[]> record =
                    new ProducerRecord<>(TOPIC, utf8(event.campaignId()), writer.write(event));
            if (withHeaders) {
                writer.headers(event).forEach((name, value) -> record.headers().add(name, utf8(value)));
            }
            records.add(record);
        }
        return records;
    }

    /** Until all are acknowledged, as a publisher waits who has to know. */
    private static void send(KafkaProducer<byte[], byte[]> producer, List<ProducerRecord<byte[], byte[]>> records)
            throws Exception {
        for (Future<RecordMetadata> sent : records.stream().map(producer::send).toList()) {
            sent.get();
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Lets the group read the topic from its start; the time counts from its first commit to its last. */
    private double passOver() throws Exception {
        try (Admin admin = admin()) {
            long end = sum(offsets(admin, OffsetSpec.latest()).values());
            Map<TopicPartition, Long> earliest = offsets(admin, OffsetSpec.earliest());
            long start = sum(earliest.values());
            Map<TopicPartition, OffsetAndMetadata> rewound = new HashMap<>();
            earliest.forEach((partition, offset) -> rewound.put(partition, new OffsetAndMetadata(offset)));
            admin.alterConsumerGroupOffsets(GROUP, rewound).all().get();
            camel.getRouteController().startRoute(GROUP);
            long first = start;
            long began = 0;
            long committed = start;
            while (committed < end) {
                committed =
                        admin.listConsumerGroupOffsets(GROUP).partitionsToOffsetAndMetadata().get().values().stream()
                                .mapToLong(OffsetAndMetadata::offset)
                                .sum();
                if (first == start && committed > start) {
                    first = committed;
                    began = System.nanoTime();
                }
                Thread.sleep(10);
            }
            double seconds = (System.nanoTime() - began) / 1e9;
            camel.getRouteController().stopRoute(GROUP);
            while (!Objects.requireNonNull(admin.describeConsumerGroups(List.of(GROUP))
                            .all()
                            .get()
                            .get(GROUP))
                    .members()
                    .isEmpty()) {
                Thread.sleep(50); // the offsets of a group are its members' to change
            }
            return (end - first) / seconds;
        }
    }

    private interface Call {
        void run() throws Exception;
    }

    private double inParallel(Call call) throws Exception {
        ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
        try {
            int calls = RECORDS / ARRAY / CLIENTS;
            long start = System.nanoTime();
            List<CompletableFuture<Void>> all = new ArrayList<>();
            for (int client = 0; client < CLIENTS; client++) {
                all.add(CompletableFuture.runAsync(() -> repeat(calls, call), clients));
            }
            all.forEach(CompletableFuture::join);
            return calls * (double) ARRAY * CLIENTS / ((System.nanoTime() - start) / 1e9);
        } finally {
            clients.shutdown();
        }
    }

    private static void repeat(int calls, Call call) {
        for (int i = 0; i < calls; i++) {
            try {
                call.run();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private Call post(List<DomainEvent> events) throws Exception {
        List<String> bodies = new ArrayList<>();
        for (DomainEvent event : events) {
            bodies.add(new String(writer.write(event), StandardCharsets.UTF_8));
        }
        HttpClient http =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        HttpRequest request = HttpRequest.newBuilder(URI.create(
                        "http://localhost:%s/events".formatted(environment.getProperty("local.server.port"))))
                .header("Content-Type", "application/json")
                .header("Authorization", "Bearer " + Platform.API_KEY)
                .POST(BodyPublishers.ofString(bodies.stream().collect(Collectors.joining(",", "[", "]"))))
                .build();
        return () -> {
            HttpResponse<byte[]> answer = http.send(request, BodyHandlers.ofByteArray());
            if (answer.statusCode() != 202) {
                throw new IllegalStateException("POST /events answered " + answer.statusCode());
            }
        };
    }
}
