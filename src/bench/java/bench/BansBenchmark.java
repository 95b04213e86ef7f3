package bench;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.apache.camel.ProducerTemplate;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.TestPropertySource;
import org.springframework.transaction.support.TransactionTemplate;
import routes.OnPlatform;
import routes.event.DomainEvent;
import routes.event.EventData.ReferralVerified;
import routes.event.Events;
import routes.position.CampaignEvents;

/**
 * Those who lead a board, with 2,000 verified referrals each, are banned and come back at a steady rate, while referrals of others are
 * recalculated: the time from the application's commit until they are off the board, or on it again (by the formula it is right then; by
 * rank a page of those behind is), and from the last one until everybody is right. Afterwards all positions are compared with a full
 * recalculation.
 *
 * <p>System properties: {@code bench.people} (sizes, with commas), {@code bench.modes}, {@code bench.bans} (half of them are returns),
 * {@code bench.rate} (of these, per second), {@code bench.referrals} (per second), {@code bench.seed}.
 */
@OnPlatform
@TestPropertySource(properties = {"positions.mode=rank", "camel.main.auto-startup-exclude-pattern=kafka:*,seda:*"})
class BansBenchmark {

    private static final int BANS = Integer.getInteger("bench.bans", 1000);
    private static final int RATE = Integer.getInteger("bench.rate", 20);
    private static final int REFERRALS = Integer.getInteger("bench.referrals", 100);
    private static final int REFERRALS_AT_ONCE = 5;
    private static final int POINTS = 10;
    private static final long SEED = Long.getLong("bench.seed", 1);
    private static final long SECOND = 1_000_000_000;

    private final Random random = new Random(SEED);

    @Autowired
    private JdbcClient jdbc;

    @Autowired
    private TransactionTemplate transaction;

    @Autowired
    private ProducerTemplate template;

    /** What the application has committed, and when. */
    private record Said(UUID person, boolean banned, long at) {}

    @Test
    void fromTheCommitToTheBoard() throws Exception {
        Results results = new Results("bans", SEED)
                .with(
                        "postgresql",
                        jdbc.sql("SHOW server_version").query(String.class).single());
        for (String size : System.getProperty("bench.people", "1000,100000").split(",", -1)) {
            for (String mode : System.getProperty("bench.modes", "formula,rank").split(",", -1)) {
                measure(results, Integer.parseInt(size.strip()), mode.strip());
                results.write();
            }
        }
    }

    private void measure(Results results, int people, String mode) {
        UUID campaign = create(people, mode);
        List<UUID> leaders = jdbc.sql(
                        "SELECT id FROM waitlist_users WHERE campaign_id = ? ORDER BY original_position LIMIT ?")
                .params(campaign, BANS / 2 + Math.min(10_000, people - BANS / 2))
                .query(UUID.class)
                .list();
        AtomicBoolean busy = new AtomicBoolean(true);
        CompletableFuture<Long> referrals =
                CompletableFuture.supplyAsync(() -> refer(campaign, leaders.subList(BANS / 2, leaders.size()), busy));
        Queue<Said> waiting = new ConcurrentLinkedQueue<>();
        CompletableFuture<List<Double>> seen = CompletableFuture.supplyAsync(() -> watch(waiting));

        long start = System.nanoTime();
        for (int i = 0; i < BANS; i++) {
            sleepUntil(start + i * (SECOND / RATE));
            waiting.add(change(campaign, leaders.get(i % (BANS / 2)), i < BANS / 2));
        }
        List<Double> milliseconds = seen.join().stream().sorted().toList();
        long last = System.nanoTime();
        await().pollInterval(Duration.ofMillis(20))
                .atMost(Duration.ofMinutes(10))
                .until(() -> jdbc.sql("SELECT go_on_at IS NULL FROM event_routes.leaderboard WHERE campaign_id = ?")
                        .param(campaign)
                        .query(Boolean.class)
                        .single());
        double all = (System.nanoTime() - last) / 1e9;
        busy.set(false);
        results.row()
                .with("people", people)
                .with("mode", mode)
                .with("bans and returns", BANS)
                .with("per second", RATE)
                .with("referrals meanwhile", referrals.join())
                .with("ms, p50", milliseconds.get(BANS / 2))
                .with("p99", milliseconds.get(BANS * 99 / 100))
                .with("most", milliseconds.get(BANS - 1))
                .with("s after the last until everybody is right", all)
                .with("positions that are wrong", wrong(campaign, mode));
    }

    /** A board as a recalculation leaves it. */
    private UUID create(int people, String mode) {
        UUID campaign = UUID.randomUUID();
        jdbc.sql("ALTER TABLE waitlist_users SET (fillfactor = 80)").update();
        jdbc.sql("""
                        INSERT INTO campaigns (id, account_id, name, slug, referral_config)
                        VALUES (:id, :id, 'Bench', 'bench', jsonb_build_object('points_per_referral', :points, 'position_mode', :mode))
                        """)
                .param("id", campaign)
                .param("points", POINTS)
                .param("mode", mode)
                .update();
        jdbc.sql("""
                        INSERT INTO waitlist_users (id, campaign_id, email, referral_code, original_position, verified_referral_count,
                            position, created_at)
                        SELECT gen_random_uuid(), :campaign, n || '@bench.example', 'C' || n, n, r.referrals,
                               CASE WHEN :mode = 'rank' THEN n ELSE greatest(1, n - r.referrals * :points) END,
                               timestamptz '2026-01-01 00:00:00Z' + n * interval '1 second'
                        FROM generate_series(1, :people) n
                        CROSS JOIN LATERAL (SELECT CASE WHEN n <= :leaders THEN 2000 ELSE 0 END) r (referrals)
                        """)
                .param("campaign", campaign)
                .param("people", people)
                .param("points", POINTS)
                .param("leaders", BANS / 2)
                .param("mode", mode)
                .update();
        jdbc.sql("""
                        INSERT INTO event_routes.standing (user_id, campaign_id, score, created_at, position)
                        SELECT id, campaign_id, original_position - verified_referral_count * :points, created_at, position
                        FROM waitlist_users WHERE campaign_id = :campaign
                        """).param("campaign", campaign).param("points", POINTS).update();
        jdbc.sql("INSERT INTO event_routes.leaderboard (campaign_id, mode, points, people) VALUES (?, ?, ?, ?)")
                .params(campaign, mode, POINTS, people)
                .update();
        jdbc.sql("VACUUM ANALYZE").update();
        return campaign;
    }

    /** As the application does it, in one transaction. */
    private Said change(UUID campaign, UUID person, boolean ban) {
        transaction.executeWithoutResult(status -> {
            jdbc.sql("UPDATE waitlist_users SET status = ? WHERE id = ?")
                    .params(ban ? "blocked" : "active", person)
                    .update();
            jdbc.sql("INSERT INTO event_routes.person_change (campaign_id, user_id) VALUES (?, ?)")
                    .params(campaign, person)
                    .update();
        });
        return new Said(person, ban, System.nanoTime());
    }

    /** How long each took to be on the board, in milliseconds. */
    private List<Double> watch(Queue<Said> waiting) {
        List<Double> milliseconds = new ArrayList<>();
        while (milliseconds.size() < BANS) {
            LockSupport.parkNanos(2_000_000);
            List<Said> looked = List.copyOf(waiting);
            Set<UUID> onTheBoard = new HashSet<>(
                    jdbc.sql("SELECT user_id FROM event_routes.standing WHERE user_id = ANY (CAST(? AS uuid[]))")
                            .param(looked.stream()
                                    .map(said -> said.person().toString())
                                    .collect(Collectors.joining(",", "{", "}")))
                            .query(UUID.class)
                            .list());
            long now = System.nanoTime();
            for (Said said : looked) {
                if (onTheBoard.contains(said.person()) != said.banned()) {
                    waiting.remove(said);
                    milliseconds.add((now - said.at()) / 1e6);
                }
            }
        }
        return milliseconds;
    }

    /** Counts referrals and has them recalculated, and returns how many. */
    private long refer(UUID campaign, List<UUID> referrers, AtomicBoolean busy) {
        long referrals = 0;
        for (long next = System.nanoTime(); busy.get(); next += SECOND * REFERRALS_AT_ONCE / REFERRALS) {
            sleepUntil(next);
            List<DomainEvent> events = new ArrayList<>();
            transaction.executeWithoutResult(status -> random.ints(REFERRALS_AT_ONCE, 0, referrers.size())
                    .mapToObj(referrers::get)
                    .sorted(Comparator.comparing(UUID::toString)) // as the application is asked to do
                    .forEach(referrer -> {
                        jdbc.sql("UPDATE waitlist_users SET verified_referral_count = verified_referral_count + 1"
                                        + " WHERE id = ?")
                                .param(referrer)
                                .update();
                        events.add(Events.of(new ReferralVerified(
                                Events.id(), referrer.toString(), Events.id(), campaign.toString(), POINTS)));
                    }));
            template.sendBody("direct:recalculate-positions", new CampaignEvents(campaign.toString(), events));
            referrals += REFERRALS_AT_ONCE;
        }
        return referrals;
    }

    private static void sleepUntil(long nanos) {
        while (nanos > System.nanoTime()) {
            LockSupport.parkNanos(nanos - System.nanoTime());
        }
    }

    /** Whose position is another than a full recalculation would give, asked on the side. */
    private long wrong(UUID campaign, String mode) {
        return Objects.requireNonNull(jdbc.sql("""
                        SELECT count(*)
                        FROM (SELECT position, greatest(1, score) AS by_formula,
                                     row_number() OVER (ORDER BY score, created_at, id) AS by_rank
                              FROM (SELECT id, position, created_at,
                                           original_position - verified_referral_count * CAST(:points AS bigint) AS score
                                    FROM waitlist_users
                                    WHERE campaign_id = :campaign AND status <> 'blocked' AND deleted_at IS NULL) scored) ranked
                        WHERE position <> CASE WHEN :mode = 'rank' THEN by_rank ELSE by_formula END
                        """)
                .param("points", POINTS)
                .param("campaign", campaign)
                .param("mode", mode)
                .query(Long.class)
                .single());
    }
}
