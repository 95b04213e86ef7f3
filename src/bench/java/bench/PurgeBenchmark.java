package bench;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.TestPropertySource;
import routes.OnPlatform;
import routes.delivery.LedgerUpkeep;

/**
 * Whether {@code purge-ledger} keeps up: how many deliveries it forgets a second, each with an attempt, while as many come in as
 * {@code bench.rate} says. Between those that are old enough lie some that wait for a person and stay.
 *
 * <p>System properties: {@code bench.deliveries} (that are old), {@code bench.rate} (a second).
 */
@OnPlatform
@TestPropertySource(properties = "camel.main.auto-startup-exclude-pattern=kafka:*,seda:*,scheduler:*")
class PurgeBenchmark {

    private static final int AT_ONCE = 50_000;
    private static final int OLD = Integer.getInteger("bench.deliveries", 500_000);
    private static final int RATE = Integer.getInteger("bench.rate", 1_000);

    @Autowired
    private JdbcClient jdbc;

    @Autowired
    private LedgerUpkeep upkeep;

    @Test
    void purgingBesideWhatComesIn() throws Exception {
        for (int i = 0; i < OLD; i += AT_ONCE) {
            insert(AT_ONCE, "100 days");
        }
        jdbc.sql("VACUUM ANALYZE event_routes.delivery").update();
        AtomicBoolean coming = new AtomicBoolean(true);
        long before = count();
        long start = System.nanoTime();
        CompletableFuture<Long> others = CompletableFuture.supplyAsync(() -> comeIn(coming));
        while (upkeep.purge()) {
            // there is more
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        coming.set(false);
        long came = others.join();
        long purged = before + came - count();

        Results results = new Results("purge", 0).with("old", OLD).with("asked for a second", RATE);
        results.row()
                .with("purged", purged)
                .with("s", seconds)
                .with("purged a second", purged / seconds)
                .with("came in a second", came / seconds);
        results.write();
    }

    /** Batches as a consumer records them, as many a second as were asked for. */
    private long comeIn(AtomicBoolean coming) {
        long start = System.nanoTime();
        long came = 0;
        while (coming.get()) {
            insert(RATE / 10, "0 days");
            came += RATE / 10;
            LockSupport.parkNanos(start + came * 1_000_000_000L / RATE - System.nanoTime());
        }
        return came;
    }

    private long count() {
        return jdbc.sql("SELECT count(*) FROM event_routes.delivery WHERE consumer_group = 'purge-bench'")
                .query(Long.class)
                .single();
    }

    private void insert(int deliveries, String age) {
        jdbc.sql("""
                        WITH old AS (
                            INSERT INTO event_routes.delivery
                                (consumer_group, idempotency_key, recipient, event_id, event_type, campaign_id, event, status, attempts,
                                 created_at, updated_at)
                            SELECT 'purge-bench', 'user.signed_up:' || gen_random_uuid() || ':' || gen_random_uuid(), '',
                                   CAST(gen_random_uuid() AS text), 'user.signed_up', CAST(gen_random_uuid() AS text),
                                   jsonb_build_object('type', 'user.signed_up', 'data', jsonb_build_object('user_id', gen_random_uuid())),
                                   CASE WHEN n % 50 = 0 THEN 'manual' ELSE 'delivered' END, 1,
                                   clock_timestamp() - CAST(:age AS interval), clock_timestamp() - CAST(:age AS interval)
                            FROM generate_series(1, :deliveries) n
                            RETURNING id)
                        INSERT INTO event_routes.delivery_attempt (delivery_id, attempt, started_at, ended_at, outcome)
                        SELECT id, 1, now(), now(), 'delivered' FROM old
                        """).param("age", age).param("deliveries", deliveries).update();
    }
}
