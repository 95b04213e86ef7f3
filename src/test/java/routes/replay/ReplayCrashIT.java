package routes.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import faults.Service;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;
import routes.dev.Platform;
import routes.event.EventData.UserSignedUp;
import routes.event.Events;

/** The executable jar is killed (kill -9) in the middle of a replay, and started again. */
@EnabledIfSystemProperty(named = "faults.long", matches = "true", disabledReason = "in the long form of the faults")
class ReplayCrashIT {

    private static final int EVENTS = 600;

    @Test
    void theReplayGoesOnExactlyWhereItWasKilled(@TempDir Path directory) throws Exception {
        Process service = null;
        try (Platform platform = Platform.startAnewOnFreePorts(directory.resolve("platform"))) {
            Map<String, String> settings = new HashMap<>(platform.settings());
            settings.put("SERVER_PORT", "0");
            settings.put("MANAGEMENT_PORT", "0");
            JdbcClient jdbc = JdbcClient.create(platform.database().dataSource());
            service = Service.process(Service.Start.of(directory.resolve("service.log"), settings));
            publish(platform); // as soon as the service has made the topic
            awaitCount(jdbc, "SELECT count(*) FROM event_routes.delivery WHERE status = 'delivered'", EVENTS);
            jdbc.sql("DELETE FROM event_routes.delivery").update();

            jdbc.sql("""
                            INSERT INTO event_routes.replay (consumer_group, policy, range_from, types, rate, planned_by)
                            VALUES ('email-workers', 'missing', '2020-01-01T00:00:00Z', '{}', 100, 'ann')
                            """).update();
            awaitCount(jdbc, "SELECT count(*) FROM event_routes.replay WHERE effects = 600", 1);
            jdbc.sql("UPDATE event_routes.replay SET state = 'running'").update();
            await().until(() -> count(jdbc, "SELECT count(*) FROM event_routes.delivery") > 100);
            service.destroyForcibly().waitFor();
            assertThat(count(jdbc, "SELECT count(*) FROM event_routes.delivery"))
                    .isLessThan(EVENTS);
            service = Service.process(Service.Start.of(directory.resolve("service.log"), settings));

            awaitCount(jdbc, "SELECT count(*) FROM event_routes.replay WHERE state = 'done'", 1);
            assertThat(jdbc.sql("SELECT result ->> 'user.signed_up' FROM event_routes.replay")
                            .query(String.class)
                            .single())
                    .as("what is recorded and counted is one transaction")
                    .isEqualTo("{\"recorded\": 600}");
            awaitCount(jdbc, "SELECT count(*) FROM event_routes.delivery WHERE status = 'delivered'", EVENTS);
        } finally {
            if (service != null) {
                service.destroyForcibly().waitFor();
            }
        }
    }

    private static void awaitCount(JdbcClient jdbc, String sql, long expected) {
        await().pollInterval(Duration.ofMillis(200))
                .ignoreExceptions() // until the service has made its tables
                .until(() -> count(jdbc, sql) == expected);
    }

    private static long count(JdbcClient jdbc, String sql) {
        return jdbc.sql(sql).query(Long.class).single();
    }

    private static void publish(Platform platform) throws Exception {
        Map<String, Object> settings =
                Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, platform.kafka().brokers());
        List<Future<?>> acknowledged = new ArrayList<>();
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            for (int i = 0; i < EVENTS; i++) {
                String campaign = Events.id();
                String event = Events.json(
                                Events.of(new UserSignedUp(Events.id(), campaign, Events.email())), json -> {})
                        .toString();
                acknowledged.add(producer.send(new ProducerRecord<>("domain-events", campaign, event)));
            }
            for (Future<?> record : acknowledged) {
                record.get();
            }
        }
    }
}
