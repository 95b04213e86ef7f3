package faults;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.jdbc.core.simple.JdbcClient;
import routes.dev.KafkaServer;
import routes.event.DomainEvent;
import routes.event.EventData.ReferralCreated;
import routes.event.EventJson;
import routes.event.Events;

/** What may happen while the outbox is relayed: who relays is killed, and all brokers are gone. The application goes on writing. */
@EnabledIfSystemProperty(named = "faults.long", matches = "true")
@ExtendWith(Stage.Provider.class)
class OutboxFaultsIT {

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Duration INSERTED = Duration.ofSeconds(2);
    private static final int CAMPAIGNS = 20;
    private static final int EVENTS_A_TRANSACTION = 20;

    private final Stage stage;
    private final JdbcClient jdbc;

    OutboxFaultsIT(Stage stage) {
        this.stage = stage;
        this.jdbc = JdbcClient.create(stage.platform().database().dataSource());
    }

    @Test
    void f16KilledWhileItRelaysOrWithoutABrokerItLosesNoRowAndEachCampaignKeepsItsOrder() throws Exception {
        int rounds = Stage.rounds(1, 50);
        KafkaServer broker = stage.platform().kafka();
        try (Fault fault = stage.fault(
                "F16",
                "kill -9 of who relays the outbox, and of the broker, while the application writes",
                "no row lost, order by campaign, inserts go on")) {
            Random random = fault.random();
            stage.service();
            Map<Integer, Long> ends = stage.lag().ends();
            try (Application application = new Application()) {
                long leftBehind = 0;
                for (int round = 1; round <= rounds; round++) {
                    Service relaying = stage.service();
                    awaitRelaying();
                    Flow.pause(Duration.ofMillis(random.nextInt(1_000)));
                    relaying.kill();
                    long left = waiting();
                    leftBehind = Math.max(leftBehind, left);

                    stage.service();
                    awaitRelaying();
                    broker.kill();
                    long written = application.written();
                    await("inserts without a broker")
                            .atMost(PATIENCE)
                            .until(() -> application.written() > written + 500);
                    broker.restart();
                    awaitRelaying();
                }
                application.stop();
                await("all relayed").atMost(PATIENCE).until(() -> waiting() == 0);

                Map<String, List<Integer>> published = published(ends, application.campaigns());
                long repeated = 0;
                for (var campaign : application.campaigns().entrySet()) {
                    List<Integer> numbers = published.getOrDefault(campaign.getKey(), List.of());
                    List<Integer> first = numbers.stream().distinct().toList();
                    repeated += numbers.size() - first.size();
                    fault.require(
                                    first.size() == campaign.getValue(),
                                    "%d of %d rows of a campaign were lost"
                                            .formatted(campaign.getValue() - first.size(), campaign.getValue()))
                            .require(
                                    first.equals(List.copyOf(new TreeSet<>(first))),
                                    "a campaign lost its order: " + first);
                }
                fault.figure("kills of each", rounds)
                        .figure("rows", application.written())
                        .figure("rows left behind by a kill, at most", leftBehind)
                        .figure("published again", repeated)
                        .longest("longest insert, s", application.longest(), INSERTED)
                        .end(0);
            }
        }
    }

    private long waiting() {
        return jdbc.sql("SELECT count(*) FROM event_routes.event_outbox")
                .query(Long.class)
                .single();
    }

    /** Until a row that is there now has gone. */
    private void awaitRelaying() {
        long last = jdbc.sql("SELECT coalesce(max(id), 0) FROM event_routes.event_outbox")
                .query(Long.class)
                .single();
        await("rows go out")
                .atMost(PATIENCE)
                .pollInterval(50, TimeUnit.MILLISECONDS)
                .until(() -> jdbc.sql("SELECT NOT EXISTS (SELECT FROM event_routes.event_outbox WHERE id <= :last)")
                        .param("last", last)
                        .query(Boolean.class)
                        .single());
    }

    /** The numbers of each campaign's events, in the order of its partition. */
    private Map<String, List<Integer>> published(Map<Integer, Long> from, Map<String, Integer> campaigns)
            throws Exception {
        Map<String, List<Integer>> numbers = new HashMap<>();
        Map<String, Object> settings =
                Map.of("bootstrap.servers", stage.platform().kafka().brokers(), "auto.offset.reset", "none");
        Map<Integer, Long> ends = stage.lag().ends();
        try (var consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            for (var end : ends.entrySet()) {
                TopicPartition partition = new TopicPartition(Stage.TOPIC, end.getKey());
                consumer.assign(List.of(partition));
                consumer.seek(partition, from.getOrDefault(end.getKey(), 0L));
                while (consumer.position(partition) < end.getValue()) {
                    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
                        String campaign = record.key() == null ? "" : new String(record.key(), UTF_8);
                        if (campaigns.containsKey(campaign)) {
                            numbers.computeIfAbsent(campaign, key -> new ArrayList<>())
                                    .add(EventJson.mapper()
                                            .readTree(record.value())
                                            .at("/data/referral_id")
                                            .asInt());
                        }
                    }
                }
            }
        }
        return numbers;
    }

    /** Writes events of its campaigns to the outbox, numbered in each, a transaction after the other. */
    private final class Application implements AutoCloseable {

        private final Map<String, Integer> campaigns = new HashMap<>();
        private final CompletableFuture<Void> writing;
        private volatile boolean stopped;
        private final AtomicLong written = new AtomicLong();
        private volatile Duration longest = Duration.ZERO;

        Application() {
            for (int i = 0; i < CAMPAIGNS; i++) {
                campaigns.put(Events.id(), 0);
            }
            writing = CompletableFuture.runAsync(this::write);
        }

        private void write() {
            List<String> ids = List.copyOf(campaigns.keySet());
            for (int next = 0; !stopped; next++) {
                String campaign = ids.get(next % ids.size());
                int number = campaigns.getOrDefault(campaign, 0);
                List<String> events = new ArrayList<>();
                for (int i = 1; i <= EVENTS_A_TRANSACTION; i++) {
                    DomainEvent event = Events.of(
                            new ReferralCreated(String.valueOf(number + i), Events.id(), Events.id(), campaign));
                    events.add(Events.json(event, json -> {}).toString());
                }
                long start = System.nanoTime();
                jdbc.sql(
                                "INSERT INTO event_routes.event_outbox (event) SELECT * FROM jsonb_array_elements(CAST(:events AS jsonb))")
                        .param("events", events.toString())
                        .update();
                Duration took = Duration.ofNanos(System.nanoTime() - start);
                longest = took.compareTo(longest) > 0 ? took : longest;
                campaigns.put(campaign, number + EVENTS_A_TRANSACTION);
                written.addAndGet(EVENTS_A_TRANSACTION);
                Flow.pause(Duration.ofMillis(20));
            }
        }

        long written() {
            return written.get();
        }

        Duration longest() {
            return longest;
        }

        /** How many events each campaign has; when it was stopped. */
        Map<String, Integer> campaigns() {
            return campaigns;
        }

        void stop() throws Exception {
            stopped = true;
            writing.get(30, TimeUnit.SECONDS);
        }

        @Override
        public void close() {
            stopped = true;
        }
    }
}
