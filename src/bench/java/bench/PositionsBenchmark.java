package bench;

import bench.Waitlist.Side;
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
 * <p>The reference cannot coalesce: what it costs has nothing to do with how many events are waiting. Its rounds are few where one
 * takes seconds.
 *
 * <p>System properties: {@code bench.people} (sizes of campaigns, with commas), {@code bench.seed}.
 */
@OnPlatform
@TestPropertySource(
        properties = {"positions.mode=rank", "camel.main.auto-startup-exclude-pattern=kafka:*,seda:*,scheduler:*"})
class PositionsBenchmark {

    /**
     * Most first: then the pages that single events touch have been touched since the last checkpoint, as under a steady load, and
     * stand no more as a whole in the write-ahead log.
     */
    private static final int[] COALESCED = {500, 100, 10, 1};

    private static final long SEED = Long.getLong("bench.seed", 1);

    private final Random random = new Random(SEED);

    @Autowired
    private JdbcClient jdbc;

    @Autowired
    private TransactionTemplate transaction;

    @Autowired
    private ProducerTemplate template;

    /** What an event cost. */
    private record Cost(double milliseconds, double walBytes, double rows) {

        static Spread milliseconds(List<Cost> costs) {
            return Spread.of(costs.stream().map(Cost::milliseconds).toList());
        }

        static double walBytes(List<Cost> costs) {
            return Spread.of(costs.stream().map(Cost::walBytes).toList()).median();
        }

        static double rows(List<Cost> costs) {
            return Spread.of(costs.stream().map(Cost::rows).toList()).median();
        }
    }

    @Test
    void recalculationBesideTheReference() throws Exception {
        Results results = new Results("positions", SEED)
                .with(
                        "postgresql",
                        jdbc.sql("SHOW server_version").query(String.class).single());
        warmUp();
        for (String size :
                System.getProperty("bench.people", "1000,10000,100000,1000000").split(",", -1)) {
            int people = Integer.parseInt(size.strip());
            Waitlist waitlist = Waitlist.create(jdbc, people, random);
            measure(waitlist, "rank", people, results);
            jdbc.sql(
                            "UPDATE campaigns SET referral_config = referral_config || '{\"position_mode\": \"formula\"}' WHERE id = ?")
                    .param(waitlist.campaign())
                    .update();
            measure(waitlist, "formula", people, results);
            waitlist.drop();
            results.write();
        }
    }

    /** Until the code is compiled. */
    private void warmUp() {
        Waitlist waitlist = Waitlist.create(jdbc, 1000, random);
        for (int round = 0; round < 400; round++) {
            List<UUID> batch = waitlist.draw(COALESCED[round % COALESCED.length]);
            waitlist.count(Side.OURS, batch);
            recalculate(waitlist.campaign(), batch);
        }
        waitlist.drop();
    }

    private void measure(Waitlist waitlist, String mode, int people, Results results) {
        recalculate(
                waitlist.campaign(), waitlist.draw(1)); // the whole board: it is seen for the first time in this mode
        jdbc.sql("VACUUM ANALYZE").update();
        int rounds = people > 100_000 ? 21 : 41;
        int referenceRounds = people > 100_000 ? 2 : people > 10_000 ? 5 : 21;
        List<Cost> reference = new ArrayList<>();
        for (int k : COALESCED) {
            List<Cost> ours = new ArrayList<>();
            for (int round = 0; round < rounds; round++) {
                List<UUID> batch = waitlist.draw(k);
                waitlist.count(Side.OURS, batch);
                ours.add(cost(k, () -> recalculate(waitlist.campaign(), batch)));
                if (round < referenceRounds) {
                    waitlist.count(Side.REFERENCE, batch);
                    reference.add(cost(1, () -> waitlist.rewrite(transaction)));
                }
            }
            results.row()
                    .with("mode", mode)
                    .with("people", people)
                    .with("coalesced", k)
                    .with("ms an event", Cost.milliseconds(ours))
                    .with("reference", Cost.milliseconds(reference))
                    .with(
                            "times faster",
                            Cost.milliseconds(reference).median()
                                    / Cost.milliseconds(ours).median())
                    .with("positions written", Cost.rows(ours))
                    .with("WAL bytes", Cost.walBytes(ours))
                    .with("reference, WAL bytes", Cost.walBytes(reference));
        }
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

    /** Rows of people that all sessions have written; this one's count comes late, so it is asked for. */
    private long rows() {
        jdbc.sql("SELECT pg_stat_force_next_flush()").query().listOfRows();
        return jdbc.sql("SELECT coalesce(sum(n_tup_upd), 0) FROM pg_stat_user_tables"
                        + " WHERE schemaname || '.' || relname IN ('public.waitlist_users', 'reference.people')")
                .query(Long.class)
                .single();
    }

    private void recalculate(UUID campaign, List<UUID> referrers) {
        List<DomainEvent> events = new ArrayList<>();
        for (UUID referrer : referrers) {
            events.add(Events.of(new ReferralVerified(
                    Events.id(), referrer.toString(), Events.id(), campaign.toString(), Waitlist.POINTS)));
        }
        template.sendBody("direct:recalculate-positions", new CampaignEvents(campaign.toString(), events));
    }
}
