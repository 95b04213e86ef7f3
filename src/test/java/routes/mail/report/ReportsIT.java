package routes.mail.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import com.fasterxml.jackson.databind.JsonNode;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import routes.OnPlatform;
import routes.Pipeline;
import routes.TestCampaign;
import routes.event.DomainEvent;
import routes.event.EventData.RewardEarned;
import routes.event.EventData.UserSignedUp;
import routes.event.EventPublisher;
import routes.event.Events;
import routes.event.Sha256;
import routes.mail.UnsubscribeTokens;
import routes.mail.UnsubscribeTokens.Subscription;
import routes.mail.announcement.AnnouncementOperations;
import routes.mail.report.MailReport.Kind;
import routes.mail.smtp.Suppressions;

/** What follows from reports about mails: for the address, for the delivery, for an announcement. */
@OnPlatform
class ReportsIT {

    private static final int DELIVERED = 1_500;

    @Autowired
    private Pipeline pipeline;

    @Autowired
    private EventPublisher publisher;

    @Autowired
    private JdbcClient jdbc;

    @Autowired
    private MailReports reports;

    @Autowired
    private ComplaintRate complaintRate;

    @Autowired
    private AnnouncementOperations announcements;

    @Autowired
    private Suppressions suppressions;

    @Autowired
    private MeterRegistry metrics;

    private final List<String> addresses = new ArrayList<>();
    private TestCampaign campaign;
    private TestCampaign other;

    @BeforeEach
    void prepare() {
        campaign = TestCampaign.create(jdbc);
        other = TestCampaign.create(jdbc);
    }

    @AfterEach
    void cleanUp() {
        jdbc.sql("DELETE FROM event_routes.delivery WHERE consumer_group = 'reports-test'")
                .update();
        pipeline.awaitDrained();
        addresses.forEach(address -> jdbc.sql("DELETE FROM event_routes.mail_suppression WHERE address = ?")
                .param(suppressions.digest(address))
                .update());
        for (TestCampaign some : List.of(campaign, other)) {
            jdbc.sql("DELETE FROM event_routes.delivery WHERE campaign_id = ?")
                    .param(some.id().toString())
                    .update();
            some.delete();
        }
    }

    @Test
    void aMailboxThatDoesNotExistGetsNoMoreMailAndTheDeliverySaysSoDaysLater() throws Exception {
        Mailed mailed = mailed();
        jdbc.sql(
                        "UPDATE event_routes.delivery SET created_at = now() - interval '5 days', updated_at = created_at WHERE id = ?")
                .param(mailed.delivery())
                .update();

        assertThat(take(mailed, Kind.HARD_BOUNCE, mailed.address().toUpperCase(Locale.ROOT)))
                .isTrue();

        JsonNode shown = pipeline.operation("deliveries/" + mailed.delivery(), null);
        assertThat(shown.at("/delivery/status").asText()).isEqualTo("delivered");
        assertThat(shown.at("/delivery/reported").asText()).isEqualTo("bounced");
        assertThat(shown.at("/attempts/0/outcome").asText()).isEqualTo("delivered");
        assertThat(shown.at("/attempts/1/outcome").asText()).isEqualTo("bounced");
        assertThat(shown.at("/attempts/1/attempt").intValue()).isEqualTo(1);
        assertThat(shown.at("/attempts/1/code").asText()).isEqualTo("5.1.1");
        assertThat(shown.at("/attempts/1/reason").asText()).isEqualTo("no such user p***@example.com");
        assertThat(pipeline.operation("events/" + mailed.event().id(), null)
                        .at("/groups")
                        .toString())
                .contains("\"bounced\"");
        assertThat(next(mailed.address(), campaign))
                .startsWith("skipped suppressed until ")
                .contains("(bounce, ");
        assertThat(next(mailed.address(), other)).startsWith("skipped suppressed until ");
    }

    @Test
    void aReportThatIsReadAgainChangesNothing() throws Exception {
        Mailed mailed = mailed();
        MailReport report = report(mailed, Kind.COMPLAINT, null);
        double before = counted("complaint");

        assertThat(reports.take(report)).isTrue();
        jdbc.sql("DELETE FROM event_routes.mail_suppression WHERE address = ?")
                .param(suppressions.digest(mailed.address()))
                .update();
        assertThat(reports.take(report)).isTrue();

        assertThat(counted("complaint")).isEqualTo(before + 1);
        assertThat(reported(mailed)).containsExactly("complaint");
        assertThat(suppressed(mailed.address())).isEmpty();
    }

    @Test
    void theFifthMailThatBouncesSoftlyWithinTwoWeeksSuppresses() throws Exception {
        Mailed first = mailed();
        List<Mailed> mails = new ArrayList<>(List.of(first));
        for (int i = 0; i < 4; i++) {
            mails.add(mailed(UUID.randomUUID(), first.address()));
        }
        take(first, Kind.SOFT_BOUNCE, null);
        jdbc.sql("UPDATE event_routes.mail_report SET reported_at = now() - interval '15 days' WHERE delivery_id = ?")
                .param(first.delivery())
                .update();
        mails.subList(1, 5).forEach(mail -> take(mail, Kind.SOFT_BOUNCE, null));
        assertThat(suppressed(first.address())).as("four count").isEmpty();
        take(mails.get(1), Kind.SOFT_BOUNCE, null);
        assertThat(suppressed(first.address())).as("once for each mail").isEmpty();

        take(mailed(UUID.randomUUID(), first.address()), Kind.SOFT_BOUNCE, first.address());

        assertThat(suppressed(first.address())).containsExactly("bounce ''");
        pipeline.operation("suppressions", "{\"action\":\"lift\",\"address\":\"%s\"}".formatted(first.address()));
        take(mailed(UUID.randomUUID(), first.address()), Kind.SOFT_BOUNCE, null);
        assertThat(suppressed(first.address())).as("counted anew").isEmpty();
    }

    @Test
    void mailsThatAreRefusedForPolicyDoNotCount() throws Exception {
        String address = mailed().address();
        for (int i = 0; i < 6; i++) {
            Mailed mail = mailed(UUID.randomUUID(), address);
            reports.take(new MailReport(
                    "test", Events.id(), Kind.SOFT_BOUNCE, mail.delivery(), address, "5.7.26", "550 5.7.26 DMARC"));
        }

        assertThat(suppressed(address)).isEmpty();
    }

    @Test
    void whoComplainsGetsNothingMoreFromAnyCampaignNotEvenAReward() throws Exception {
        Mailed mailed = mailed();

        take(mailed, Kind.COMPLAINT, null);

        assertThat(suppressed(mailed.address())).containsExactly("complaint ''");
        assertThat(next(mailed.address(), other)).startsWith("skipped suppressed for good (complaint, ");
        assertThat(reward(mailed)).startsWith("skipped suppressed for good (complaint, ");
    }

    @Test
    void whoUnsubscribesGetsNoMoreOfThatCampaignButTheRewardsThatWereEarned() throws Exception {
        Mailed mailed = mailed();

        take(mailed, Kind.UNSUBSCRIBE, null);

        assertThat(suppressed(mailed.address())).containsExactly("unsubscribe " + campaign.id());
        assertThat(next(mailed.address(), campaign)).startsWith("skipped suppressed for good (unsubscribe, ");
        assertThat(next(mailed.address(), other)).isEqualTo("delivered null");
        assertThat(reward(mailed)).isEqualTo("delivered null");
        assertThat(pipeline.operation("deliveries/" + mailed.delivery(), null)
                        .at("/delivery/reported")
                        .asText())
                .isEqualTo("unsubscribed");
    }

    @Test
    void whoUnsubscribesByTheLinkOfAnOldMailGetsNothingAtTheAddressOfTodayEither() throws Exception {
        Mailed mailed = mailed();
        String now = Events.email();
        addresses.add(now);
        jdbc.sql("UPDATE event_routes.delivery SET event = event #- '{data,email}' WHERE id = ?") // as of a milestone
                .param(mailed.delivery())
                .update();
        jdbc.sql("UPDATE waitlist_users SET email = ? WHERE id = ?")
                .params(now, mailed.person())
                .update();

        UnsubscribeTokens tokens = mock();
        when(tokens.open("good"))
                .thenReturn(Optional.of(
                        new Subscription(mailed.delivery(), campaign.id().toString(), mailed.address())));
        new UnsubscribeController(tokens, reports).unsubscribe("good", null);

        assertThat(suppressed(mailed.address())).containsExactly("unsubscribe " + campaign.id());
        assertThat(suppressed(now)).containsExactly("unsubscribe " + campaign.id());
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void anAddressToWhichTheMailDidNotGoIsNotSuppressed(Kind kind) throws Exception {
        Mailed mailed = mailed();
        String somebody = Events.email();
        addresses.add(somebody);

        assertThat(take(mailed, kind, somebody)).isTrue();

        assertThat(suppressed(somebody)).isEmpty();
        assertThat(suppressed(mailed.address())).isEmpty();
        assertThat(reported(mailed)).hasSize(1);
    }

    @Test
    void aBounceThatNamesNobodySuppressesNobodyIfThePersonHasAnotherAddressNow() throws Exception {
        Mailed mailed = mailed();
        String now = Events.email();
        addresses.add(now);
        jdbc.sql("UPDATE waitlist_users SET email = ? WHERE id = ?")
                .params(now, mailed.person())
                .update();

        take(mailed, Kind.HARD_BOUNCE, null);
        assertThat(suppressed(now)).isEmpty();
        assertThat(suppressed(mailed.address())).isEmpty();

        take(mailed, Kind.HARD_BOUNCE, mailed.address());
        assertThat(suppressed(now)).isEmpty();
        assertThat(suppressed(mailed.address())).containsExactly("bounce ''");
    }

    @Test
    void aDeliveryThatIsNotThereOrWasNotTriedOrIsAWebhookIsNoMailOfOurs() throws Exception {
        Mailed mailed = mailed();
        for (String change : List.of("lane = 'a webhook'", "attempts = 0, lane = NULL")) {
            jdbc.sql("UPDATE event_routes.delivery SET " + change + " WHERE id = ?")
                    .param(mailed.delivery())
                    .update();
            assertThat(take(mailed, Kind.HARD_BOUNCE, null)).isFalse();
        }
        jdbc.sql("DELETE FROM event_routes.delivery WHERE id = ?")
                .param(mailed.delivery())
                .update();

        assertThat(take(mailed, Kind.COMPLAINT, mailed.address())).isFalse();

        assertThat(suppressed(mailed.address())).isEmpty();
        assertThat(reported(mailed)).isEmpty();
    }

    @Test
    void ofSomebodyWhoWasErasedOnlyWhatHappenedIsKept() throws Exception {
        Mailed mailed = mailed();
        pipeline.operation("erasure", "{\"action\":\"erase\",\"user\":\"%s\"}".formatted(mailed.person()));

        assertThat(take(mailed, Kind.HARD_BOUNCE, mailed.address())).isTrue();

        assertThat(suppressed(mailed.address())).isEmpty();
        assertThat(jdbc.sql("SELECT kind, code, reason, address FROM event_routes.mail_report WHERE delivery_id = ?")
                        .param(mailed.delivery())
                        .query()
                        .singleRow())
                .containsEntry("kind", "hard_bounce")
                .containsEntry("reason", null)
                .containsEntry("address", null);
    }

    /** What the version before has written is found at once, and hashed anew by the purge. */
    @Test
    void addressesThatWereHashedWithoutASecretStaySuppressedAndAreHashedWithOne() throws Exception {
        String address = Events.email();
        addresses.add(address);
        jdbc.sql("""
                        INSERT INTO event_routes.suppression (address, reason, until)
                        SELECT CASE WHEN n = 0 THEN ? ELSE encode(sha256(CAST('old ' || n AS bytea)), 'hex') END, 'old', now() + interval '1 day'
                        FROM generate_series(0, 2500) n
                        """).param(Sha256.hex(address)).update();
        assertThat(next(address, campaign))
                .startsWith("skipped suppressed until ")
                .endsWith(": old");

        suppressions.purge();

        assertThat(count("suppression")).isZero();
        assertThat(suppressed(address)).containsExactly("bounce ''");
        assertThat(next(address, campaign))
                .startsWith("skipped suppressed until ")
                .endsWith(": old");
        pipeline.operation("suppressions", "{\"action\":\"lift\",\"address\":\"%s\"}".formatted(address));
        assertThat(next(address, campaign)).isEqualTo("delivered null");
        assertThat(jdbc.sql("DELETE FROM event_routes.mail_suppression WHERE reason = 'old'")
                        .update())
                .isEqualTo(2_500);
    }

    @ParameterizedTest
    @CsvSource({"1500, 1, running", "1500, 2, paused", "900, 2, running"})
    void anAnnouncementAboveTheRateIsPausedAfterAThousandMails(int delivered, int complaints, String state)
            throws Exception {
        UUID announcement = announcement(delivered);

        complain(announcement, 0, complaints);

        assertThat(announcements.progress(announcement).fanout().state()).isEqualTo(state);
    }

    @Test
    void aMailThatIsComplainedAboutTwiceCountsOnceForItsAnnouncement() throws Exception {
        UUID announcement = announcement(DELIVERED);
        UUID mail = delivered(announcement).get(0);
        for (String provider : List.of("mailbox", "ses")) {
            assertThat(reports.take(new MailReport(provider, Events.id(), Kind.COMPLAINT, mail, null, null, "spam")))
                    .isTrue();
        }

        complaintRate.check();

        assertThat(announcements.progress(announcement).fanout().state()).isEqualTo("running");
        complain(announcement, 1, 2);
        assertThat(announcements.progress(announcement).fanout().because())
                .isEqualTo("complaints: 2 of 1500 delivered mails");
    }

    @Test
    void anAddressIsNeverSuppressedForLessTimeThanBefore() throws Exception {
        Mailed mailed = mailed();
        pipeline.operation(
                "suppressions",
                "{\"action\":\"add\",\"address\":\"%s\",\"cause\":\"bounce\",\"reason\":\"of old\",\"until\":\"2099-01-31T00:00:00Z\"}"
                        .formatted(mailed.address()));

        take(mailed, Kind.HARD_BOUNCE, mailed.address());

        assertThat(suppressed(mailed.address())).containsExactly("bounce ''");
        assertThat(next(mailed.address(), campaign))
                .startsWith("skipped suppressed until 2099-01-31T00:00:00Z (bounce, ");
    }

    @Test
    void onceItIsResumedOnlyLaterComplaintsPauseItAgain() throws Exception {
        UUID announcement = announcement(DELIVERED);
        complain(announcement, 0, 2);
        assertThat(announcements.progress(announcement).fanout().because())
                .isEqualTo("complaints: 2 of 1500 delivered mails");
        assertThat(metrics.get("domain.events.announcements.paused.by.complaints")
                        .gauge()
                        .value())
                .isEqualTo(1);
        assertThat(held(announcement)).isEqualTo(10);

        pipeline.operation("fanouts/" + announcement, "{\"action\":\"resume\"}");
        complain(announcement, 0, 3);
        assertThat(announcements.progress(announcement).fanout().state()).isEqualTo("running");
        assertThat(metrics.get("domain.events.announcements.paused.by.complaints")
                        .gauge()
                        .value())
                .isZero();
        assertThat(held(announcement)).isZero();

        complain(announcement, 3, 4);
        assertThat(announcements.progress(announcement).fanout().state()).isEqualTo("paused");
    }

    /** Complaints about its mails with these numbers, and a look at the rate. */
    private void complain(UUID announcement, int from, int to) {
        List<UUID> mails = delivered(announcement);
        IntStream.range(from, to).forEach(n -> assertThat(reports.take(
                        new MailReport("test", "of " + mails.get(n), Kind.COMPLAINT, mails.get(n), null, null, "spam")))
                .isTrue());
        complaintRate.check();
    }

    private List<UUID> delivered(UUID announcement) {
        return jdbc.sql("""
                        SELECT d.id FROM event_routes.delivery d JOIN event_routes.delivery m USING (consumer_group, idempotency_key)
                        WHERE m.id = ? AND d.status = 'delivered' AND d.recipient <> '' ORDER BY d.id
                        """).param(announcement).query(UUID.class).list();
    }

    private UUID announcement(int delivered) {
        UUID id = UUID.randomUUID();
        jdbc.sql("""
                        WITH m AS (
                            INSERT INTO event_routes.delivery
                                (id, consumer_group, idempotency_key, recipient, event_id, event_type, campaign_id, event, status, attempts, due_at)
                            SELECT CASE WHEN n = 0 THEN CAST(:id AS uuid) ELSE gen_random_uuid() END, 'reports-test', 'of ' || :id,
                                   CASE WHEN n = 0 THEN '' ELSE CAST(gen_random_uuid() AS text) END, 'e', 'campaign.milestone_reached', :campaign,
                                   '{"data": {}}', CASE WHEN n <= :delivered THEN 'delivered' ELSE 'due' END,
                                   CASE WHEN n <= :delivered THEN 1 ELSE 0 END, CASE WHEN n > :delivered THEN now() END
                            FROM generate_series(0, :delivered + 10) n)
                        INSERT INTO event_routes.fan_out (delivery_id, recipients, expanded_at) VALUES (:id, :delivered + 10, now())
                        """)
                .param("id", id)
                .param("campaign", campaign.id().toString())
                .param("delivered", delivered)
                .update();
        return id;
    }

    private int held(UUID announcement) {
        return jdbc.sql("""
                        SELECT count(*) FROM event_routes.delivery d JOIN event_routes.delivery m USING (consumer_group, idempotency_key)
                        WHERE m.id = ? AND d.status = 'due' AND d.due_at IS NULL
                        """).param(announcement).query(Integer.class).single();
    }

    /** A mail that was sent. */
    private record Mailed(UUID person, String address, DomainEvent event, UUID delivery) {}

    /** A welcome to a person of the campaign. */
    private Mailed mailed() throws Exception {
        UUID person = campaign.person();
        return mailed(person, campaign.address(person));
    }

    /** A welcome to an address; without a row of the person, it goes to that of the event. */
    private Mailed mailed(UUID person, String address) throws Exception {
        addresses.add(address);
        DomainEvent event =
                Events.of(new UserSignedUp(person.toString(), campaign.id().toString(), address));
        publisher.publish(event);
        pipeline.awaitDrained();
        return new Mailed(person, address, event, delivery(event, "email-workers"));
    }

    private UUID delivery(DomainEvent event, String group) {
        return jdbc.sql("SELECT id FROM event_routes.delivery WHERE event_id = ? AND consumer_group = ?")
                .params(event.id(), group)
                .query(UUID.class)
                .single();
    }

    /** What becomes of the next mail to an address, of somebody without a row. */
    private String next(String address, TestCampaign of) throws Exception {
        DomainEvent event = Events.of(new UserSignedUp(Events.id(), of.id().toString(), address));
        publisher.publish(event);
        pipeline.awaitDrained();
        return outcome(event, "email-workers");
    }

    private String reward(Mailed mailed) throws Exception {
        DomainEvent event = campaign.rewardByMail();
        RewardEarned earned = (RewardEarned) event.data();
        jdbc.sql("UPDATE waitlist_users SET email = 'formerly-' || email WHERE id = ?")
                .param(mailed.person())
                .update();
        jdbc.sql("UPDATE waitlist_users SET email = ? WHERE id = CAST(? AS uuid)")
                .params(mailed.address(), earned.userId())
                .update();
        publisher.publish(event);
        pipeline.awaitDrained();
        return outcome(event, "reward-workers");
    }

    private String outcome(DomainEvent event, String group) {
        return jdbc.sql("SELECT status || ' ' || coalesce(reason, 'null') FROM event_routes.delivery WHERE id = ?")
                .param(delivery(event, group))
                .query(String.class)
                .single();
    }

    private boolean take(Mailed mailed, Kind kind, @Nullable String recipient) {
        return reports.take(report(mailed, kind, recipient));
    }

    private static MailReport report(Mailed mailed, Kind kind, @Nullable String recipient) {
        return new MailReport(
                "test", Events.id(), kind, mailed.delivery(), recipient, "5.1.1", "no such user " + mailed.address());
    }

    private List<String> suppressed(String address) {
        return jdbc.sql("""
                        SELECT cause || ' ' || CASE campaign_id WHEN '' THEN '''''' ELSE campaign_id END
                        FROM event_routes.mail_suppression WHERE address = ? ORDER BY id
                        """)
                .param(suppressions.digest(address))
                .query(String.class)
                .list();
    }

    private List<String> reported(Mailed mailed) {
        return jdbc.sql("SELECT kind FROM event_routes.mail_report WHERE delivery_id = ? ORDER BY reported_at")
                .param(mailed.delivery())
                .query(String.class)
                .list();
    }

    private int count(String table) {
        return jdbc.sql("SELECT count(*) FROM event_routes." + table)
                .query(Integer.class)
                .single();
    }

    private double counted(String kind) {
        return metrics.counter("domain.events.mail.reports", "source", "test", "kind", kind)
                .count();
    }
}
