package routes.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;
import routes.OnPlatform;
import routes.settings.Statements;

/** What runs by itself, at the start or again and again, reads what is due, leased or old, and never the whole ledger. */
@OnPlatform
class LedgerPlansIT {

    /** Of all statements; each uses some. */
    private static final Map<String, Object> PARAMETERS = Map.ofEntries(
            Map.entry("group", "email-workers"),
            Map.entry("owner", UUID.randomUUID()),
            Map.entry("limit", 100),
            Map.entry("away", ""),
            Map.entry("single", DueMarks.BEGINNING.single()),
            Map.entry("fan_out", DueMarks.BEGINNING.fanOut()),
            Map.entry("rooms", "{}"),
            Map.entry("held", "[]"),
            Map.entry("gone", "[]"),
            Map.entry("age", 60),
            Map.entry("failed_age", 60),
            Map.entry("timeout", 60),
            Map.entry("event", "plans"),
            Map.entry("groups", "email-workers,reward-workers"),
            Map.entry("among", 1_000),
            Map.entry("after", new UUID(0, 0)),
            Map.entry("from", OffsetDateTime.parse("2000-01-01T00:00:00Z")));

    static final List<String> STATEMENTS = List.of(
            "delivery/ledger-figures",
            "delivery/owners-without-heartbeat",
            "delivery/purge",
            "delivery/reclaim-strays",
            "delivery/rescue",
            "delivery/restart-pauses",
            "delivery/take-due",
            "delivery/take-lanes",
            "worker/backlog");

    @Autowired
    private JdbcClient jdbc;

    @Autowired
    private Statements sql;

    @Autowired
    private TransactionTemplate transaction;

    @ParameterizedTest
    @FieldSource("STATEMENTS")
    void noPeriodicStatementReadsTheWholeLedger(String statement) {
        assertThat(plan(sql.text(statement))).doesNotContain("Seq Scan on delivery ");
    }

    /** Where an index has the rows, but the planner expects so many that it rather reads the table. */
    @Test
    void noPeriodicStatementReadsALedgerThatIsFullOfAnAnnouncement() {
        inALedgerFullOfAnAnnouncement(() -> STATEMENTS.forEach(statement ->
                assertThat(explained(sql.text(statement))).as(statement).doesNotContain("Seq Scan on delivery ")));
    }

    /** However many people it went to: what asks for an explanation waits for it. */
    @Test
    void anExplanationReadsSomeDeliveriesOfAnAnnouncement() {
        inALedgerFullOfAnAnnouncement(() -> Stream.of("explain-event", "count-event", "find-replays")
                .forEach(statement -> assertThat(explained(sql.text("explain/" + statement)))
                        .as(statement)
                        .containsPattern("Limit .*\n.*Index Scan using delivery_event")
                        .doesNotContain("Seq Scan on delivery ")));
    }

    private void inALedgerFullOfAnAnnouncement(Runnable test) {
        transaction.executeWithoutResult(status -> {
            status.setRollbackOnly();
            jdbc.sql("""
                            INSERT INTO event_routes.delivery
                                (consumer_group, idempotency_key, recipient, event_id, event_type, campaign_id, event, status, due_at)
                            SELECT 'email-workers', 'plans', CAST(n AS text), 'plans', 'campaign.milestone_reached', 'plans',
                                   CAST('{}' AS jsonb), 'due', now()
                            FROM generate_series(1, 30000) n
                            UNION ALL
                            SELECT 'email-workers', CAST(n AS text), '', 'plans', 'user.signed_up', 'plans', CAST('{}' AS jsonb), 'delivered', NULL
                            FROM generate_series(1, 1000) n
                            """).update();
            jdbc.sql("ANALYZE event_routes.delivery").update();

            test.run();
        });
    }

    @Test
    void aPlanThatReadsTheWholeLedgerIsRecognized() {
        assertThat(plan("SELECT FROM event_routes.delivery WHERE status = 'due' AND due_at > now()"))
                .contains("Seq Scan on delivery ");
    }

    /** There may be thousands of both. */
    @Test
    void theRoomsOfReceiversAreReadOnceAndNotForEachLane() {
        assertThat(plan(sql.text("delivery/take-lanes"))).containsPattern("Hash (Left|Right) Join");
    }

    /** The planner reads a table to its end only if no index has the rows. */
    private String plan(String statement) {
        return transaction.execute(status -> {
            jdbc.sql("SET LOCAL enable_seqscan = off").update();
            return explained(statement);
        });
    }

    private String explained(String statement) {
        return String.join(
                "\n",
                jdbc.sql("EXPLAIN " + statement)
                        .params(PARAMETERS)
                        .query(String.class)
                        .list());
    }
}
