package bench;

import faults.QuickStart;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;
import routes.dev.Platform;
import routes.dev.Ports;
import routes.event.DomainEvent;
import routes.event.EventJson;
import routes.event.Events;

/**
 * From starting the process to the first event that is carried out, and the memory that the process has: the executable jar as it is
 * built, beside it unpacked, and unpacked with the options of {@code deploy/jvm.options} and an archive of its classes. Where JAVA_25_HOME
 * names a JDK 25, also with that, without a cache and with one, without compact object headers and with them; the last is the image's way.
 * In turns, so that a machine that is busy is so for all.
 *
 * <p>System properties: {@code bench.rounds}, {@code bench.events} (of the load under which memory is looked at), {@code bench.roles},
 * {@code bench.jars} (others to compare instead of those ways, with commas between; the first one named is to know the newest tables).
 */
class StartBenchmark {

    private static final int ROUNDS = Integer.getInteger("bench.rounds", 5);
    private static final int EVENTS = Integer.getInteger("bench.events", 5_000);
    private static final String ROLES = System.getProperty("bench.roles", "all");
    private static final String TOPIC = "bench-start";
    private static final String JARS = System.getProperty("bench.jars", "");
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final Duration REST = Duration.ofSeconds(30);

    /** What a start was like. */
    private record Start(double seconds, double processor, double atRest, double inUse, double underLoad) {}

    @Test
    void fromTheStartToTheFirstEventAndTheMemory(@TempDir Path directory) throws Exception {
        Map<String, List<String>> ways = JARS.isEmpty() ? ways(directory) : jars();
        Map<String, List<Start>> starts = new LinkedHashMap<>();
        try (Platform platform = Platform.startAnewOnFreePorts(directory.resolve("platform"));
                Topic topic = new Topic(platform)) {
            run(platform, topic, directory, ways.values().iterator().next(), 0); // makes tables and topics
            for (int round = 0; round < ROUNDS; round++) {
                for (Map.Entry<String, List<String>> way : ways.entrySet()) {
                    starts.computeIfAbsent(way.getKey(), name -> new ArrayList<>())
                            .add(run(platform, topic, directory, way.getValue(), EVENTS));
                }
            }
        }
        Results results = new Results("start", 0).with("roles", ROLES).with("events of the load", EVENTS);
        starts.forEach((way, each) -> results.row()
                .with("way", way)
                .with(
                        "s to the first event",
                        Spread.of(each.stream().map(Start::seconds).toList()))
                .with(
                        "s of a processor",
                        Spread.of(each.stream().map(Start::processor).toList()))
                .with("MB at rest", Spread.of(each.stream().map(Start::atRest).toList()))
                .with("MB in use", Spread.of(each.stream().map(Start::inUse).toList()))
                .with(
                        "MB under load, at most",
                        Spread.of(each.stream().map(Start::underLoad).toList())));
        results.write();
    }

    /** Commands up to the name of the main class. */
    private static Map<String, List<String>> ways(Path directory) throws Exception {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        QuickStart unpacked = QuickStart.withoutServers(directory);
        String jar = unpacked.jar().toString();
        Map<String, List<String>> ways = new LinkedHashMap<>();
        ways.put(
                "the jar",
                List.of(
                        java,
                        "-jar",
                        Path.of("target", "domain-event-routes-exec.jar").toString()));
        ways.put("unpacked", List.of(java, "-jar", jar));
        ways.put("archive of classes", command(java, "-XX:SharedArchiveFile=" + unpacked.archive(), "-cp", jar));
        Optional<Path> java25 = QuickStart.java25();
        if (java25.isPresent()) {
            String later = java25.get().toString();
            ways.put("Java 25", command(later, "-cp", jar));
            for (String headers : List.of("-XX:-UseCompactObjectHeaders", "-XX:+UseCompactObjectHeaders")) {
                List<String> options = command(later, headers);
                Path cache = QuickStart.train(directory, unpacked.jar(), options);
                ways.put("Java 25, cache, " + headers, command(later, headers, "-XX:AOTCache=" + cache, "-cp", jar));
            }
        }
        return ways;
    }

    private static List<String> command(String java, String... options) {
        List<String> command = new ArrayList<>(List.of(java, "@deploy/jvm.options", "-XX:MaxRAM=512m"));
        command.addAll(List.of(options));
        return command;
    }

    private static Map<String, List<String>> jars() {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Map<String, List<String>> ways = new LinkedHashMap<>();
        for (String jar : JARS.split(",", -1)) {
            ways.put(jar, command(java, "-jar", jar));
        }
        return ways;
    }

    private static Start run(Platform platform, Topic topic, Path directory, List<String> way, int events)
            throws Exception {
        topic.publish(1);
        List<String> command = new ArrayList<>(way);
        if (!way.contains("-jar")) {
            command.add("routes.Application");
        }
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("service.log").toFile()));
        builder.environment().clear();
        builder.environment().putAll(platform.settings());
        int management = new Ports().any();
        builder.environment()
                .putAll(Map.of(
                        "KAFKA_TOPIC",
                        TOPIC,
                        "SERVER_PORT",
                        "0",
                        "MANAGEMENT_PORT",
                        String.valueOf(management),
                        "SERVICE_ROLES",
                        ROLES));
        long begun = System.nanoTime();
        Process process = builder.start();
        try {
            topic.awaitDelivered(process);
            double seconds = (System.nanoTime() - begun) / 1e9;
            double processor = process.info().totalCpuDuration().orElseThrow().toMillis() / 1e3;
            Thread.sleep(REST.toMillis()); // until nothing of the start goes on any more
            double atRest = memory(process, "VmRSS:");
            double inUse = inUse(process, Path.of(way.get(0)).resolveSibling("jcmd"), management);
            topic.publish(events);
            topic.awaitDelivered(process);
            return new Start(seconds, processor, atRest, inUse, memory(process, "VmHWM:"));
        } finally {
            process.destroy();
            if (!process.waitFor(1, TimeUnit.MINUTES)) {
                process.destroyForcibly();
            }
        }
    }

    private static double memory(Process process, String what) throws IOException {
        return Files.readAllLines(Path.of("/proc", String.valueOf(process.pid()), "status")).stream()
                .filter(line -> line.startsWith(what))
                .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D", "")) / 1000)
                .findFirst()
                .orElseThrow();
    }

    /** Of heap, classes and code, after a full collection. */
    private static double inUse(Process process, Path jcmd, int management) throws Exception {
        new ProcessBuilder(jcmd.toString(), String.valueOf(process.pid()), "GC.run")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
        URI metrics = URI.create("http://localhost:%d/observe/metrics".formatted(management));
        return HttpClient.newHttpClient()
                        .send(HttpRequest.newBuilder(metrics).build(), BodyHandlers.ofString())
                        .body()
                        .lines()
                        .filter(line -> line.startsWith("jvm_memory_used_bytes{"))
                        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                        .sum()
                / 1e6;
    }

    /** The topic, and how much of it was carried out. */
    private static final class Topic implements AutoCloseable {

        private final JdbcClient jdbc;
        private final KafkaProducer<byte[], byte[]> producer;
        private int published;

        Topic(Platform platform) throws Exception {
            this.jdbc = JdbcClient.create(platform.database().dataSource());
            Map<String, Object> brokers =
                    Map.of("bootstrap.servers", platform.kafka().brokers());
            try (Admin admin = Admin.create(brokers)) { // brokers make none by themselves
                admin.createTopics(List.of(new NewTopic(TOPIC, 10, (short) 1)))
                        .all()
                        .get();
            }
            this.producer = new KafkaProducer<>(brokers, new ByteArraySerializer(), new ByteArraySerializer());
        }

        void publish(int events) throws Exception {
            List<Future<?>> acknowledged = new ArrayList<>();
            for (int i = 0; i < events; i++) {
                DomainEvent event = Events.signedUp(Events.email());
                acknowledged.add(producer.send(
                        new ProducerRecord<>(TOPIC, EventJson.mapper().writeValueAsBytes(event))));
            }
            for (Future<?> each : acknowledged) {
                each.get();
            }
            published += events;
        }

        void awaitDelivered(Process process) throws InterruptedException {
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (delivered() < published) {
                if (!process.isAlive() || System.nanoTime() > deadline) {
                    throw new IllegalStateException(
                            "%d of %d events were carried out".formatted(delivered(), published));
                }
                Thread.sleep(20);
            }
        }

        private long delivered() {
            boolean there = jdbc.sql("SELECT to_regclass('event_routes.delivery') IS NOT NULL")
                    .query(Boolean.class)
                    .single();
            return there
                    ? jdbc.sql("SELECT count(*) FROM event_routes.delivery WHERE status = 'delivered'")
                            .query(Long.class)
                            .single()
                    : 0;
        }

        @Override
        public void close() {
            producer.close();
        }
    }
}
