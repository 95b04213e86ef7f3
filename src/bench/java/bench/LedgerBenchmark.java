package bench;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import routes.OnPlatform;
import routes.Pipeline;
import routes.delivery.DueMarks;
import routes.event.DomainEvent;
import routes.event.EventData.UserSignedUp;
import routes.event.EventPublisher;
import routes.event.Events;
import routes.settings.Statements;

/**
 * What a mail costs the ledger, from the published record to the outcome: processor time, write-ahead log, flushes and transactions; at
 * first with an empty ledger, then with one that has many finished deliveries. Then how long looks at that one take.
 *
 * <p>System properties: {@code bench.mails} (a round), {@code bench.rounds}, {@code bench.finished} (deliveries), {@code bench.workers} (for ten connections).
 */
@OnPlatform
class LedgerBenchmark {

    private static final int MAILS = Integer.getInteger("bench.mails", 8_000);
    private static final int ROUNDS = Integer.getInteger("bench.rounds", 3);
    private static final int FINISHED = Integer.getInteger("bench.finished", 1_000_000);
    private static final int WORKERS = Integer.getInteger("bench.workers", 10);
    private static final int LOOKS = 20;
    private static final int PAGE = 500;
    private static final SmtpSink SINK = new SmtpSink();

    @Autowired
    private EventPublisher publisher;

    @Autowired
    private JdbcClient jdbc;

    @Autowired
    private Statements sql;

    @Autowired
    private Pipeline pipeline;

    @DynamicPropertySource
    static void settings(DynamicPropertyRegistry registry) {
        registry.add("mail.port", SINK::port);
        registry.add("mail.connections", () -> 10);
        registry.add("deliveries.worker-pool-size", () -> WORKERS);
        registry.add("deliveries.due-interval", () -> "500ms"); // as it is by default
        registry.add("deliveries.heartbeat-interval", () -> "1s");
        registry.add("observation.interval", () -> "5s");
    }

    @BeforeEach
    void quiet() {
        LoggingSystem.get(LedgerBenchmark.class.getClassLoader()).setLogLevel("routes.delivery", LogLevel.WARN);
    }

    @AfterAll
    static void end() throws Exception {
        SINK.close();
    }

    /** Other benchmarks have the same database. */
    @AfterEach
    void forget() {
        int deleted;
        do { // in parts: one statement for millions takes longer than a statement may
            deleted = jdbc.sql("""
                            DELETE FROM event_routes.delivery WHERE id = ANY (ARRAY(
                                SELECT id FROM event_routes.delivery WHERE lease_owner IS NULL LIMIT 100000))
                            """).update();
        } while (deleted > 0);
        jdbc.sql("TRUNCATE event_routes.delivery_attempt").update();
        jdbc.sql("VACUUM event_routes.delivery").update();
    }

    /** What the database counts. */
    private record Counted(long wal, long flushes, long transactions) {}

    /** A round, each figure but the rate for a mail. */
    private record Round(double rate, double micros, double wal, double flushes, double transactions) {}

    @Test
    void mailsASecondAndLooksWithAnEmptyAndAFullLedger() throws Exception {
        Results results = new Results("ledger", 0)
                .with("mails", MAILS)
                .with("workers", WORKERS)
                .with("finished", FINISHED);
        rounds();
        List<Round> empty = rounds();
        finish();
        rounds();
        List<Round> full = rounds();

        row(results, "a ledger as it begins", empty);
        row(results, "a ledger with %,d more finished deliveries".formatted(FINISHED), full)
                .with("of the rate before", rates(full).median() / rates(empty).median());
        results.write();

        Results looks = new Results("ledger-looks", 0).with("finished", FINISHED);
        look(looks, "take-due, nothing is due", () -> sql.of("delivery/take-due")
                .param("group", "email-workers")
                .param("owner", UUID.randomUUID())
                .param("limit", 100)
                .param("away", "")
                .param("single", DueMarks.BEGINNING.single())
                .param("fan_out", DueMarks.BEGINNING.fanOut())
                .query()
                .listOfRows());
        look(looks, "purge, nothing is old", () -> sql.of("delivery/purge")
                .param("from", OffsetDateTime.parse("2000-01-01T00:00:00Z"))
                .param("after", new UUID(0, 0))
                .param("age", Duration.ofDays(30).toSeconds())
                .param("failed_age", Duration.ofDays(90).toSeconds())
                .param("limit", 1_000)
                .query()
                .singleRow());
        String last = jdbc.sql("SELECT CAST(id AS text) FROM event_routes.delivery ORDER BY created_at DESC LIMIT 1")
                .query(String.class)
                .single();
        String campaign = jdbc.sql("SELECT campaign_id FROM event_routes.delivery ORDER BY created_at DESC LIMIT 1")
                .query(String.class)
                .single();
        String event = jdbc.sql("SELECT event_id FROM event_routes.delivery ORDER BY created_at DESC LIMIT 1")
                .query(String.class)
                .single();
        for (String path : List.of(
                "events/" + event,
                "deliveries",
                "deliveries?status=failed",
                "deliveries?campaign=" + campaign,
                "deliveries/" + last)) {
            String what = path.replace(campaign, "…").replace(last, "…").replace(event, "…");
            look(looks, "GET /observe/" + what, () -> pipeline.operation(path, null));
        }
        looks.write();
    }

    private static void look(Results results, String what, Callable<?> look) throws Exception {
        List<Double> took = new ArrayList<>();
        for (int i = 0; i <= LOOKS; i++) {
            long start = System.nanoTime();
            look.call();
            if (i > 0) { // the first one warms up
                took.add((System.nanoTime() - start) / 1e6);
            }
        }
        results.row().with("what", what).with("ms", Spread.of(took));
    }

    private static Results.Row row(Results results, String what, List<Round> rounds) {
        return results.row()
                .with("what", what)
                .with("mails a second", rates(rounds))
                .with("processor, microseconds a mail", median(rounds.stream().map(Round::micros)))
                .with("WAL, bytes a mail", median(rounds.stream().map(Round::wal)))
                .with("flushes a mail", median(rounds.stream().map(Round::flushes)))
                .with("transactions a mail", median(rounds.stream().map(Round::transactions)));
    }

    private static Spread rates(List<Round> rounds) {
        return Spread.of(rounds.stream().map(Round::rate).toList());
    }

    private static double median(Stream<Double> figures) {
        return Spread.of(figures.toList()).median();
    }

    private List<Round> rounds() throws Exception {
        List<Round> rounds = new ArrayList<>();
        for (int i = 0; i < ROUNDS; i++) {
            rounds.add(round());
        }
        return rounds;
    }

    private Round round() throws Exception {
        SINK.clear();
        Counted before = counted();
        double micros = Processors.micros(jdbc);
        for (int published = 0; published < MAILS; published += PAGE) {
            publisher.publish(
                    Stream.generate(LedgerBenchmark::signUp).limit(PAGE).toList());
        }
        await().atMost(Duration.ofMinutes(5))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> SINK.accepted().size() >= MAILS);
        long[] times = SINK.accepted().values().stream()
                .mapToLong(Long::longValue)
                .sorted()
                .toArray();
        pipeline.awaitDrained();
        double spent = Processors.micros(jdbc) - micros;
        Counted after = counted();
        return new Round(
                (times.length - 1) / ((times[times.length - 1] - times[0]) / 1e9),
                spent / MAILS,
                (double) (after.wal() - before.wal()) / MAILS,
                (double) (after.flushes() - before.flushes()) / MAILS,
                (double) (after.transactions() - before.transactions()) / MAILS);
    }

    private static DomainEvent signUp() {
        return Events.of(new UserSignedUp(Events.id(), Events.id(), Events.email()));
    }

    /** The counters of PostgreSQL 17 and before. What a backend has not reported two seconds after its last transaction counts in the next round. */
    private Counted counted() {
        await().pollDelay(Duration.ofSeconds(2)).until(() -> true);
        return jdbc.sql("""
                        SELECT CAST(pg_current_wal_insert_lsn() - '0/0' AS bigint) AS wal, w.wal_sync AS flushes, d.xact_commit AS transactions
                        FROM pg_stat_wal w CROSS JOIN pg_stat_database d
                        WHERE d.datname = current_database()
                        """).query(Counted.class).single();
    }

    /** Deliveries of the last 20 days. */
    private void finish() {
        int page = 100_000;
        for (int from = 0; from < FINISHED; from += page) {
            jdbc.sql("""
                            WITH old AS (
                                INSERT INTO event_routes.delivery
                                    (consumer_group, idempotency_key, recipient, event_id, event_type, campaign_id, event, status, attempts,
                                     created_at, updated_at)
                                SELECT 'email-workers', 'user.signed_up:' || gen_random_uuid() || ':' || gen_random_uuid(), '',
                                       CAST(gen_random_uuid() AS text), 'user.signed_up', CAST(gen_random_uuid() AS text),
                                       jsonb_build_object('type', 'user.signed_up', 'data', jsonb_build_object('user_id', gen_random_uuid())),
                                       CASE WHEN n % 1000 = 0 THEN 'failed' ELSE 'delivered' END, 1, at, at
                                FROM (SELECT n, now() - make_interval(days => 20) * random() AS at
                                      FROM generate_series(1, :page) n) AS finished
                                RETURNING id, created_at)
                            INSERT INTO event_routes.delivery_attempt (delivery_id, attempt, started_at, ended_at, outcome)
                            SELECT id, 1, created_at, created_at, 'delivered' FROM old
                            """).param("page", Math.min(page, FINISHED - from)).update();
        }
        jdbc.sql("VACUUM ANALYZE event_routes.delivery, event_routes.delivery_attempt")
                .update();
    }
}
