package routes.reward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
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
import routes.delivery.DeliverySettings;
import routes.dev.Platform;
import routes.dev.WebhookReceiver;
import routes.event.DomainEvent;
import routes.event.EventData.RewardEarned;
import routes.event.EventPublisher;
import routes.operation.Audit;
import routes.settings.Statements;

/** The operation {@code rewards}: many rewards held, released and voided at once. */
@OnPlatform
@ExtendWith(TestCampaign.OfEachTest.class)
class RewardOperationsIT {

    private static final String PATH = "/webhooks/rewards";
    private static final int RACES = Integer.getInteger("void.races", 240);

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
    private Statements statements;

    @Autowired
    private Audit audit;

    @Autowired
    private DeliverySettings deliveries;

    private TestCampaign campaign;

    /** What both sides say of an earned reward; {@code begun} is when its last attempt began, by the database's clock. */
    record Said(
            UUID id,
            String status,
            @Nullable String lastError,
            String ledger,
            @Nullable String reason,
            @Nullable Instant begun) {}

    @BeforeEach
    void prepare() {
        campaign.webhook(platform.inboxUrl() + PATH, "active", TestCampaign.SECRET);
    }

    @Test
    void rewardsAreChosenByWhatTheyBelongTo() throws Exception {
        RewardEarned cheats = earned();
        RewardEarned referred = earned();
        RewardEarned honest = earned();
        jdbc.sql(
                        "INSERT INTO referrals (id, campaign_id, referrer_id, referred_id) VALUES (?, ?, CAST(? AS uuid), CAST(? AS uuid))")
                .params(UUID.randomUUID(), campaign.id(), cheats.userId(), referred.userId())
                .update();
        jdbc.sql("UPDATE user_rewards SET created_at = '2026-01-01T00:00:00Z' WHERE id = CAST(? AS uuid)")
                .param(honest.userRewardId())
                .update();
        String all = "campaign=" + campaign.id();

        assertThat(found(all)).containsExactlyInAnyOrder(id(cheats), id(referred), id(honest));
        assertThat(found("referrer=" + cheats.userId())).containsExactlyInAnyOrder(id(cheats), id(referred));
        assertThat(found("person=" + referred.userId())).containsExactly(id(referred));
        assertThat(found("reward=" + honest.rewardId())).containsExactly(id(honest));
        assertThat(found("earned=" + cheats.userRewardId())).containsExactly(id(cheats));
        assertThat(found(all + "&from=2026-01-02T00:00:00Z")).containsExactlyInAnyOrder(id(cheats), id(referred));
        assertThat(found(all + "&from=2026-01-01T00:00:00Z&to=2026-01-01T00:00:01Z"))
                .containsExactly(id(honest));
        assertThat(found("referrer=" + cheats.userId() + "&person=" + honest.userId()))
                .isEmpty();
        JsonNode first = pipeline.operation("rewards?limit=2&" + all, null);
        assertThat(first.get("rewards")).hasSize(2);
        assertThat(pipeline.operation(
                                "rewards?limit=2&" + all + "&after="
                                        + first.get("next").asText(),
                                null)
                        .get("rewards"))
                .hasSize(1);
    }

    @Test
    void withoutSayingThatItIsMeantNothingIsChanged() throws Exception {
        hold("30d");
        DomainEvent held = publish();
        awaitState(held, "held");
        earned();

        JsonNode look = change("void", "", true);

        assertThat(look.get("dry_run").asBoolean()).isTrue();
        assertThat(look.get("rewards").asInt()).isEqualTo(2);
        assertThat(look.get("counts").toString())
                .isEqualTo("[{\"reward\":\"A reward\",\"state\":\"held\",\"rewards\":1},"
                        + "{\"reward\":\"A reward\",\"state\":\"not-recorded\",\"rewards\":1}]");
        assertThat(change("undo", "", true).get("rewards").asInt()).isZero();
        assertThat(state(held)).isEqualTo("held");
        assertThat(said(held).status()).isEqualTo("pending");
        assertThat(audited()).isEmpty();
    }

    @Test
    void moreThanWereShownAreNotChanged() throws Exception {
        earned();
        earned();
        String body =
                "{\"action\":\"void\",\"campaign\":\"%s\",\"reason\":\"a cheat\",\"dryRun\":false,\"expected\":%d}";

        HttpResponse<String> refused = pipeline.operate("rewards", body.formatted(campaign.id(), 1));

        assertThat(refused.statusCode()).isEqualTo(409);
        assertThat(refused.body()).contains("2 match, and 1 were shown: look again");
        assertThat(audited()).isEmpty();
        assertThat(pipeline.operation("rewards", body.formatted(campaign.id(), 2))
                        .get("rewards")
                        .asInt())
                .isEqualTo(2);
    }

    @Test
    void whatIsHeldByItsRewardIsReleasedEarly() throws Exception {
        hold("30d");
        DomainEvent event = publish();
        awaitState(event, "held");

        JsonNode released = change("release", "", false);
        pipeline.awaitDrained();

        assertThat(released.get("rewards").asInt()).isEqualTo(1);
        assertThat(released.get("left").asInt()).isZero();
        assertThat(said(event).ledger()).isEqualTo("delivered");
        assertThat(webhooks.list()).hasSize(1);
        assertThat(audited()).containsExactly("operator rewards.release: 1 changed, 0 under way");
    }

    @Test
    void whatAnOperatorHoldsWaitsUntilItIsReleasedAlsoIfItsEventComesLater() throws Exception {
        RewardEarned coming = earned();
        assertThat(change("hold", ",\"reason\":\"odd addresses\"", false)
                        .get("rewards")
                        .asInt())
                .isEqualTo(1);
        DomainEvent event = DomainEvent.now(coming);
        publisher.publish(event);
        pipeline.awaitRead();
        await().untilAsserted(() ->
                assertThat(said(event).reason()).isEqualTo("held until it is released, by operator: odd addresses"));
        assertThat(change("hold", "", true).get("rewards").asInt())
                .as("held already")
                .isZero();
        assertThat(webhooks.list()).isEmpty();

        change("release", "", false);
        pipeline.awaitDrained();

        assertThat(said(event).ledger()).isEqualTo("delivered");
        assertThat(change("release", "", true).get("rewards").asInt()).isZero();
    }

    @Test
    void anUndoneHoldLeavesTheOneThatTheRewardItselfHas() throws Exception {
        hold("30d");
        DomainEvent event = publish();
        awaitState(event, "held");
        String before = said(event).reason();
        change("hold", ",\"reason\":\"a look\"", false);
        assertThat(said(event).reason()).contains("by operator: a look");

        change("undo", "", false);

        await().untilAsserted(() -> assertThat(said(event).reason()).isEqualTo(before));
        assertThat(pipeline.changes(said(event).id()))
                .containsExactly("due, held by operator", "due, released by operator");
        assertThat(state(event)).isEqualTo("held");
        assertThat(webhooks.list()).isEmpty();
    }

    @Test
    void whatIsVoidedIsSkippedAndWhatIsDeliveredStaysSo() throws Exception {
        DomainEvent delivered = publish();
        pipeline.awaitDrained();
        DomainEvent byHand = campaign.rewardByHand();
        publisher.publish(byHand);
        awaitState(byHand, "manual");
        hold("30d");
        DomainEvent held = publish();
        awaitState(held, "held");
        RewardEarned unread = earned();

        JsonNode voided = change("void", ",\"reason\":\"one person\"", false);

        assertThat(voided.get("rewards").asInt()).isEqualTo(3);
        assertThat(voided.get("under_way").asInt()).isZero();
        assertThat(voided.get("left").asInt()).isZero();
        for (DomainEvent event : List.of(held, byHand)) {
            Said said = said(event);
            assertThat(said.status()).isEqualTo("voided");
            assertThat(said.ledger()).isEqualTo("skipped");
            assertThat(said.reason()).isEqualTo("voided by an operator: one person");
            assertThat(pipeline.changes(said(event).id())).containsExactly("skipped, voided by operator");
        }
        assertThat(said(delivered).status()).isEqualTo("delivered");
        assertThat(said(delivered).ledger()).isEqualTo("delivered");
        DomainEvent late = DomainEvent.now(unread);
        publisher.publish(late);
        pipeline.awaitDrained();
        assertThat(said(late).reason()).isEqualTo("user_rewards.status is voided");
        assertThat(webhooks.list()).hasSize(1);
        assertThat(audited()).containsExactly("operator rewards.void: 3 changed, 0 under way");
    }

    @Test
    void anAddressInAReasonIsMaskedWhereverItIsKept() throws Exception {
        hold("30d");
        DomainEvent held = publish();
        awaitState(held, "held");

        change("hold", ",\"reason\":\"asked by eve@example.com\"", false);

        assertThat(jdbc.sql("SELECT arguments ->> 'reason' FROM event_routes.audit WHERE arguments ->> 'campaign' = ?")
                        .param(campaign.id().toString())
                        .query(String.class)
                        .single())
                .isEqualTo("asked by e***@example.com");
        assertThat(said(held).reason()).isEqualTo("held until it is released, by operator: asked by e***@example.com");
        assertThat(jdbc.sql("SELECT because FROM event_routes.reward_hold WHERE user_reward_id = CAST(? AS uuid)")
                        .param(((RewardEarned) held.data()).userRewardId())
                        .query(String.class)
                        .single())
                .isEqualTo("by operator: asked by e***@example.com");
    }

    @Test
    void nothingIsVoidedWhereVoidedIsAStatusThatIsDelivered() {
        RewardOperations operations =
                new RewardOperations(statements, audit, new RewardSettings(List.of("pending", "voided")), deliveries);

        assertThatThrownBy(() -> operations.change(
                        Map.of("campaign", campaign.id().toString()), "void", null, "operator", "a mistake"))
                .hasMessageContaining("voided is one of REWARD_STATUSES");
    }

    @Test
    void whatIsUnderWayIsSaidToBeAndItsOutcomeSaysThatItWasTooLate() throws Exception {
        webhooks.answer(PATH, new WebhookReceiver.Answer(200, Map.of(), Duration.ofSeconds(3)));
        DomainEvent event = publish();
        await().until(() -> !webhooks.list().isEmpty());

        JsonNode voided = change("void", ",\"reason\":\"too late\"", false);
        pipeline.awaitDrained();

        assertThat(voided.get("under_way").asInt()).isEqualTo(1);
        assertThat(said(event).status()).isEqualTo("voided");
        assertThat(said(event).lastError()).isEqualTo("voided too late: it has been delivered");
        assertThat(said(event).ledger()).isEqualTo("delivered");
    }

    @Test
    void manyAreChangedInPagesAndWhatIsLockedIsLeft() throws Exception {
        RewardEarned one = earned();
        jdbc.sql(
                        "INSERT INTO user_rewards (id, user_id, campaign_id, reward_id)"
                                + " SELECT gen_random_uuid(), CAST(? AS uuid), ?, CAST(? AS uuid) FROM generate_series(1, 1500)")
                .params(one.userId(), campaign.id(), one.rewardId())
                .update();
        assertThat(change("hold", ",\"reason\":\"many\"", false).get("rewards").asInt())
                .isEqualTo(1501);
        assertThat(change("undo", "", true).get("rewards").asInt()).isEqualTo(1501);

        try (var application = platform.database().dataSource().getConnection();
                var lock = application.prepareStatement(
                        "UPDATE user_rewards SET last_error = 'x' WHERE id = CAST(? AS uuid)")) {
            application.setAutoCommit(false);
            lock.setString(1, one.userRewardId());
            lock.executeUpdate();
            JsonNode voided = change("void", ",\"reason\":\"many\"", false);
            assertThat(voided.get("rewards").asInt()).isEqualTo(1500);
            assertThat(voided.get("left").asInt()).isEqualTo(1);
            application.rollback();
        }
        assertThat(change("void", ",\"reason\":\"the rest\"", false)
                        .get("rewards")
                        .asInt())
                .isEqualTo(1);
        assertThat(audited())
                .startsWith(
                        "operator rewards.hold: 1000 changed, 0 under way",
                        "operator rewards.hold: 501 changed, 0 under way")
                .endsWith("operator rewards.void: 1 changed, 0 under way")
                .as("two pages, and the one that was locked")
                .hasSize(5);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    400 | {"action":"void","reason":"x","dryRun":"false"}                         | campaign, referrer, person, reward, earned are missing
                    400 | {"action":"void","from":"2026-01-01T00:00:00Z"}                         | are missing
                    400 | {"action":"pay","campaign":"CAMPAIGN"}                                  | action is unknown: write hold or release or undo or void
                    400 | {"campaign":"CAMPAIGN"}                                                 | action is missing
                    400 | {"action":"void","campaign":"all"}                                      | campaign is not a UUID
                    400 | {"action":"void","campaign":"CAMPAIGN","dryRun":"false"}                | reason is missing
                    400 | {"action":"hold","campaign":"CAMPAIGN","dryRun":"false","reason":" "}   | reason is missing
                    400 | {"action":"void","campaign":"CAMPAIGN","dryRun":"maybe"}                | dryRun is unknown
                    400 | {"action":"void","campaign":"CAMPAIGN","to":"yesterday"}                | to is not a timestamp
                    404 | {"action":"void","campaign":"00000000-0000-4000-8000-00000000dead"}     | there is no campaign
                    404 | {"action":"void","campaign":"CAMPAIGN","person":"00000000-0000-4000-8000-00000000dead"} | there is no person
                    400 | {"action":"void","campaign":"CAMPAIGN","person":"10000000-0000-4000-8000-000000000001"} | campaign and person are of different campaigns
                    400 | {"action":"void","reward":"REWARD","referrer":"10000000-0000-4000-8000-000000000001"}   | referrer and reward are of different campaigns
                    """)
    void whatIsAskedWronglyIsRefusedAndChangesNothing(int status, String body, String says) throws Exception {
        RewardEarned reward = earned();

        HttpResponse<String> refused = pipeline.operate(
                "rewards", body.replace("CAMPAIGN", campaign.id().toString()).replace("REWARD", reward.rewardId()));

        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(status);
        assertThat(refused.body()).contains(says);
        assertThat(change("void", "", true).get("rewards").asInt()).isEqualTo(1);
        assertThat(audited()).isEmpty();
    }

    @Test
    void noneIsPaidWhoseVoidWasCommittedBeforeItsAttemptBegan() throws Exception {
        Map<UUID, Instant> voided = new ConcurrentHashMap<>();
        Map<UUID, Boolean> underWay = new ConcurrentHashMap<>();
        List<DomainEvent> events = new Races(pipeline, publisher)
                .run(
                        RACES,
                        () -> DomainEvent.now(earned()),
                        event -> () -> voidOne(event, voided, underWay),
                        event -> said(event).ledger().equals("delivered"));

        List<UUID> paid = webhooks.list().stream()
                .map(request -> request.body())
                .flatMap(body -> events.stream()
                        .filter(event -> body.contains(((RewardEarned) event.data()).userId()))
                        .map(event -> id((RewardEarned) event.data())))
                .toList();
        assertThat(paid).doesNotHaveDuplicates();
        for (DomainEvent event : events) {
            UUID id = id((RewardEarned) event.data());
            Said said = said(event);
            Instant committed = voided.get(id);
            assertThat(said.status()).isEqualTo(committed == null ? "delivered" : "voided");
            assertThat(said.ledger()).isEqualTo(paid.contains(id) ? "delivered" : "skipped");
            if (committed != null && paid.contains(id)) {
                assertThat(underWay.get(id)).as("told to the operator").isTrue();
                assertThat(said.lastError()).isEqualTo("voided too late: it has been delivered");
                assertThat(said.begun()).isBefore(committed);
            }
        }
        assertThat(paid).as("both sides win some").hasSizeBetween(1, events.size() - 1);
    }

    private @Nullable Void voidOne(DomainEvent event, Map<UUID, Instant> voided, Map<UUID, Boolean> underWay)
            throws Exception {
        RewardEarned reward = (RewardEarned) event.data();
        JsonNode done;
        do {
            done = pipeline.operation(
                    "rewards",
                    "{\"action\":\"void\",\"reason\":\"a race\",\"dryRun\":\"false\",\"earned\":\"%s\"}"
                            .formatted(reward.userRewardId()));
            if (done.get("rewards").asInt() == 1) {
                underWay.put(id(reward), done.get("under_way").asInt() == 1);
                voided.put(
                        id(reward),
                        jdbc.sql("SELECT clock_timestamp()")
                                .query((row, n) -> row.getTimestamp(1).toInstant())
                                .single());
            }
        } while (done.get("left").asInt() > 0);
        return null;
    }

    private void hold(String hold) {
        jdbc.sql(
                        "UPDATE campaigns SET referral_config = jsonb_build_object('reward_hold', CAST(? AS text)) WHERE id = ?")
                .params(hold, campaign.id())
                .update();
    }

    private DomainEvent publish() throws Exception {
        DomainEvent event = DomainEvent.now(earned());
        publisher.publish(event);
        return event;
    }

    private RewardEarned earned() {
        return (RewardEarned) campaign.rewardEarned(platform.inboxUrl() + PATH).data();
    }

    private JsonNode change(String action, String more, boolean dryRun) throws Exception {
        return pipeline.operation(
                "rewards",
                "{\"action\":\"%s\",\"campaign\":\"%s\",\"dryRun\":\"%s\"%s}"
                        .formatted(action, campaign.id(), dryRun, more));
    }

    private List<UUID> found(String query) throws Exception {
        return pipeline.operation("rewards?" + query, null).get("rewards").findValuesAsText("id").stream()
                .map(UUID::fromString)
                .toList();
    }

    private void awaitState(DomainEvent event, String state) {
        await().untilAsserted(() -> assertThat(state(event)).isEqualTo(state));
    }

    private String state(DomainEvent event) throws Exception {
        return pipeline.operation("rewards?earned=" + ((RewardEarned) event.data()).userRewardId(), null)
                .at("/rewards/0/state")
                .asText();
    }

    private static UUID id(RewardEarned reward) {
        return UUID.fromString(reward.userRewardId());
    }

    private Said said(DomainEvent event) {
        return jdbc.sql("""
                        SELECT d.id, ur.status, ur.last_error, d.status AS ledger, d.reason,
                               (SELECT max(a.started_at) FROM event_routes.delivery_attempt a WHERE a.delivery_id = d.id) AS begun
                        FROM user_rewards ur, event_routes.delivery d
                        WHERE ur.id = ? AND d.event_id = ? AND d.consumer_group = 'reward-workers'
                        """)
                .params(id((RewardEarned) event.data()), event.id())
                .query(Said.class)
                .single();
    }

    private List<String> audited() {
        return jdbc.sql(
                        "SELECT who, operation, result FROM event_routes.audit WHERE arguments ->> 'campaign' = ? ORDER BY id")
                .param(campaign.id().toString())
                .query((row, n) -> "%s %s: %s".formatted(row.getString(1), row.getString(2), row.getString(3)))
                .list();
    }
}
