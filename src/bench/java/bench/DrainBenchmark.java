package bench;

import bench.Waitlist.Side;
import faults.Service;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.TestPropertySource;
import org.springframework.transaction.support.TransactionTemplate;
import routes.OnPlatform;
import routes.dev.Platform;
import routes.position.Leaderboards;

/**
 * Positions end to end from Kafka, with the executable jar in a process of its own, beside a consumer that does what the reference
 * implementation does. The application goes on meanwhile: it counts a referral, and then publishes it.
 *
 * <p>System properties: {@code bench.people} (one size), {@code bench.events} (in a round), {@code bench.rounds},
 * {@code bench.minutes} (of load, for each of the two), {@code bench.rate} (events per second of that load), {@code bench.seed}.
 */
@OnPlatform
@TestPropertySource(
        properties = {"positions.mode=rank", "camel.main.auto-startup-exclude-pattern=kafka:*,seda:*,scheduler:*"})
class DrainBenchmark {

    private static final int PEOPLE = Integer.getInteger("bench.people", 100_000);
    private static final int EVENTS = Integer.getInteger("bench.events", 20_000);
    private static final int ROUNDS = Integer.getInteger("bench.rounds", 5);
    private static final double MINUTES = Double.parseDouble(System.getProperty("bench.minutes", "1"));
    private static final int RATE = Integer.getInteger("bench.rate", 1000);
    private static final long SEED = Long.getLong("bench.seed", 1);
    private static final int CHUNK = 500;

    /** Referrals that the application counts in one transaction under load. */
    private static final int REFERRALS = 5;

    @Autowired
    private Platform platform;

    @Autowired
    private JdbcClient jdbc;

    @Autowired
    private TransactionTemplate transaction;

    @Autowired
    private Leaderboards leaderboards;

    @Test
    void drainingABacklogThatGrowsMeanwhile() throws Exception {
        Waitlist waitlist = Waitlist.create(jdbc, PEOPLE, new Random(SEED));
        jdbc.sql("VACUUM ANALYZE").update();
        try (Backlog backlog = new Backlog(platform.kafka().brokers(), "bench-drain", waitlist, Side.OURS);
                Backlog reference =
                        new Backlog(platform.kafka().brokers(), "bench-drain-reference", waitlist, Side.REFERENCE)) {
            backlog.createTopic();
            reference.createTopic();
            List<Double> ours = new ArrayList<>();
            List<Double> peers = new ArrayList<>();
            try (Service service = start("bench-drain", "drain")) {
                drain(backlog, EVENTS); // until the code is compiled
                try (Memory memory = Memory.watch(service)) {
                    for (int round = 0; round < ROUNDS; round++) {
                        ours.add(drain(backlog, EVENTS));
                        int events = PEOPLE > 10_000 ? 5 : 50;
                        reference.add(events, () -> {});
                        peers.add(reference
                                .consumeAsTheReference(transaction, events, Duration.ofMinutes(5))
                                .rate());
                    }
                    Results results = new Results("drain", SEED);
                    results.row()
                            .with("people", PEOPLE)
                            .with("events per second", Spread.of(ours))
                            .with("reference", Spread.of(peers))
                            .with(
                                    "times faster",
                                    Spread.of(ours).median() / Spread.of(peers).median())
                            .with("MB of heap, at most", memory.heap())
                            .with("MB resident, at most", memory.resident())
                            .with("positions wrong at the end", wrong(waitlist));
                    results.write();
                }
            }
        }
        waitlist.drop();
    }

    @Test
    void aSteadyLoad() throws Exception {
        Waitlist waitlist = Waitlist.create(jdbc, PEOPLE, new Random(SEED));
        jdbc.sql("VACUUM ANALYZE").update();
        Results results = new Results("load", SEED)
                .with("people", PEOPLE)
                .with("minutes", MINUTES)
                .with("events per second", RATE);
        Duration time = Duration.ofMillis((long) (MINUTES * 60_000));
        try (Backlog backlog = new Backlog(platform.kafka().brokers(), "bench-load", waitlist, Side.OURS);
                Backlog reference =
                        new Backlog(platform.kafka().brokers(), "bench-load-reference", waitlist, Side.REFERENCE)) {
            backlog.createTopic();
            reference.createTopic();
            try (Service service = start("bench-load", "load")) {
                drain(backlog, EVENTS);
                try (Memory memory = Memory.watch(service)) {
                    Load load = new Load(waitlist, Side.OURS);
                    long start = System.nanoTime();
                    load.put(backlog, time);
                    double seconds = (System.nanoTime() - start) / 1e9;
                    long lag = backlog.lag();
                    backlog.awaitDrained();
                    load.report(results.row().with("who", "ours"), (load.published() - lag) / seconds)
                            .with("behind at the end", lag)
                            .with("MB of heap, at most", memory.heap())
                            .with("MB resident, at most", memory.resident())
                            .with("positions wrong at the end", wrong(waitlist));
                }
            }
            Load load = new Load(waitlist, Side.REFERENCE);
            CompletableFuture<Backlog.Done> done = CompletableFuture.supplyAsync(
                    () -> reference.consumeAsTheReference(transaction, Long.MAX_VALUE, time));
            load.put(reference, time);
            Backlog.Done handled = done.join();
            load.report(results.row().with("who", "reference"), handled.rate())
                    .with("behind at the end", load.published() - handled.events());
        }
        results.write();
        waitlist.drop();
    }

    /** The application: transactions that count some referrals each, at a steady rate, and publish what was counted. */
    private final class Load {

        private final Waitlist waitlist;
        private final Side side;
        private final long bytesBefore;
        private final long deadlocksBefore = deadlocks();
        private final AtomicLong failures = new AtomicLong();
        private final List<Double> transactions = Collections.synchronizedList(new ArrayList<>());

        Load(Waitlist waitlist, Side side) {
            this.waitlist = waitlist;
            this.side = side;
            this.bytesBefore = waitlist.bytes(side);
        }

        void put(Backlog backlog, Duration time) throws Exception {
            int connections = 4;
            ScheduledExecutorService application = Executors.newScheduledThreadPool(connections);
            long periodMicros = 1_000_000L * connections * REFERRALS / RATE;
            List<ScheduledFuture<?>> clients = new ArrayList<>();
            for (int i = 0; i < connections; i++) {
                clients.add(application.scheduleAtFixedRate(
                        () -> transaction(backlog),
                        i * periodMicros / connections,
                        periodMicros,
                        TimeUnit.MICROSECONDS));
            }
            Thread.sleep(time.toMillis());
            for (ScheduledFuture<?> client : clients) {
                if (client.isDone()) {
                    client.get(); // it has failed
                }
            }
            application.shutdown();
            application.awaitTermination(1, TimeUnit.MINUTES);
        }

        private void transaction(Backlog backlog) {
            long start = System.nanoTime();
            try {
                backlog.add(REFERRALS, () -> transactions.add((System.nanoTime() - start) / 1e6));
            } catch (ConcurrencyFailureException e) {
                failures.incrementAndGet();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }

        long published() {
            return (long) transactions.size() * REFERRALS;
        }

        Results.Row report(Results.Row row, double rate) {
            List<Double> sorted = transactions.stream().sorted().toList();
            return row.with("handled a second", rate)
                    .with("application's transactions", sorted.size())
                    .with("their p50, ms", sorted.get(sorted.size() / 2))
                    .with("their p99, ms", sorted.get(sorted.size() * 99 / 100))
                    .with("of them failed", failures.get())
                    .with("deadlocks", deadlocks() - deadlocksBefore)
                    .with("MB of rows before", bytesBefore / 1e6)
                    .with("MB of rows after", waitlist.bytes(side) / 1e6)
                    .with("grown", (double) waitlist.bytes(side) / bytesBefore);
        }
    }

    private long deadlocks() {
        return jdbc.sql("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
                .query(Long.class)
                .single();
    }

    /** Events a second, from the first that is published to the last that is committed. */
    private static double drain(Backlog backlog, int events) throws Exception {
        long start = System.nanoTime();
        for (int i = 0; i < events; i += CHUNK) {
            backlog.add(Math.min(CHUNK, events - i), () -> {});
        }
        backlog.awaitDrained();
        return events / ((System.nanoTime() - start) / 1e9);
    }

    private long wrong(Waitlist waitlist) {
        return leaderboards.verify(waitlist.campaign(), 1).orElseThrow().stream()
                .mapToLong(Leaderboards.Difference::differences)
                .findFirst()
                .orElse(0);
    }

    /** The service as it is deployed, but for the groups that mail and deliver rewards. */
    private Service start(String topic, String name) throws Exception {
        Path logs = Files.createDirectories(Path.of("target", "bench"));
        Map<String, String> environment = new TreeMap<>(platform.settings());
        environment.put("KAFKA_TOPIC", topic);
        JdbcClient.create(platform.database().dataSource())
                .sql("DELETE FROM event_routes.ledger_topic") // of the topic before it
                .update();
        environment.put("POSITION_MODE", "rank");
        return Service.start(Service.Start.of(logs.resolve(name + ".log"), environment)
                        .with("--camel.main.auto-startup-exclude-pattern=email-workers,reward-workers")
                        .withJvm("-XX:TieredStopAtLevel=4"))
                .awaitReady();
    }
}
