package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;
import routes.dev.Platform;
import routes.dev.ReceivedMail;
import routes.event.EventData.UserSignedUp;
import routes.event.Events;

/** The executable jar is killed (kill -9) at random moments under load, and started again. */
class CrashIT {

    private static final int KILLS = 3;
    private static final int EVENTS_A_ROUND = 700;
    private static final int WORKERS = 10;

    /** A run is repeated with -Dcrash.seed=... */
    private final long seed = Long.getLong("crash.seed", System.nanoTime());

    @Test
    void nothingIsLostAndOnlyWhatWasUnderWayIsRepeatedUnderTheSameMessageId(@TempDir Path directory) throws Exception {
        Random random = new Random(seed);
        Path log = directory.resolve("service.log");
        Process service = null;
        try (Platform platform = Platform.startAnewOnFreePorts(directory.resolve("platform"))) {
            Map<String, String> settings = new HashMap<>(platform.settings());
            settings.put("SERVER_PORT", "0");
            settings.put("MANAGEMENT_PORT", "0");
            List<String> people = new ArrayList<>();

            for (int kill = 1; kill <= KILLS; kill++) {
                service = start(log, settings, kill);
                people.addAll(publish(platform, EVENTS_A_ROUND));
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(1_500)));
                service.destroyForcibly().waitFor();
            }
            service = start(log, settings, KILLS + 1);

            JdbcClient jdbc = JdbcClient.create(platform.database().dataSource());
            await().atMost(Duration.ofSeconds(60))
                    .pollInterval(Duration.ofMillis(200))
                    .untilAsserted(() -> assertThat(delivered(jdbc)).isEqualTo(people.size()));
            Map<String, List<ReceivedMail>> mails =
                    platform.inbox().list().stream().collect(Collectors.groupingBy(ReceivedMail::to));
            assertThat(mails.keySet()).as("seed %d", seed).containsExactlyInAnyOrderElementsOf(people);
            int repeated = mails.values().stream().mapToInt(List::size).sum() - people.size();
            assertThat(repeated).as("repeated, seed %d", seed).isBetween(0, KILLS * WORKERS);
            assertThat(mails.values()).allSatisfy(same -> assertThat(
                            same.stream().map(ReceivedMail::messageId).collect(Collectors.toSet()))
                    .hasSize(1));
        } finally {
            if (service != null) {
                service.destroyForcibly().waitFor();
            }
        }
    }

    private static Process start(Path log, Map<String, String> settings, int nth) throws Exception {
        Process service = ServiceProcess.start(log, settings);
        await().atMost(Duration.ofSeconds(60)).until(() -> starts(log) == nth);
        return service;
    }

    private static long starts(Path log) throws Exception {
        return Files.readString(log)
                .lines()
                .filter(line -> line.contains("Started Application"))
                .count();
    }

    /** Writes sign-ups of as many campaigns, so that all partitions have some; returns after the broker has them all. */
    private static List<String> publish(Platform platform, int count) throws Exception {
        List<String> people = new ArrayList<>();
        List<Future<?>> acknowledged = new ArrayList<>();
        Map<String, Object> settings =
                Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, platform.kafka().brokers());
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            for (int i = 0; i < count; i++) {
                String person = Events.email();
                String campaign = Events.id();
                String event = Events.json(Events.of(new UserSignedUp(Events.id(), campaign, person)), json -> {})
                        .toString();
                acknowledged.add(producer.send(new ProducerRecord<>("domain-events", campaign, event)));
                people.add(person);
            }
            for (Future<?> record : acknowledged) {
                record.get();
            }
        }
        return people;
    }

    private static long delivered(JdbcClient jdbc) {
        assertThat(Set.copyOf(jdbc.sql("SELECT DISTINCT status FROM event_routes.delivery")
                        .query(String.class)
                        .list()))
                .doesNotContain("failed", "skipped");
        return jdbc.sql("SELECT count(*) FROM event_routes.delivery WHERE status = 'delivered'")
                .query(Long.class)
                .single();
    }
}
