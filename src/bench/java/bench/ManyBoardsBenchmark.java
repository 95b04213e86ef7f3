package bench;

import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import org.apache.camel.CamelContext;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.TestPropertySource;
import routes.OnPlatform;
import routes.event.DomainEvent;
import routes.event.EventData.ReferralVerified;
import routes.event.EventPublisher;
import routes.event.Events;
import routes.position.PositionSettings.Mode;

/**
 * Many small campaigns with one verified referral each, from publishing to the last recalculation's commit, by both modes: when the
 * boards are seen for the first time, and from then on. Afterwards all positions are compared with a recalculation of all boards.
 *
 * <p>System properties: {@code bench.campaigns}, {@code bench.members} (people of each), {@code bench.rounds}, {@code bench.seed}.
 */
@OnPlatform
@TestPropertySource(
        properties = {
            "domain-events.topic=bench-boards",
            "positions.mode=rank",
            "camel.main.auto-startup-exclude-pattern=kafka:*,seda:*,scheduler:*"
        })
class ManyBoardsBenchmark {

    private static final int CAMPAIGNS = Integer.getInteger("bench.campaigns", 3000);
    private static final int MEMBERS = Integer.getInteger("bench.members", 20);
    private static final int ROUNDS = Integer.getInteger("bench.rounds", 5);
    private static final int WARM_UP = 3;
    private static final long SEED = Long.getLong("bench.seed", 1);
    private static final int POINTS = 3;
    private static final int ARRAY = 1000;

    private final Random random = new Random(SEED);

    @Autowired
    private CamelContext camel;

    @Autowired
    private EventPublisher publisher;

    @Autowired
    private MeterRegistry metrics;

    @Autowired
    private JdbcClient jdbc;

    @Test
    void aVerifiedReferralInEachOfManyCampaigns() throws Exception {
        Results results = new Results("many-boards", SEED)
                .with(
                        "postgresql",
                        jdbc.sql("SHOW server_version").query(String.class).single());
        camel.getRouteController().startRoute("position-workers");
        for (Mode mode : Mode.values()) {
            List<UUID> campaigns = create(mode);
            double first = campaignsASecond(campaigns);
            for (int round = 0; round < WARM_UP; round++) {
                campaignsASecond(campaigns);
            }
            List<Double> rates = new ArrayList<>();
            for (int round = 0; round < ROUNDS; round++) {
                rates.add(campaignsASecond(campaigns));
            }
            results.row()
                    .with("mode", mode.value())
                    .with("campaigns", CAMPAIGNS)
                    .with("people of each", MEMBERS)
                    .with("campaigns/s when first seen", first)
                    .with("campaigns/s", Spread.of(rates))
                    .with("positions that are wrong", wrong(mode));
            delete();
        }
        camel.getRouteController().stopRoute("position-workers");
        results.write();
    }

    private List<UUID> create(Mode mode) {
        List<UUID> campaigns = jdbc.sql("""
                        INSERT INTO campaigns (id, account_id, name, slug, referral_config)
                        SELECT gen_random_uuid(), gen_random_uuid(), 'Bench', 'bench-boards',
                               jsonb_build_object('position_mode', :mode)
                        FROM generate_series(1, :campaigns)
                        RETURNING id
                        """)
                .param("mode", mode.value())
                .param("campaigns", CAMPAIGNS)
                .query(UUID.class)
                .list();
        jdbc.sql("""
                        INSERT INTO waitlist_users (id, campaign_id, email, referral_code, original_position, position, created_at)
                        SELECT gen_random_uuid(), c.id, n || '@bench.example', 'C' || n, n, n,
                               timestamptz '2026-01-01 00:00:00Z' + n * interval '1 second'
                        FROM generate_series(1, :members) n, campaigns c
                        WHERE c.slug = 'bench-boards'
                        """).param("members", MEMBERS).update();
        jdbc.sql("VACUUM ANALYZE campaigns, waitlist_users")
                .update(); // and not the boards, of which there are none yet
        return campaigns;
    }

    /** Counts a referral in each campaign, as the application does, and then publishes it. */
    private double campaignsASecond(List<UUID> campaigns) throws Exception {
        List<DomainEvent> events = new ArrayList<>(jdbc.sql("""
                        UPDATE waitlist_users
                        SET verified_referral_count = verified_referral_count + 1
                        WHERE campaign_id = ANY (?) AND original_position = ?
                        RETURNING id, campaign_id
                        """)
                .params(campaigns.toArray(UUID[]::new), 1 + random.nextInt(MEMBERS))
                .query((row, n) -> Events.of(new ReferralVerified(
                        Events.id(), row.getString("id"), Events.id(), row.getString("campaign_id"), POINTS)))
                .list());
        Collections.shuffle(events, random);
        double before = recalculated();
        long start = System.nanoTime();
        for (int from = 0; from < events.size(); from += ARRAY) {
            publisher.publish(events.subList(from, Math.min(from + ARRAY, events.size())));
        }
        await().atMost(Duration.ofMinutes(2))
                .pollInSameThread()
                .pollInterval(Duration.ofMillis(2))
                .until(() -> recalculated() - before >= events.size());
        long nanos = System.nanoTime() - start;
        LockSupport.parkNanos(Duration.ofMillis(500).toNanos()); // the group commits
        return events.size() / (nanos / 1e9);
    }

    private double recalculated() {
        return Objects.requireNonNull(metrics.find("domain.events.recalculated").counter())
                .count();
    }

    /** Whose position is another one than a recalculation of their whole board would give them. */
    private long wrong(Mode mode) {
        return jdbc.sql("""
                        SELECT count(*)
                        FROM (SELECT u.position,
                                     CASE WHEN :formula THEN greatest(1, s.score)
                                          ELSE row_number() OVER (PARTITION BY u.campaign_id ORDER BY s.score, u.created_at, u.id)
                                     END AS expected
                              FROM waitlist_users u
                              JOIN campaigns c ON c.id = u.campaign_id AND c.slug = 'bench-boards'
                              CROSS JOIN LATERAL (
                                  SELECT u.original_position - u.verified_referral_count * :points AS score) s) board
                        WHERE position <> expected
                        """)
                .param("formula", mode == Mode.FORMULA)
                .param("points", POINTS)
                .query(Long.class)
                .single();
    }

    private void delete() {
        for (String table : List.of(
                "event_routes.standing",
                "event_routes.leaderboard",
                "event_routes.campaign_points",
                "waitlist_users")) {
            jdbc.sql("DELETE FROM " + table
                            + " WHERE campaign_id IN (SELECT id FROM campaigns WHERE slug = 'bench-boards')")
                    .update();
        }
        jdbc.sql("DELETE FROM campaigns WHERE slug = 'bench-boards'").update();
    }
}
