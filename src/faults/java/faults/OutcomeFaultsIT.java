package faults;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.jdbc.core.simple.JdbcClient;
import routes.event.EventJson;

/** What may happen while others are told of outcomes: who writes and relays them is killed, and so are the brokers and the database. */
@EnabledIfSystemProperty(named = "faults.long", matches = "true")
@ExtendWith(Stage.Provider.class)
class OutcomeFaultsIT {

    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final Stage stage;
    private final JdbcClient jdbc;

    OutcomeFaultsIT(Stage stage) {
        this.stage = stage;
        this.jdbc = JdbcClient.create(stage.platform().database().dataSource());
    }

    @Test
    void f26KilledOrWithoutABrokerOrADatabaseItTellsOfEachOutcomeInItsOrder() throws Exception {
        int rounds = Stage.rounds(1, 50);
        try (Fault fault = stage.fault(
                "F26",
                "kill -9 of the service, the broker and the database while others are told of outcomes",
                "each outcome told, in order by delivery, a repetition with its id")) {
            stage.endShared();
            fault.standstillAllowed(Duration.ofMinutes(5))
                    .load(fault.usualLoad())
                    .start();
            String begin = jdbc.sql("SELECT CAST(clock_timestamp() AS text)")
                    .query(String.class)
                    .single();
            for (int round = 1; round <= rounds; round++) {
                Service telling = telling("telling-" + round);
                Flow.untilAllFlows(stage);
                Flow.pause(Duration.ofMillis(fault.random().nextInt(2_000)));
                telling.kill();

                Service next = telling("telling-again-" + round);
                Flow.untilAllFlows(stage);
                stage.platform().kafka().kill();
                Flow.pause(Duration.ofMillis(fault.random().nextInt(2_000)));
                stage.platform().kafka().restart();
                Flow.untilAllFlows(stage);
                ServerProcesses.database(stage.platform()).kill();
                Flow.pause(Duration.ofMillis(fault.random().nextInt(2_000)));
                stage.platform().database().restart();
                Flow.untilAllFlows(stage);
                next.kill();
            }
            stage.share(telling("telling"));
            fault.figure("kills of each", rounds).figure("outcomes", check(fault, begin));
            stage.endShared();
            stage.service();
            fault.end(2 * rounds * Stage.IN_FLIGHT);
        }
    }

    private Service telling(String name) {
        return stage.start(stage.instance(name).withVariable("OUTCOME_EVENTS", "true"))
                .awaitReady();
    }

    /** An outcome: the same attempt of a delivery ends once, and its row is written with that of the event. */
    private record Told(UUID delivery, int attempt) {}

    private int check(Fault fault, String begin) throws Exception {
        Flow.untilAllFlows(stage);
        String until = jdbc.sql("SELECT CAST(clock_timestamp() AS text)")
                .query(String.class)
                .single();
        await("all outcomes are relayed").atMost(PATIENCE).until(() -> jdbc.sql(
                        "SELECT NOT EXISTS (SELECT FROM event_routes.outcome_event"
                                + " WHERE created_at < CAST(? AS timestamptz))")
                .param(until)
                .query(Boolean.class)
                .single());
        List<Told> ended = jdbc.sql("SELECT delivery_id AS delivery, attempt FROM event_routes.delivery_attempt"
                        + " WHERE outcome IN ('delivered', 'failed')"
                        + " AND ended_at BETWEEN CAST(? AS timestamptz) AND CAST(? AS timestamptz)")
                .params(begin, until)
                .query(Told.class)
                .list();

        Map<Told, Set<String>> ids = new HashMap<>();
        Map<UUID, List<Integer>> attempts = new HashMap<>();
        long repeated = 0;
        for (JsonNode event : events()) {
            Told told = new Told(
                    UUID.fromString(event.at("/data/delivery_id").asText()),
                    event.at("/data/attempts").asInt());
            Set<String> its = ids.computeIfAbsent(told, any -> new TreeSet<>());
            if (its.isEmpty()) {
                attempts.computeIfAbsent(told.delivery(), any -> new ArrayList<>())
                        .add(told.attempt());
            } else {
                repeated++;
            }
            its.add(event.path("id").asText());
        }
        long missing = ended.stream().filter(told -> !ids.containsKey(told)).count();
        long outOfOrder = attempts.values().stream()
                .filter(numbers -> !numbers.equals(List.copyOf(new TreeSet<>(numbers))))
                .count();
        long renamed = ids.values().stream().filter(its -> its.size() > 1).count();
        fault.figure("published again", repeated)
                .require(!ended.isEmpty(), "there was no outcome to tell of")
                .require(missing == 0, "%d of %d outcomes were not told".formatted(missing, ended.size()))
                .require(outOfOrder == 0, "%d deliveries lost the order of their outcomes".formatted(outOfOrder))
                .require(renamed == 0, "%d outcomes were told under several ids".formatted(renamed));
        return ended.size();
    }

    /** What was told of deliveries that ended, partition by partition. */
    private List<JsonNode> events() throws Exception {
        List<JsonNode> events = new ArrayList<>();
        Map<String, Object> settings =
                Map.of("bootstrap.servers", stage.platform().kafka().brokers());
        try (var consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            for (PartitionInfo info : consumer.partitionsFor(Stage.TOPIC + ".outcomes")) {
                TopicPartition partition = new TopicPartition(info.topic(), info.partition());
                consumer.assign(List.of(partition));
                consumer.seekToBeginning(List.of(partition));
                long end = Objects.requireNonNull(
                        consumer.endOffsets(List.of(partition)).get(partition));
                while (consumer.position(partition) < end) {
                    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
                        JsonNode event = EventJson.mapper().readTree(record.value());
                        if (event.path("type").asText().startsWith("delivery.")) {
                            events.add(event);
                        }
                    }
                }
            }
        }
        return events;
    }
}
