package routes.reward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import routes.OnPlatform;
import routes.Pipeline;
import routes.TestCampaign;
import routes.delivery.Delivery;
import routes.delivery.Outcomes;
import routes.dev.Inbox;
import routes.dev.Platform;
import routes.dev.WebhookReceiver;
import routes.event.DomainEvent;
import routes.event.EventData.RewardEarned;
import routes.event.EventPublisher;
import routes.event.Events;

/** Rewards that the application takes back: before, while and after they are delivered. */
@OnPlatform
@ExtendWith(TestCampaign.OfEachTest.class)
class VoidedRewardsIT {

    private static final String PATH = "/webhooks/voided";
    private static final int RACES = Integer.getInteger("void.races", 200);
    private static final String TOO_LATE = "voided too late: it has been delivered";
    private static final String PERHAPS_TOO_LATE =
            "voided too late, perhaps: an attempt was cut off, not answered, or answered with 202";

    @Autowired
    private Platform platform;

    @Autowired
    private Pipeline pipeline;

    @Autowired
    private EventPublisher publisher;

    @Autowired
    private JdbcClient jdbc;

    @Autowired
    private WebhookReceiver webhooks;

    @Autowired
    private Inbox inbox;

    @Autowired
    private Rewards rewards;

    @Autowired
    private Outcomes outcomes;

    private TestCampaign campaign;

    /** What both sides say in the end; {@code begun} is when the attempt began, by the database's clock. */
    record Said(
            String status,
            @Nullable String lastError,
            @Nullable Instant deliveredAt,
            String ledger,
            @Nullable String reason,
            @Nullable Instant begun) {}

    @BeforeEach
    void prepare() {
        campaign.webhook(platform.inboxUrl() + PATH, "active", TestCampaign.SECRET);
    }

    @Test
    void whatIsTakenBackIsNeitherDeliveredNorAnnouncedWhateverTheWord() throws Exception {
        Map<DomainEvent, String> words = new LinkedHashMap<>();
        for (String word : List.of("revoked", "voided", "cancelled", "expired")) {
            for (DomainEvent event : List.of(campaign.rewardByMail(), byWebhook(), campaign.rewardByHand())) {
                set(event, word);
                words.put(event, word);
            }
        }
        publisher.publish(List.copyOf(words.keySet()));
        pipeline.awaitDrained();

        words.forEach((event, word) -> {
            Said said = said(event);
            assertThat(said.status()).isEqualTo(word);
            assertThat(said.lastError()).isNull();
            assertThat(said.ledger()).isEqualTo("skipped");
            assertThat(said.reason()).isEqualTo("user_rewards.status is " + word);
        });
        assertThat(webhooks.list()).isEmpty();
        assertThat(inbox.list()).isEmpty();
    }

    @Test
    void aReplayByForceDoesNotBringItBack() throws Exception {
        DomainEvent event = byWebhook();
        publisher.publish(event);
        pipeline.awaitDrained();
        set(event, "voided");

        Delivery forced = new Delivery(UUID.randomUUID(), "reward-workers", "", event, 1, 1, 1, true, false, null);

        assertThatThrownBy(() -> rewards.find(forced)).hasMessage("user_rewards.status is voided");
    }

    @Test
    void whatWaitsForAnApprovalGoesOutWithTheNextEvent() throws Exception {
        DomainEvent event = byWebhook();
        set(event, "held");
        publisher.publish(event);
        pipeline.awaitDrained();
        assertThat(webhooks.list()).isEmpty();

        set(event, "pending");
        publisher.publish(Events.of(event.data()));
        pipeline.awaitDrained();

        assertThat(webhooks.list()).hasSize(1);
        assertThat(inbox.list()).as("its notice").hasSize(1);
    }

    @Test
    void aChangeThatIsBeingMadeIsWaitedFor() throws Exception {
        DomainEvent event = byWebhook();
        try (Connection application = platform.database().dataSource().getConnection();
                PreparedStatement change =
                        application.prepareStatement("UPDATE user_rewards SET status = 'voided' WHERE id = ?")) {
            application.setAutoCommit(false);
            change.setObject(1, id(event));
            change.executeUpdate();
            publisher.publish(event);
            await().until(() -> reason(event), Objects::nonNull);
            assertThat(reason(event)).contains("the application is changing the reward's row");
            assertThat(webhooks.list()).isEmpty();
            application.commit();
        }
        pipeline.awaitDrained();

        assertThat(said(event).ledger()).isEqualTo("skipped");
        assertThat(webhooks.list()).isEmpty();
    }

    @Test
    void whatWasOnItsWayIsToldToBothSides() throws Exception {
        webhooks.answer(PATH, new WebhookReceiver.Answer(200, Map.of(), Duration.ofSeconds(2)));
        DomainEvent event = byWebhook();
        publisher.publish(event);
        await().until(() -> !webhooks.list().isEmpty());

        set(event, "voided");
        pipeline.awaitDrained();

        Said said = said(event);
        assertThat(said.status()).isEqualTo("voided");
        assertThat(said.lastError()).isEqualTo(TOO_LATE);
        assertThat(said.deliveredAt()).isNotNull();
        assertThat(said.ledger()).isEqualTo("delivered");
        assertThat(said.reason()).isEqualTo(TOO_LATE + ": user_rewards.status is voided");
    }

    @Test
    void whatAnAttemptThatACrashCutOffMayHaveDeliveredIsToldToBothSides() throws Exception {
        DomainEvent event = lastHeardOf(null);
        set(event, "voided");
        makeDue(event);
        pipeline.awaitDrained();

        Said said = said(event);
        assertThat(said.status()).isEqualTo("voided");
        assertThat(said.lastError()).isEqualTo(PERHAPS_TOO_LATE);
        assertThat(said.deliveredAt()).isNull();
        assertThat(said.ledger()).isEqualTo("skipped");
        assertThat(said.reason()).isEqualTo(PERHAPS_TOO_LATE + ": user_rewards.status is voided");
        assertThat(webhooks.list()).hasSize(1);
    }

    @Test
    void whatWasNotAnsweredMayHaveBeenDeliveredUnlessThereWasNoConnection() throws Exception {
        DomainEvent unanswered = lastHeardOf("the receiver did not answer in time");
        DomainEvent unconnected = lastHeardOf("no connection to the receiver: Connection refused");
        for (DomainEvent event : List.of(unanswered, unconnected)) {
            set(event, "voided");
            makeDue(event);
        }
        pipeline.awaitDrained();

        assertThat(said(unanswered).lastError()).isEqualTo(PERHAPS_TOO_LATE);
        assertThat(said(unconnected).ledger()).isEqualTo("skipped");
        assertThat(said(unconnected).lastError()).isNull();
    }

    @Test
    void whatFailsForGoodAfterAnAttemptThatWasCutOffIsToldToo() throws Exception {
        DomainEvent event = lastHeardOf(null);
        int calls = webhooks.list().size();
        webhooks.answer(PATH, new WebhookReceiver.Answer(410, Map.of(), Duration.ofSeconds(1)));
        makeDue(event);
        await().until(() -> webhooks.list().size() > calls);
        set(event, "voided");
        pipeline.awaitDrained();

        assertThat(said(event).lastError()).isEqualTo(PERHAPS_TOO_LATE);
        assertThat(said(event).status()).isEqualTo("voided");
        assertThat(said(event).ledger()).isEqualTo("failed");
        assertThat(said(event).reason()).isEqualTo(PERHAPS_TOO_LATE + ": the receiver answered 410");
    }

    @Test
    void whatAnOperatorVoidsAfterAnAttemptThatWasCutOffIsToldToo() throws Exception {
        DomainEvent event = lastHeardOf(null);

        change(event, "void");

        await().untilAsserted(() -> assertThat(said(event).lastError()).isEqualTo(PERHAPS_TOO_LATE));
        assertThat(said(event).status()).isEqualTo("voided");
        assertThat(said(event).ledger()).isEqualTo("skipped");
    }

    @Test
    void whatItsReceiverHasAcceptedIsNotPostedAgainAfterAHold() throws Exception {
        DomainEvent event = ended("manual", "202", null);

        JsonNode held = change(event, "hold");
        change(event, "release");
        pipeline.awaitDrained();

        assertThat(held.get("under_way").asInt()).isEqualTo(1);
        assertThat(said(event).ledger()).isEqualTo("manual");
        assertThat(webhooks.list()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({
        "manual, 202, the receiver answered 202",
        "failed, , gave up after 10 attempts: the receiver timed out after 15 s: it had not answered",
        "failed, , gave up after 10 attempts: it is unknown whether the mail arrived"
    })
    void whatItsReceiverMayHaveIsToldWhenAnOperatorVoidsIt(String ledger, @Nullable String code, String reason)
            throws Exception {
        DomainEvent event = ended(ledger, code, reason);

        change(event, "void");
        outcomes.tellRest(); // as stray-deliveries does every five seconds

        await().untilAsserted(() -> assertThat(said(event).lastError()).isEqualTo(PERHAPS_TOO_LATE));
        assertThat(said(event).status()).isEqualTo("voided");
    }

    @ParameterizedTest
    @CsvSource({
        "manual, , waits for a person to hand it over",
        "failed, 500, gave up after 10 attempts: the receiver answered 500",
        "failed, , the webhook is paused",
        "failed, , gave up after 10 attempts: no connection to the receiver: Connection refused",
        "failed, , gave up after 10 attempts: there is no person 1 in campaign 2",
        "failed, , gave up after 10 attempts: the SMTP server hung up",
        "failed, , gave up after 10 attempts: not sent: the service is stopping"
    })
    void whatNobodyHasIsVoidedInTime(String ledger, @Nullable String code, String reason) throws Exception {
        DomainEvent event = ended(ledger, code, reason);

        change(event, "void");
        outcomes.tellRest(); // as stray-deliveries does every five seconds

        await().until(() -> jdbc.sql("SELECT NOT EXISTS (SELECT FROM event_routes.untold_outcome)")
                .query(Boolean.class)
                .single());
        assertThat(said(event).ledger()).isEqualTo("skipped");
        assertThat(said(event).lastError()).isNull();
    }

    private JsonNode change(DomainEvent event, String action) throws Exception {
        return pipeline.operation(
                "rewards",
                "{\"action\":\"%s\",\"reason\":\"a cheat\",\"dryRun\":\"false\",\"earned\":\"%s\"}"
                        .formatted(action, id(event)));
    }

    /** A reward whose only attempt ended in this way. */
    private DomainEvent ended(String status, @Nullable String code, @Nullable String reason) throws Exception {
        DomainEvent event = byWebhook();
        publisher.publish(event);
        pipeline.awaitDrained();
        jdbc.sql("""
                        WITH ended AS (
                            UPDATE event_routes.delivery SET status = :status, reason = :reason
                            WHERE event_id = :event AND consumer_group = 'reward-workers'
                            RETURNING id
                        ), not_delivered AS (
                            UPDATE user_rewards SET status = 'pending', delivered_at = NULL WHERE id = :reward
                        )
                        UPDATE event_routes.delivery_attempt a SET outcome = :status, code = :code, reason = :reason
                        FROM ended
                        WHERE a.delivery_id = ended.id
                        """)
                .param("status", status)
                .param("code", code)
                .param("reason", reason)
                .param("event", event.id())
                .param("reward", id(event))
                .update();
        return event;
    }

    /**
     * A reward that its receiver has, while the ledger knows less: as after a crash, or that it is to be tried again, in an hour.
     *
     * @param reason why; null after a crash
     */
    private DomainEvent lastHeardOf(@Nullable String reason) throws Exception {
        int before = webhooks.list().size();
        webhooks.answer(PATH, new WebhookReceiver.Answer(200, Map.of(), Duration.ofSeconds(1)));
        DomainEvent event = byWebhook();
        publisher.publish(event);
        await().until(() -> webhooks.list().size() > before);
        jdbc.sql("""
                        WITH taken AS (
                            UPDATE event_routes.delivery
                            SET status = 'due', due_at = now() + interval '1 hour', lease_owner = NULL, lease = lease + 1
                            WHERE event_id = ? AND consumer_group = 'reward-workers'
                            RETURNING id, attempts
                        )
                        INSERT INTO event_routes.delivery_attempt (delivery_id, attempt, ended_at, outcome, reason)
                        SELECT id, attempts, CASE WHEN why IS NOT NULL THEN now() END, CASE WHEN why IS NOT NULL THEN 'due' END, why
                        FROM taken, (SELECT CAST(? AS text)) AS said (why)
                        """).param(event.id()).param(reason).update();
        return event;
    }

    private void makeDue(DomainEvent event) {
        jdbc.sql(
                        "UPDATE event_routes.delivery SET due_at = now() WHERE event_id = ? AND consumer_group = 'reward-workers'")
                .param(event.id())
                .update();
    }

    @Test
    void noneIsPaidWhoseVoidWasCommittedBeforeTheAttemptBeganAndNoVoidIsOverwritten() throws Exception {
        Map<UUID, Instant> voided = new ConcurrentHashMap<>();
        List<DomainEvent> events = new Races(pipeline, publisher)
                .run(
                        RACES,
                        this::byWebhook,
                        event -> Executors.callable(() -> takeBack(id(event), voided)),
                        event -> said(event).ledger().equals("delivered"));

        List<String> paid = webhooks.list().stream()
                .map(request -> request.body())
                .flatMap(body -> events.stream()
                        .filter(event -> body.contains(((RewardEarned) event.data()).userId()))
                        .map(event -> id(event).toString()))
                .toList();
        assertThat(paid).doesNotHaveDuplicates();
        for (DomainEvent event : events) {
            Said said = said(event);
            boolean wasPaid = paid.contains(id(event).toString());
            assertThat(said.status()).isEqualTo(said.lastError() == null && wasPaid ? "delivered" : "voided");
            assertThat(said.ledger()).isEqualTo(wasPaid ? "delivered" : "skipped");
            Instant committed = voided.get(id(event));
            if (committed != null && Objects.requireNonNull(said.begun()).isAfter(committed)) {
                assertThat(wasPaid)
                        .as("voided at %s, begun at %s", committed, said.begun())
                        .isFalse();
            }
            if (wasPaid && committed != null) {
                assertThat(said.lastError()).isEqualTo(TOO_LATE);
            }
        }
        assertThat(paid).as("both sides win some").hasSizeBetween(1, events.size() - 1);
    }

    /** As an application does: what has been delivered stays so. */
    private void takeBack(UUID reward, Map<UUID, Instant> voided) {
        int changed = jdbc.sql("UPDATE user_rewards SET status = 'voided' WHERE id = ? AND status <> 'delivered'")
                .param(reward)
                .update();
        if (changed > 0) {
            voided.put(
                    reward,
                    jdbc.sql("SELECT clock_timestamp()")
                            .query((row, n) -> row.getTimestamp(1).toInstant())
                            .single());
        }
    }

    private void set(DomainEvent event, String status) {
        jdbc.sql("UPDATE user_rewards SET status = ? WHERE id = ?")
                .param(status)
                .param(id(event))
                .update();
    }

    private DomainEvent byWebhook() {
        return campaign.rewardEarned(platform.inboxUrl() + PATH);
    }

    private static UUID id(DomainEvent event) {
        return UUID.fromString(((RewardEarned) event.data()).userRewardId());
    }

    private @Nullable String reason(DomainEvent event) {
        return jdbc.sql(
                        "SELECT reason FROM event_routes.delivery WHERE event_id = ? AND consumer_group = 'reward-workers'")
                .param(event.id())
                .query((row, n) -> String.valueOf(row.getString("reason")))
                .optional()
                .filter(reason -> !reason.equals("null"))
                .orElse(null);
    }

    private Said said(DomainEvent event) {
        return jdbc.sql("""
                        SELECT ur.status, ur.last_error, ur.delivered_at, d.status AS ledger, d.reason,
                               (SELECT max(a.started_at) FROM event_routes.delivery_attempt a WHERE a.delivery_id = d.id) AS begun
                        FROM user_rewards ur, event_routes.delivery d
                        WHERE ur.id = ? AND d.event_id = ? AND d.consumer_group = 'reward-workers'
                        """)
                .param(id(event))
                .param(event.id())
                .query(Said.class)
                .single();
    }
}
