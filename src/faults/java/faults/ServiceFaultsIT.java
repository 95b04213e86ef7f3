package faults;

import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.GroupProtocol;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What may happen to the service itself: killed, told to stop, frozen, more of it and less. */
@ExtendWith(Stage.Provider.class)
class ServiceFaultsIT {

    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private static final Duration WORKING_AGAIN = Duration.ofSeconds(15);
    private static final Duration ENDED = Duration.ofSeconds(30);

    private final Stage stage;
    private final JdbcClient jdbc;

    ServiceFaultsIT(Stage stage) {
        this.stage = stage;
        this.jdbc = JdbcClient.create(stage.platform().database().dataSource());
    }

    @Test
    void f1KilledAtRandomMomentsItLosesNothingAndRepeatsOnlyWhatWasInFlight() throws Exception {
        int kills = Stage.rounds(2, 100);
        try (Fault fault = stage.fault("F1", "kill -9 of the service under load", "I1-I6, working again in 15 s")) {
            stage.service();
            // Killed before it has lived for the heartbeat-timeout it rescues nothing of those before it.
            fault.standstillAllowed(Duration.ofMinutes(5))
                    .load(fault.usualLoad())
                    .start();

            for (int kill = 1; kill <= kills; kill++) {
                Service service = stage.service();
                fault.longest("working again, s", untilWorking(service), WORKING_AGAIN);
                pause(fault.random(), Stage.isLong() ? 12_000 : 2_000);
                service.kill();
            }
            fault.longest("working again, s", untilWorking(stage.service()), WORKING_AGAIN);

            fault.figure("kills", kills).end(kills * Stage.IN_FLIGHT);
        }
    }

    @Test
    void f14ToldToStopUnderLoadItEndsSoonAndRepeatsNothing() throws Exception {
        assumeThat(Stage.isLong())
                .as("in the long form; the short form of F7 tells two to stop")
                .isTrue();
        int times = Stage.rounds(1, 50);
        try (Fault fault = stage.fault("F14", "SIGTERM under load", "ended in 30 s, no duplicates")) {
            fault.load(fault.usualLoad()).start();

            for (int time = 1; time <= times; time++) {
                Service service = stage.service();
                Flow.untilAllFlows(stage);
                pause(fault.random(), 2_000);
                tellToStop(service, fault);
            }
            stage.service();

            fault.figure("times", times).end(0);
        }
    }

    private void tellToStop(Service service, Fault fault) {
        Set<UUID> gone = new HashSet<>(instances());
        fault.longest("ended after, s", service.terminate(PATIENCE), ENDED);
        gone.removeAll(instances());
        fault.require(service.awaitEnd(Duration.ZERO) == 0, "it did not end as a success")
                .require(!gone.isEmpty(), "its instance is still known")
                .require(gone.stream().allMatch(its -> leases(its).isEmpty()), "it ended with deliveries in its hands");
    }

    static List<GroupProtocol> protocols() {
        return Stage.isLong() ? List.of(GroupProtocol.values()) : List.of(GroupProtocol.CLASSIC);
    }

    @ParameterizedTest
    @MethodSource("protocols")
    @Tag(Stage.FURTHER)
    void f7InstancesComeAndGoAndNoPartitionStandsStillForLong(GroupProtocol protocol) throws Exception {
        int rounds = Stage.rounds(1, 100);
        try (Fault fault = stage.fault(
                "F7", "1 -> 3 -> 1 instances under load, %s".formatted(protocol), "I1-I4, standstill <= 30 s")) {
            if (protocol == GroupProtocol.CONSUMER) {
                stage.endShared();
            }
            List<Service> running = new ArrayList<>(List.of(
                    protocol == GroupProtocol.CLASSIC
                            ? stage.service()
                            : start(protocol, 0).awaitReady()));
            fault.standstillAllowed(Duration.ofSeconds(30))
                    .load(fault.usualLoad())
                    .start();

            for (int round = 1; round <= rounds; round++) {
                for (int more = 1; more <= 2; more++) {
                    running.add(start(protocol, round * 2 + more));
                }
                running.forEach(Service::awaitReady);
                awaitMembers(3);
                pause(fault.random(), 2_000);
                Collections.shuffle(running, fault.random());
                tellToStop(running.remove(0), fault);
                pause(fault.random(), 1_000);
                tellToStop(running.remove(0), fault);
                awaitMembers(1);
                if (protocol == GroupProtocol.CLASSIC) {
                    stage.share(running.get(0));
                }
            }

            fault.figure("rounds", rounds).end(0);
        }
    }

    private Service start(GroupProtocol protocol, int number) {
        return stage.start(stage.instance("%s-%d".formatted(protocol, number))
                .withVariable("KAFKA_GROUP_PROTOCOL", protocol.name()));
    }

    /**
     * How instances share partitions.
     *
     * @param heartbeat milliseconds between the heartbeats of a member; the brokers decide that for {@code consumer}
     * @param assignment the least of milliseconds between two assignments of the brokers
     */
    private record Sharing(GroupProtocol protocol, int heartbeat, int assignment) {

        Service.Start by(Service.Start start) {
            Service.Start of = start.withVariable("KAFKA_GROUP_PROTOCOL", protocol.name());
            return protocol == GroupProtocol.CONSUMER
                    ? of
                    : of.with("--camel.component.kafka.heartbeat-interval-ms=" + heartbeat);
        }

        Map<String, String> ofTheBrokers() {
            return Map.of(
                    "consumer.heartbeat.interval.ms", String.valueOf(heartbeat),
                    "consumer.assignment.interval.ms", String.valueOf(assignment),
                    "consumer.session.timeout.ms", "45000");
        }

        @Override
        public String toString() {
            return "%s, a heartbeat each %d ms".formatted(protocol.name().toLowerCase(Locale.ROOT), heartbeat);
        }
    }

    /** In turns, in one run: as service and brokers are by default, each with short intervals, and from one protocol to the other. */
    static Stream<Arguments> turns() {
        Sharing classic = new Sharing(GroupProtocol.CLASSIC, 2_000, 1_000);
        Sharing consumer = new Sharing(GroupProtocol.CONSUMER, 5_000, 1_000);
        Sharing quickClassic = new Sharing(GroupProtocol.CLASSIC, 100, 0);
        Sharing quickConsumer = new Sharing(GroupProtocol.CONSUMER, 100, 0);
        List<Arguments> each = List.of(
                Arguments.of(classic, classic),
                Arguments.of(consumer, consumer),
                Arguments.of(quickClassic, quickClassic),
                Arguments.of(quickConsumer, quickConsumer),
                Arguments.of(classic, consumer),
                Arguments.of(consumer, classic));
        return Stream.generate(() -> each).limit(Stage.rounds(1, 3)).flatMap(List::stream);
    }

    @ParameterizedTest
    @MethodSource("turns")
    void f7ARollingRestartByEitherProtocolRepeatsNothing(Sharing before, Sharing after) throws Exception {
        assumeThat(Stage.isLong()).as("in the long form").isTrue();
        try (Fault fault = stage.fault(
                "F7",
                "rolling restart of 2 instances under load: %s -> %s".formatted(before, after),
                "I1-I4, no repeats")) {
            stage.endShared();
            stage.configure((after.protocol() == GroupProtocol.CONSUMER ? after : before).ofTheBrokers());
            String name = "rolling-%s-".formatted(UUID.randomUUID());
            List<Service> running = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                running.add(stage.start(before.by(stage.instance(name + i))));
            }
            running.forEach(Service::awaitReady);
            fault.load(fault.usualLoad()).start();
            Flow.untilAllFlows(stage);
            awaitShares(5, 5);
            fault.watch().restart();

            for (int i = 0; i < 2; i++) {
                Service next = stage.start(after.by(stage.instance("%s%d-next".formatted(name, i))))
                        .awaitReady();
                awaitShares(3, 3, 4);
                Flow.untilAllFlows(stage);
                pause(fault.random(), 2_000);
                Duration whileOneComes = fault.watch().standstill();
                fault.watch().restart();
                tellToStop(running.set(i, next), fault);
                awaitShares(5, 5);
                Flow.untilAllFlows(stage);
                pause(fault.random(), 2_000);
                fault.longest("standstill while one comes, s", whileOneComes)
                        .longest("standstill while one goes, s", fault.watch().standstill());
                fault.watch().restart();
            }

            fault.end(0);
        }
    }

    @Test
    void f7ANamedInstanceThatIsRestartedMovesNoPartition() throws Exception {
        assumeThat(Stage.isLong()).as("in the long form").isTrue();
        try (Fault fault =
                stage.fault("F7", "restart of an instance that has a name, under load", "no partition moves, I1-I4")) {
            stage.endShared();
            Service.Start named = named("a");
            Service restarted = stage.start(named).awaitReady();
            Service other = stage.start(named("b")).awaitReady();
            awaitShares(5, 5);
            fault.load(fault.usualLoad()).start();
            Flow.untilAllFlows(stage);
            long settled = settled(other);

            restarted.terminate(PATIENCE);
            pause(fault.random(), 5_000);
            stage.start(named).awaitReady();
            Flow.untilAllFlows(stage);

            fault.figure("settled anew", settled(other) - settled)
                    .require(settled(other) == settled, "the other instance's groups settled anew")
                    .end(0);
        }
    }

    private Service.Start named(String name) {
        return stage.instance("named-" + name)
                .withVariable("KAFKA_GROUP_INSTANCE_ID", name)
                .with(
                        "--camel.component.kafka.session-timeout-ms=60000",
                        "--logging.level.org.apache.kafka.clients.consumer.internals.ConsumerCoordinator=info");
    }

    /** How often an instance's groups have settled, as Kafka's client says. */
    private static long settled(Service service) {
        return service.log()
                .lines()
                .filter(line -> line.contains("Successfully joined group with generation"))
                .count();
    }

    @Test
    @Tag(Stage.FURTHER)
    void f6FrozenForTooLongItComesBackAndWritesNothingOverWhatOthersHaveDone() throws Exception {
        int rounds = Stage.rounds(1, 5);
        try (Fault fault =
                stage.fault("F6", "SIGSTOP beyond max.poll.interval and lease", "its late outcomes write 0 rows")) {
            stage.service();
            fault.load(fault.usualLoad()).start();
            int lateOutcomes = 0;
            int changed = 0;
            for (int round = 1; round <= rounds; round++) {
                Service zombie = stage.start(stage.instance("frozen-" + round)
                                .with("--camel.component.kafka.max-poll-interval-ms=6000"))
                        .awaitReady();
                UUID owner = newestInstance();
                answerAfter(Duration.ofMillis(700));
                await().atMost(PATIENCE).until(() -> begun(owner) >= 3);

                zombie.freeze();
                answerAfter(Duration.ZERO);
                Map<UUID, Integer> held = leases(owner);
                await("others have done what it held").atMost(PATIENCE).until(() -> doneByOthers(held));
                Map<UUID, String> done = rows(held.keySet());
                zombie.thaw();

                await("its late outcomes").atMost(PATIENCE).until(() -> late(zombie) > 0);
                await("it works again").atMost(PATIENCE).until(() -> instances().contains(owner));
                zombie.terminate(PATIENCE);
                lateOutcomes += late(zombie);
                for (var row : rows(held.keySet()).entrySet()) {
                    changed += row.getValue().equals(done.get(row.getKey())) ? 0 : 1;
                }
            }

            fault.figure("frozen", rounds)
                    .figure("late outcomes", lateOutcomes)
                    .figure("rows changed by them", changed)
                    .require(changed == 0, "late outcomes changed %d rows".formatted(changed))
                    .end(rounds * Stage.IN_FLIGHT);
        }
    }

    private Duration untilWorking(Service service) {
        await("an effect")
                .atMost(PATIENCE)
                .until(() -> stage.effects().firstAfter(service.startedAt()).isPresent());
        Instant first = stage.effects().firstAfter(service.startedAt()).orElseThrow();
        return Duration.between(service.startedAt(), first);
    }

    private void awaitMembers(int count) {
        for (String group : Stage.GROUPS) {
            await(count + " members")
                    .atMost(PATIENCE)
                    .until(() -> stage.shares(group).size() == count);
        }
    }

    private void awaitShares(Integer... sizes) {
        for (String group : Stage.GROUPS) {
            await("shares %s".formatted(List.of(sizes)))
                    .atMost(PATIENCE)
                    .until(() -> stage.shares(group).stream().sorted().toList().equals(List.of(sizes)));
        }
    }

    private void answerAfter(Duration pause) {
        stage.mails().answerAfter(pause);
        stage.webhooks().answerAfter(pause);
    }

    private static void pause(Random random, int atMostMillis) {
        Flow.pause(Duration.ofMillis(random.nextInt(atMostMillis)));
    }

    private static int late(Service service) {
        return (int) service.log()
                .lines()
                .filter(line -> line.contains("Ignored a late outcome of delivery"))
                .count();
    }

    private Set<UUID> instances() {
        return Set.copyOf(jdbc.sql("SELECT id FROM event_routes.instance")
                .query(UUID.class)
                .list());
    }

    private UUID newestInstance() {
        return jdbc.sql("SELECT id FROM event_routes.instance ORDER BY started_at DESC LIMIT 1")
                .query(UUID.class)
                .single();
    }

    /** How many attempts of an instance are under way. */
    private int begun(UUID owner) {
        return jdbc.sql("SELECT count(*) FROM event_routes.delivery"
                        + " WHERE status = 'leased' AND lease_owner = :owner AND attempts > 0")
                .param("owner", owner)
                .query(Integer.class)
                .single();
    }

    /** The number of the lease of each delivery that an instance holds. */
    private Map<UUID, Integer> leases(UUID owner) {
        Map<UUID, Integer> leases = new HashMap<>();
        jdbc.sql("SELECT id, lease FROM event_routes.delivery WHERE status = 'leased' AND lease_owner = :owner")
                .param("owner", owner)
                .query(row -> {
                    leases.put(row.getObject("id", UUID.class), row.getInt("lease"));
                });
        return leases;
    }

    private boolean doneByOthers(Map<UUID, Integer> held) {
        Map<UUID, Integer> now = new HashMap<>();
        jdbc.sql("SELECT id, lease FROM event_routes.delivery WHERE status IN ('delivered', 'manual') AND id IN (:ids)")
                .param("ids", held.keySet())
                .query(row -> {
                    now.put(row.getObject("id", UUID.class), row.getInt("lease"));
                });
        return held.entrySet().stream().allMatch(lease -> now.getOrDefault(lease.getKey(), 0) > lease.getValue());
    }

    /** All that the ledger says of deliveries and their attempts. */
    private Map<UUID, String> rows(Set<UUID> ids) {
        Map<UUID, String> rows = new HashMap<>();
        jdbc.sql("""
                        SELECT d.id, CAST(d AS text) || (SELECT string_agg(CAST(a AS text), '' ORDER BY a.attempt)
                                                         FROM event_routes.attempt a
                                                         WHERE a.delivery_id = d.id) AS said
                        FROM event_routes.delivery d
                        WHERE d.id IN (:ids)
                        """).param("ids", ids).query(row -> {
            rows.put(row.getObject("id", UUID.class), row.getString("said"));
        });
        return rows;
    }
}
