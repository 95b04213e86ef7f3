package bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
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
 * Recalculating positions, through the route, beside what the reference implementation does for each event: rank everybody by
 * {@code ROW_NUMBER()} and write every row. Both on tables of the same people in the same durable database, in turns.
 *
 * <p>System properties: {@code bench.people} (sizes of campaigns, with commas), {@code bench.seed}.
 */
@OnPlatform
@TestPropertySource(
        properties = {"positions.mode=rank", "camel.main.auto-startup-exclude-pattern=kafka:*,seda:*,scheduler:*"})
class PositionsBenchmark {

    private static final int POINTS = 10;
    private static final int[] COALESCED = {1, 10, 100, 500};
    private static final int ROUNDS = 15;

    private final Random random = new Random(Long.getLong("bench.seed", 1));

    @Autowired
    private JdbcClient jdbc;

    @Autowired
    private TransactionTemplate transaction;

    @Autowired
    private ProducerTemplate template;

    /** What an event cost, on the median of the rounds. */
    private record Cost(double milliseconds, double walBytes, double rows) {

        static Cost median(List<Cost> costs) {
            return new Cost(
                    median(costs.stream().mapToDouble(Cost::milliseconds).toArray()),
                    median(costs.stream().mapToDouble(Cost::walBytes).toArray()),
                    median(costs.stream().mapToDouble(Cost::rows).toArray()));
        }

        private static double median(double[] values) {
            java.util.Arrays.sort(values);
            return values[values.length / 2];
        }
    }

    @Test
    void recalculationBesideTheReference() throws Exception {
        Results results = new Results("positions", Long.getLong("bench.seed", 1));
        for (String size :
                System.getProperty("bench.people", "1000,10000,100000,1000000").split(",", -1)) {
            int people = Integer.parseInt(size);
            UUID campaign = create(people);
            List<UUID> referrers = referrers(campaign);
            recalculate(campaign, referrers.subList(0, 1)); // the whole board, on first sight
            jdbc.sql("VACUUM ANALYZE").update();
            for (int k : COALESCED) {
                List<Cost> ours = new ArrayList<>();
                List<Cost> reference = new ArrayList<>();
                int rounds = people >= 1_000_000 ? 5 : ROUNDS;
                for (int round = 0; round < rounds; round++) {
                    List<UUID> batch = count(referrers, k);
                    ours.add(cost(k, () -> recalculate(campaign, batch)));
                    if (round < (people >= 100_000 ? 2 : 5)) {
                        reference.add(cost(1, () -> rewrite(campaign)));
                    }
                }
                Cost cost = Cost.median(ours);
                Cost peer = Cost.median(reference);
                results.row()
                        .with("people", people)
                        .with("events coalesced", k)
                        .with("ms an event", cost.milliseconds())
                        .with("reference, ms an event", peer.milliseconds())
                        .with("times faster", peer.milliseconds() / cost.milliseconds())
                        .with("rows an event", cost.rows())
                        .with("WAL bytes an event", cost.walBytes())
                        .with("reference, WAL bytes an event", peer.walBytes());
            }
            drop(campaign);
        }
        results.write();
    }

    private Cost cost(int events, Runnable work) {
        long rows = rows();
        long wal = wal();
        long start = System.nanoTime();
        work.run();
        long nanos = System.nanoTime() - start;
        return new Cost(nanos / 1e6 / events, (double) (wal() - wal) / events, (double) (rows() - rows) / events);
    }

    /** Bytes that the write-ahead log has grown by since the server's first start. */
    private long wal() {
        return jdbc.sql("SELECT CAST(pg_current_wal_insert_lsn() - '0/0' AS bigint)")
                .query(Long.class)
                .single();
    }

    /** Rows of people that this session and others have written; the count of a session comes late, so it is asked for. */
    private long rows() {
        jdbc.sql("SELECT pg_stat_force_next_flush()").query().listOfRows();
        return jdbc.sql("SELECT coalesce(sum(n_tup_upd), 0) FROM pg_stat_user_tables"
                        + " WHERE schemaname || '.' || relname IN ('public.waitlist_users', 'reference.people')")
                .query(Long.class)
                .single();
    }

    private UUID create(int people) {
        UUID campaign = UUID.randomUUID();
        jdbc.sql("INSERT INTO campaigns (id, account_id, name, slug, referral_config)"
                        + " VALUES (:id, :id, 'Bench', :slug, jsonb_build_object('points_per_referral', :points))")
                .param("id", campaign)
                .param("slug", campaign.toString())
                .param("points", POINTS)
                .update();
        jdbc.sql("""
                        INSERT INTO waitlist_users (id, campaign_id, email, referral_code, original_position, position,
                            verified_referral_count, created_at)
                        SELECT gen_random_uuid(), :campaign, n || '@bench.example', 'C' || n, n, n, 0,
                               timestamptz '2026-01-01 00:00:00Z' + n * interval '1 second'
                        FROM generate_series(1, :people) n
                        """).param("campaign", campaign).param("people", people).update();
        jdbc.sql("CREATE SCHEMA IF NOT EXISTS reference").update();
        jdbc.sql("DROP TABLE IF EXISTS reference.people").update();
        jdbc.sql("CREATE TABLE reference.people (LIKE waitlist_users INCLUDING ALL)")
                .update();
        jdbc.sql("INSERT INTO reference.people SELECT * FROM waitlist_users WHERE campaign_id = ?")
                .param(campaign)
                .update();
        return campaign;
    }

    private void drop(UUID campaign) {
        for (String table : List.of("waitlist_users", "event_routes.standing", "event_routes.leaderboard")) {
            jdbc.sql("DELETE FROM %s WHERE campaign_id = ?".formatted(table))
                    .param(campaign)
                    .update();
        }
        jdbc.sql("DROP TABLE reference.people").update();
        jdbc.sql("VACUUM").update();
    }

    /** People in an order of their own, in which the first refer most. */
    private List<UUID> referrers(UUID campaign) {
        return jdbc.sql("SELECT id FROM waitlist_users WHERE campaign_id = ? ORDER BY md5(email) LIMIT 10000")
                .param(campaign)
                .query(UUID.class)
                .list();
    }

    /** Does what the application does: counts k referrals, of few people mostly (Zipf), on both tables. */
    private List<UUID> count(List<UUID> referrers, int k) {
        List<UUID> batch = new ArrayList<>();
        for (int i = 0; i < k; i++) {
            UUID referrer = referrers.get((int) (Math.pow(referrers.size(), random.nextDouble()) - 1));
            batch.add(referrer);
            for (String table : List.of("waitlist_users", "reference.people")) {
                jdbc.sql("UPDATE %s SET verified_referral_count = verified_referral_count + 1 WHERE id = ?"
                                .formatted(table))
                        .param(referrer)
                        .update();
            }
        }
        return batch;
    }

    private void recalculate(UUID campaign, List<UUID> referrers) {
        List<DomainEvent> events = new ArrayList<>();
        for (UUID referrer : referrers) {
            events.add(Events.of(
                    new ReferralVerified(Events.id(), referrer.toString(), Events.id(), campaign.toString(), POINTS)));
        }
        template.sendBody("direct:recalculate-positions", new CampaignEvents(campaign.toString(), events));
    }

    /** What the reference does for one event, as it is described. */
    private void rewrite(UUID campaign) {
        transaction.executeWithoutResult(status -> {
            jdbc.sql("SELECT pg_advisory_xact_lock(hashtext(?))")
                    .param(campaign.toString())
                    .query()
                    .listOfRows();
            jdbc.sql("""
                            UPDATE reference.people u
                            SET position = ranked.position, updated_at = now()
                            FROM (SELECT id, row_number() OVER (
                                             ORDER BY original_position - verified_referral_count * :points, created_at) AS position
                                  FROM reference.people
                                  WHERE campaign_id = :campaign AND deleted_at IS NULL AND status <> 'blocked') ranked
                            WHERE u.id = ranked.id
                            """).param("points", POINTS).param("campaign", campaign).update();
        });
    }
}
