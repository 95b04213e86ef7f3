package bench;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import routes.OnPlatform;
import routes.delivery.Delivery;
import routes.delivery.DueSearch;
import routes.delivery.Instance;
import routes.event.EventJson;
import routes.event.EventType;
import routes.event.Events;
import routes.settings.Statements;

/**
 * What looks at the ledger cost while another session keeps a snapshot open, as a dump or a report does: rows that are finished meanwhile
 * stay in the indexes of what is due and leased, and no vacuum can remove them. An announcement is taken and finished, page by page, by
 * the service's own statements; first without a snapshot, then with one.
 *
 * <p>System properties: {@code bench.deliveries}.
 */
@OnPlatform
class SnapshotBenchmark {

    private static final int DELIVERIES = Integer.getInteger("bench.deliveries", 500_000);
    private static final int STEPS = 5;
    private static final int PAGE = 500;

    /** Nobody else takes its deliveries. */
    private static final String GROUP = "bench-workers";

    @Autowired
    private DataSource dataSource;

    @Autowired
    private JdbcClient jdbc;

    @Autowired
    private Statements sql;

    @Autowired
    private DueSearch search;

    @Autowired
    private Instance instance;

    @AfterEach
    void forget() {
        jdbc.sql("DELETE FROM event_routes.delivery WHERE consumer_group = ?")
                .param(GROUP)
                .update();
        jdbc.sql("VACUUM event_routes.delivery, event_routes.delivery_attempt").update();
    }

    @Test
    void looksWhileASnapshotIsOpen() throws Exception {
        Results results = new Results("snapshot", 0).with("deliveries", DELIVERIES);
        announce();
        drain("no snapshot", results);
        forget();
        announce();
        try (Connection dump = dataSource.getConnection()) {
            dump.setAutoCommit(false);
            dump.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            try (var statement = dump.createStatement()) {
                statement.execute("SELECT count(*) FROM event_routes.instance");
            }
            drain("a snapshot is open", results);
            dump.rollback();
        }
        results.write();
    }

    /** In pages, as an announcement is: each is due a little later. */
    private void announce() {
        String event = EventJson.mapper()
                .valueToTree(Events.any(EventType.CAMPAIGN_MILESTONE_REACHED))
                .toString();
        for (int recorded = 0; recorded < DELIVERIES; recorded += PAGE) {
            jdbc.sql("""
                            INSERT INTO event_routes.delivery
                                (consumer_group, idempotency_key, recipient, event_id, event_type, campaign_id, event, status, due_at)
                            SELECT ?, 'announcement', gen_random_uuid(), gen_random_uuid(), 'campaign.milestone_reached', 'bench',
                                   CAST(? AS jsonb), 'due', now()
                            FROM generate_series(1, ?)
                            """).params(GROUP, event, PAGE).update();
        }
        jdbc.sql("VACUUM ANALYZE event_routes.delivery").update();
    }

    private void drain(String what, Results results) throws SQLException {
        for (int step = 1; step <= STEPS; step++) {
            List<Double> takes = new ArrayList<>();
            for (int taken = 0; taken < DELIVERIES / STEPS; taken += PAGE) {
                long start = System.nanoTime();
                List<Delivery> page = search.take(GROUP, PAGE);
                takes.add(millis(start));
                finish(page);
            }
            results.row()
                    .with("what", what)
                    .with("finished", step * (DELIVERIES / STEPS))
                    .with("take-due, ms", Spread.of(takes))
                    .with("owners-without-heartbeat, ms", look(() -> sql.of(
                                    "delivery/owners-without-heartbeat", "timeout", 10)
                            .query()
                            .listOfRows()))
                    .with("reclaim-strays, ms", look(() -> sql.of(
                                    "delivery/reclaim-strays", "owner", instance.id(), "age", 10, "held", "[]")
                            .update()))
                    .with("figures, ms", look(() -> sql.of("delivery/ledger-figures", "group", GROUP, "limit", 50_000)
                            .query()
                            .listOfRows()));
        }
        List<Double> idle = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            idle.add(look(() -> search.take(GROUP, PAGE)));
        }
        results.row()
                .with("what", what + ", nothing is due")
                .with("finished", DELIVERIES)
                .with("take-due, ms", Spread.of(idle));
    }

    private void finish(List<Delivery> page) {
        for (int from = 0; from < page.size(); from += 100) {
            List<Delivery> some = page.subList(from, Math.min(from + 100, page.size()));
            String rows = IntStream.range(0, some.size())
                    .mapToObj(
                            n -> "{\"n\": %d, \"id\": \"%s\", \"lease\": %d, \"attempt\": 1, \"status\": \"delivered\"}"
                                    .formatted(n, some.get(n).id(), some.get(n).lease()))
                    .collect(Collectors.joining(", ", "[", "]"));
            sql.of("delivery/finish", "rows", rows, "alone", true)
                    .query(Integer.class)
                    .list();
        }
    }

    private static double look(Runnable look) {
        long start = System.nanoTime();
        look.run();
        return millis(start);
    }

    private static double millis(long start) {
        return (System.nanoTime() - start) / 1e6;
    }
}
