package routes.mail.announcement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import routes.ManyPeople;
import routes.OnPlatform;
import routes.delivery.Delivery;
import routes.delivery.DeliveryException;
import routes.delivery.LedgerUpkeep;
import routes.event.DomainEvent;
import routes.event.EventData.CampaignMilestoneReached;
import routes.event.EventJson;
import routes.event.Events;
import routes.mail.announcement.AnnouncementOperations.FanOut;
import routes.settings.SqlFiles;
import routes.settings.Statements;

/** An announcement to many, page by page, for a group that no route consumes. */
@OnPlatform
class MilestoneFanOutIT {

    /** How many people there are, more than a page of each kind; more for a look at how it does: {@code -Dfanout.people=5000000}. */
    private static final int PEOPLE = Integer.getInteger("fanout.people", 6_000);

    /** More than one statement manages in its time, and than are deleted at once. */
    private static final int MANY = Math.max(PEOPLE, 20_000);

    private static final int BLOCKED = 10;

    @Autowired
    private JdbcClient jdbc;

    @Autowired
    private DataSource database;

    @Autowired
    private Statements sql;

    @Autowired
    private AnnouncementOperations announcements;

    @Autowired
    private LedgerUpkeep upkeep;

    @Autowired
    private SqlFiles files;

    @Autowired
    private PlatformTransactionManager transactions;

    private final UUID campaign = UUID.randomUUID();
    private final UUID id = UUID.randomUUID();
    private Delivery delivery;

    @BeforeEach
    void prepare() {
        ManyPeople.create(jdbc, campaign, PEOPLE + BLOCKED, BLOCKED);
        DomainEvent event = Events.of(new CampaignMilestoneReached(campaign.toString(), Events.id(), PEOPLE));
        jdbc.sql("""
                        INSERT INTO event_routes.delivery (id, consumer_group, idempotency_key, event_id, event_type,
                            campaign_id, event, status, lease_owner)
                        VALUES (?, 'fan-out-test', ?, ?, ?, ?, CAST(? AS jsonb), 'leased', NULL)
                        """)
                .params(
                        id,
                        event.idempotencyKey(),
                        event.id(),
                        event.type().value(),
                        campaign.toString(),
                        EventJson.mapper().valueToTree(event).toString())
                .update();
        delivery = new Delivery(id, "fan-out-test", "", event, 0, 0, 1, false, false, null);
    }

    @AfterEach
    void cleanUp() {
        if (PEOPLE > 100_000) {
            return; // takes longer than the test; the platform's data goes with the build
        }
        jdbc.sql("DELETE FROM event_routes.delivery WHERE consumer_group = 'fan-out-test'")
                .update();
        jdbc.sql("DELETE FROM waitlist_users WHERE campaign_id = ?")
                .param(campaign)
                .update();
        jdbc.sql("DELETE FROM campaigns WHERE id = ?").param(campaign).update();
    }

    /** In one statement it took as long as there were people, and ended with the statement_timeout of the role. */
    @Test
    void noStatementTakesLongerThanAPage() throws Exception {
        addUpTo(MANY);
        withTimeout(PEOPLE > 100_000 ? "5s" : "400ms", limited -> {
            MilestoneFanOut fanOut = new MilestoneFanOut(sql.with(limited));
            while (true) {
                try {
                    assertThat(fanOut.expand(delivery).reason())
                            .isEqualTo("one mail each to %d people".formatted(MANY));
                    return;
                } catch (DeliveryException.Later more) {
                    assertThat(more).hasMessageMatching("one mail each to \\d+ people so far");
                }
            }
        });
        assertThat(recorded()).isEqualTo(MANY);
        assertThat(fanOutState()).isEqualTo(MANY + " null t");
    }

    @Test
    void whatWasCutOffGoesOnAndTellsNobodyTwice() {
        MilestoneFanOut pageByPage = new MilestoneFanOut(sql, Duration.ZERO);
        assertThatThrownBy(() -> pageByPage.expand(delivery))
                .isInstanceOf(DeliveryException.Later.class)
                .hasMessageMatching("one mail each to \\d+ people so far");
        long first = recorded();
        assertThat(first).isBetween(1_900L, 2_000L);

        jdbc.sql("UPDATE event_routes.fan_out SET reached = NULL WHERE delivery_id = ?") // done, and not remembered
                .param(id)
                .update();
        assertThatThrownBy(() -> pageByPage.expand(delivery)).isInstanceOf(DeliveryException.Later.class);
        assertThat(recorded()).isEqualTo(first);
        assertThatThrownBy(() -> pageByPage.expand(delivery)).isInstanceOf(DeliveryException.Later.class);
        assertThat(recorded()).isBetween(first + 1_900, first + 2_000);

        announcements.cancel(id, "ann", "a test");
        assertThatThrownBy(() -> pageByPage.expand(delivery))
                .isInstanceOf(DeliveryException.Skipped.class)
                .hasMessage("the announcement was cancelled");
    }

    @Test
    void whatAllHaveHadIsDone() {
        new MilestoneFanOut(sql, Duration.ofHours(1)).expand(delivery);
        assertThat(announcements.progress(id).counts()).isEqualTo(Map.of("due", (long) PEOPLE));
        assertThat(announcements.progress(id).fanout().state()).isEqualTo("running");
        jdbc.sql("UPDATE event_routes.delivery SET status = 'delivered' WHERE consumer_group = 'fan-out-test'")
                .update();

        await().untilAsserted(() -> assertThat(announcements.latest(1))
                .singleElement()
                .satisfies(last -> assertThat(last.fanout().state()).isEqualTo("done")));
        assertThat(announcements.progress(id).counts()).isEqualTo(Map.of("delivered", (long) PEOPLE));
    }

    @Test
    void whatIsPausedWithNothingLeftIsDoneAndOnlyUntilSomethingIsLeftAgain() {
        new MilestoneFanOut(sql, Duration.ofHours(1)).expand(delivery);
        announcements.pause(id, "ann");
        assertThat(announcements.progress(id).fanout())
                .extracting(FanOut::state, FanOut::because)
                .containsExactly("paused", "paused by ann");
        jdbc.sql("UPDATE event_routes.delivery SET status = 'delivered' WHERE consumer_group = 'fan-out-test'")
                .update();

        await().untilAsserted(() -> assertThat(announcements.latest(1))
                .singleElement()
                .satisfies(last -> assertThat(last.fanout())
                        .extracting(FanOut::state, FanOut::because)
                        .containsExactly("done", null)));

        jdbc.sql(
                        "UPDATE event_routes.delivery SET status = 'due', due_at = now() WHERE consumer_group = 'fan-out-test'"
                                + " AND recipient = (SELECT max(recipient) FROM event_routes.delivery WHERE consumer_group = 'fan-out-test')")
                .update();
        announcements.resume(id, "ann");
        assertThat(announcements.progress(id).fanout().state()).isEqualTo("running");
    }

    /** As when the instance that changes it is replaced after the first pages. */
    @ParameterizedTest
    @CsvSource({"paused, running, due", "running, paused, held", "paused, cancelled, skipped"})
    void aChangeThatWasCutOffIsFinished(String before, String after, String status) {
        new MilestoneFanOut(sql, Duration.ofHours(1)).expand(delivery);
        if (before.equals("paused")) {
            announcements.pause(id, "ann");
        }
        jdbc.sql(
                        "UPDATE event_routes.fan_out SET state = ?, because = 'by ann', moving_since = now() - interval '6 minutes'"
                                + " WHERE delivery_id = ?")
                .params(after, id)
                .update();

        announcements.finishChanges();

        assertThat(announcements.progress(id).counts()).isEqualTo(Map.of(status, (long) PEOPLE));
        assertThat(isMoving()).isFalse();
    }

    @Test
    void aChangeIsLeftAloneWhileItMayStillBeAtWorkAndWhenAllMailsFollow() {
        new MilestoneFanOut(sql, Duration.ofHours(1)).expand(delivery);
        announcements.pause(id, "ann");
        assertThat(isMoving()).isFalse();
        jdbc.sql(
                        "UPDATE event_routes.fan_out SET state = 'running', moving_since = now() - interval '4 minutes' WHERE delivery_id = ?")
                .param(id)
                .update();

        announcements.finishChanges();

        assertThat(announcements.progress(id).counts()).isEqualTo(Map.of("held", (long) PEOPLE));
        assertThat(isMoving()).isTrue();
    }

    /** Pages pass over each other's mails, and the last change is to have all of them. */
    @Test
    void whatIsResumedWhileAPageOfItsPauseIsBeingWrittenHoldsNothing() {
        new MilestoneFanOut(sql, Duration.ofHours(1)).expand(delivery);
        sql.of("mail/announcement/change-fan-out", "id", id, "state", "paused", "because", "a test", "by", "ann")
                .update();
        CompletableFuture<?> resumed = new TransactionTemplate(transactions).execute(status -> {
            sql.of("mail/announcement/move-fan-out")
                    .param("id", id)
                    .param("state", "paused")
                    .param("because", "a test")
                    .param("after", "")
                    .param("limit", PEOPLE)
                    .query()
                    .singleRow();
            CompletableFuture<?> resume = CompletableFuture.supplyAsync(() -> announcements.resume(id, "ann"));
            await().until(() -> resume.isDone() || somebodyWaitsForALock());
            return resume;
        });

        resumed.join();

        assertThat(announcements.progress(id).counts()).isEqualTo(Map.of("due", (long) PEOPLE));
    }

    private boolean somebodyWaitsForALock() {
        return jdbc.sql("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                        + " AND query LIKE '%UPDATE event_routes.fan_out%')")
                .query(Boolean.class)
                .single();
    }

    private boolean isMoving() {
        return jdbc.sql("SELECT moving_since IS NOT NULL FROM event_routes.fan_out WHERE delivery_id = ?")
                .param(id)
                .query(Boolean.class)
                .single();
    }

    /** Else nobody could resume or cancel what it holds, and what is in hand would go out. */
    @Test
    void aPausedAnnouncementIsKeptHoweverOldAsLongAsItHoldsAMail() {
        new MilestoneFanOut(sql, Duration.ofHours(1)).expand(delivery);
        endAllBut("(SELECT max(recipient) FROM event_routes.delivery WHERE consumer_group = 'fan-out-test')");
        announcements.pause(id, "ann");
        age();

        purge();

        assertThat(recorded()).isEqualTo(1);
        assertThat(announcements.resume(id, "ann").mails()).isEqualTo(1);
    }

    @Test
    void aPausedAnnouncementIsAmongTheLatestHoweverManyAreNewer() {
        new MilestoneFanOut(sql, Duration.ofHours(1)).expand(delivery);
        announcements.pause(id, "ann");
        jdbc.sql("""
                        WITH newer AS (
                            INSERT INTO event_routes.delivery (consumer_group, idempotency_key, event_id, event_type, campaign_id, event, status)
                            SELECT 'fan-out-test', 'newer-' || n, 'newer-' || n, 'campaign.milestone_reached', 'c', '{}', 'delivered'
                            FROM generate_series(1, 3) n
                            RETURNING id)
                        INSERT INTO event_routes.fan_out (delivery_id, recipients, state, created_at)
                        SELECT id, 0, 'cancelled', now() + interval '1 second' FROM newer
                        """).update();

        assertThat(announcements.latestAndOpen(2))
                .hasSizeGreaterThan(2)
                .anyMatch(some -> some.fanout().id().equals(id));
        assertThat(announcements.latest(2))
                .hasSize(2)
                .noneMatch(some -> some.fanout().id().equals(id));
    }

    @Test
    void anAnnouncementIsForgottenAfterItsMails() {
        addUpTo(MANY);
        new MilestoneFanOut(sql, Duration.ofHours(1)).expand(delivery);
        endAllBut("'nobody'");
        age();

        purge();
        purge();

        assertThat(announcements.latest(500))
                .noneMatch(some -> some.fanout().id().equals(id));
        assertThat(recorded()).isZero();
    }

    /** Else each page takes as long as all of them. */
    @ParameterizedTest
    @ValueSource(strings = {"count-fan-out.sql", "move-fan-out.sql"})
    void aPageReadsNoMoreThanItsOwnDeliveries(String file) {
        new MilestoneFanOut(sql, Duration.ofHours(1)).expand(delivery);
        // As autovacuum does once 2 % of the rows are new (V49). Until then the planner may take them for few, and read
        // them all.
        jdbc.sql("ANALYZE event_routes.delivery").update();

        String plan = jdbc.sql("EXPLAIN (ANALYZE, FORMAT JSON) " + files.read("mail/announcement/" + file))
                .param("id", id)
                .param("after", "")
                .param("limit", 500)
                .param("state", "running")
                .param("because", null)
                .query(String.class)
                .single();

        assertThat(Pattern.compile("\"Actual Rows\": (\\d+)")
                        .matcher(plan)
                        .results()
                        .map(rows -> Integer.valueOf(rows.group(1))))
                .as(plan)
                .isNotEmpty()
                .allMatch(rows -> rows <= 500);
    }

    private void addUpTo(int people) {
        ManyPeople.add(jdbc, campaign, PEOPLE + BLOCKED + 1, people + BLOCKED, BLOCKED);
    }

    private void endAllBut(String recipient) {
        jdbc.sql("UPDATE event_routes.delivery SET status = 'delivered', due_at = NULL"
                        + " WHERE consumer_group = 'fan-out-test' AND recipient <> " + recipient)
                .update();
    }

    private void age() {
        jdbc.sql("UPDATE event_routes.delivery SET created_at = created_at - interval '100 days',"
                        + " updated_at = updated_at - interval '100 days' WHERE consumer_group = 'fan-out-test'")
                .update();
    }

    private void purge() {
        while (upkeep.purge()) {
            // there is more
        }
    }

    private interface Work {
        void with(JdbcClient limited) throws Exception;
    }

    private void withTimeout(String timeout, Work work) throws Exception {
        try (Connection connection = database.getConnection()) {
            try (var statement = connection.createStatement()) {
                statement.execute("SET statement_timeout = '" + timeout + "'");
                work.with(JdbcClient.create(new SingleConnectionDataSource(connection, true)));
                statement.execute("RESET statement_timeout");
            }
        }
    }

    private long recorded() {
        return jdbc.sql(
                        "SELECT count(*) FROM event_routes.delivery WHERE consumer_group = 'fan-out-test' AND recipient <> ''")
                .query(Long.class)
                .single();
    }

    private String fanOutState() {
        return jdbc.sql("SELECT format('%s %s %s', recipients, coalesce(reached, 'null'), expanded_at IS NOT NULL)"
                        + " FROM event_routes.fan_out WHERE delivery_id = ?")
                .param(id)
                .query(String.class)
                .single();
    }
}
