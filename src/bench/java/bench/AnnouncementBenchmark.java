package bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import routes.OnPlatform;
import routes.event.DomainEvent;
import routes.event.EventData.CampaignMilestoneReached;
import routes.event.EventData.UserSignedUp;
import routes.event.EventPublisher;
import routes.event.Events;

/**
 * An announcement that takes longer than a dump: mails per second to a sink of 0 ms, and how long single welcomes take beside it,
 * published to the topic and written to the outbox; for some minutes as always, then while another session keeps a snapshot of the
 * database open, then as always.
 *
 * <p>System properties: {@code bench.people}, {@code bench.minutes} (of the snapshot), {@code bench.around} (minutes before and after it).
 */
@OnPlatform
@EnabledIfSystemProperty(
        named = "bench.minutes",
        matches = ".+",
        disabledReason = "takes longer than all others: -Dbench.minutes=30")
class AnnouncementBenchmark {

    private static final int MINUTES = Integer.getInteger("bench.minutes", 30);
    private static final int AROUND = Integer.getInteger("bench.around", 4);

    /** As many as are not all told before the end. */
    private static final int PEOPLE = Integer.getInteger("bench.people", 60_000 * (MINUTES + 4 * AROUND));

    /** Of the snapshot's minutes: what grows shows from one to the next. */
    private static final int PARTS = 6;

    private static final Duration PAUSE = Duration.ofMillis(100);
    private static final int PAGE = 50_000;
    private static final SmtpSink SINK = new SmtpSink(recipient -> !recipient.endsWith("@bench.example"));

    @Autowired
    private DataSource dataSource;

    @Autowired
    private JdbcClient jdbc;

    @Autowired
    private EventPublisher publisher;

    @DynamicPropertySource
    static void settings(DynamicPropertyRegistry registry) {
        registry.add("mail.port", SINK::port);
        registry.add("mail.connections", () -> 10);
        registry.add("deliveries.worker-pool-size", () -> 10);
        // As they are by default.
        registry.add("deliveries.due-interval", () -> "500ms");
        registry.add("deliveries.heartbeat-interval", () -> "2s");
        registry.add("deliveries.heartbeat-timeout", () -> "10s");
        registry.add("observation.interval", () -> "15s");
        registry.add("outbox.interval", () -> "200ms");
    }

    @BeforeEach
    void quiet() {
        LoggingSystem.get(AnnouncementBenchmark.class.getClassLoader()).setLogLevel("routes", LogLevel.WARN);
    }

    @AfterAll
    static void end() throws Exception {
        SINK.close();
    }

    /** Other benchmarks have the same database, and send what is due in it. */
    @AfterEach
    void forget() {
        int deleted;
        do {
            deleted = jdbc.sql("""
                            DELETE FROM event_routes.delivery WHERE id IN (
                                SELECT id FROM event_routes.delivery WHERE status = 'due' LIMIT 50000 FOR UPDATE SKIP LOCKED)
                            """).update();
        } while (deleted > 0);
    }

    @Test
    void mailsASecondWhileASnapshotIsOpen() throws Exception {
        Results results = new Results("announcement", 0).with("people", PEOPLE);
        announce();
        measure("warming up", Duration.ofMinutes(AROUND), results);
        measure("no snapshot", Duration.ofMinutes(AROUND), results);
        try (Connection dump = dataSource.getConnection()) {
            dump.setAutoCommit(false);
            dump.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            try (var statement = dump.createStatement()) {
                statement.execute("SELECT count(*) FROM event_routes.instance");
            }
            Duration part = Duration.ofMinutes(MINUTES).dividedBy(PARTS);
            for (int i = 1; i <= PARTS; i++) {
                long seconds = part.multipliedBy(i).toSeconds();
                measure("a snapshot is open, until %d s".formatted(seconds), part, results);
            }
            dump.rollback();
        }
        measure("no snapshot again", Duration.ofMinutes(AROUND), results);
    }

    private void announce() throws Exception {
        UUID campaign = UUID.randomUUID();
        jdbc.sql("INSERT INTO campaigns (id, account_id, name, slug) VALUES (:id, :id, 'Bench', :slug)")
                .param("id", campaign)
                .param("slug", campaign.toString())
                .update();
        for (int from = 0; from < PEOPLE; from += PAGE) {
            jdbc.sql("""
                            INSERT INTO waitlist_users (id, campaign_id, email, referral_code, original_position, position)
                            SELECT gen_random_uuid(), :campaign, n || '@bench.example', 'C' || n, n, n
                            FROM generate_series(:from + 1, :from + :page) n
                            """)
                    .param("campaign", campaign)
                    .param("from", from)
                    .param("page", Math.min(PAGE, PEOPLE - from))
                    .update();
        }
        publisher.publish(Events.of(new CampaignMilestoneReached(campaign.toString(), Events.id(), PEOPLE)));
        await("all are in the ledger")
                .atMost(Duration.ofMinutes(30))
                .pollInterval(Duration.ofSeconds(2))
                .until(() -> jdbc.sql("""
                                SELECT expanded_at IS NOT NULL FROM event_routes.fan_out f
                                JOIN event_routes.delivery d ON d.id = f.delivery_id
                                WHERE d.campaign_id = ?
                                """)
                        .param(campaign.toString())
                        .query(Boolean.class)
                        .optional()
                        .orElse(false));
    }

    private void measure(String what, Duration time, Results results) throws Exception {
        List<Double> published = new ArrayList<>();
        List<Double> written = new ArrayList<>();
        Instant end = Instant.now().plus(time);
        long start = System.nanoTime();
        long before = SINK.mails();
        while (Instant.now().isBefore(end)) {
            published.add(latency(publisher::publish));
            written.add(latency(this::writeToOutbox));
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        results.row()
                .with("what", what)
                .with("mails a second", (SINK.mails() - before) / seconds)
                .with("published: p50, ms", Spread.percentile(published, 50))
                .with("published: p99, ms", Spread.percentile(published, 99))
                .with("by the outbox: p50, ms", Spread.percentile(written, 50))
                .with("by the outbox: p99, ms", Spread.percentile(written, 99))
                .with("welcomes", published.size() + written.size());
        results.write();
        assertThat(SINK.mails())
                .as("mails: the announcement has ended too early")
                .isLessThan(PEOPLE);
    }

    private interface Way {
        void publish(DomainEvent event) throws Exception;
    }

    private static double latency(Way way) throws Exception {
        Thread.sleep(PAUSE.toMillis());
        String email = Events.email();
        long start = System.nanoTime();
        way.publish(Events.of(new UserSignedUp(Events.id(), Events.id(), email)));
        await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(2)).until(() -> SINK.accepted()
                .containsKey(email));
        return (Objects.requireNonNull(SINK.accepted().get(email)) - start) / 1e6;
    }

    private void writeToOutbox(DomainEvent event) {
        jdbc.sql("INSERT INTO event_routes.event_outbox (event) VALUES (CAST(? AS jsonb))")
                .param(Events.json(event, json -> {}).toString())
                .update();
    }
}
