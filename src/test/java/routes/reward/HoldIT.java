package routes.reward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.jdbc.core.simple.JdbcClient;
import routes.OnPlatform;
import routes.Pipeline;
import routes.TestCampaign;
import routes.delivery.LedgerUpkeep;
import routes.dev.Inbox;
import routes.dev.Platform;
import routes.dev.WebhookReceiver;
import routes.event.DomainEvent;
import routes.event.EventData.RewardEarned;
import routes.event.EventPublisher;

/** Rewards that wait before they are delivered. */
@OnPlatform
@ExtendWith(TestCampaign.OfEachTest.class)
class HoldIT {

    private static final String PATH = "/webhooks/held";

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
    private RewardHolds holds;

    @Autowired
    private LedgerUpkeep ledger;

    @Autowired
    private MeterRegistry metrics;

    @Value("${local.management.port}")
    private int port;

    private TestCampaign campaign;

    /** A delivery of reward-workers, with what the application sees. */
    record Stands(
            UUID id,
            String status,
            @Nullable String reason,
            @Nullable String waitsFor,
            @Nullable Instant dueAt,
            int attempts,
            String toTheApplication,
            @Nullable String lastError,
            @Nullable Instant deliveredAt) {}

    @BeforeEach
    void prepare() {
        campaign.webhook(platform.inboxUrl() + PATH, "active", TestCampaign.SECRET);
    }

    @Test
    void aHeldRewardIsAnnouncedAndVisibleAndUsesUpNoAttempt() throws Exception {
        DomainEvent event = held("7d", earned());
        publisher.publish(event);
        Stands held = awaitHeld(event);

        Instant end = event.timestamp().plus(Duration.ofDays(7));
        assertThat(held.status()).isEqualTo("due");
        assertThat(held.dueAt()).isCloseTo(end, within(1, ChronoUnit.MINUTES));
        assertThat(held.reason()).isEqualTo("held until " + end.truncatedTo(ChronoUnit.SECONDS));
        assertThat(held.attempts()).isZero();
        assertThat(held.toTheApplication()).isEqualTo("pending");
        await().until(() -> inbox.list().size() == 1);
        assertThat(webhooks.list()).isEmpty();

        assertThat(pipeline.operation("deliveries?waitsFor=hold&campaign=" + campaign.id(), null)
                        .get("deliveries")
                        .findValuesAsText("id"))
                .containsExactly(held.id().toString());
        assertThat(pipeline.operation("deliveries?waitsFor=smtp&campaign=" + campaign.id(), null)
                        .get("deliveries"))
                .isEmpty();
        JsonNode explained = pipeline.operation("events/" + event.id(), null);
        assertThat(explained.findValuesAsText("waits")).containsExactly(held.reason());
        await().untilAsserted(() -> {
            assertThat(figure("held")).isEqualTo(1);
            assertThat(figure("due")).as("it is due, too").isEqualTo(1);
        });
    }

    @Test
    void itIsDeliveredWhenItsTimeHasCome() throws Exception {
        DomainEvent event = held("7d", earnedLongAgo());
        publisher.publish(event);
        awaitHeld(event);
        letItsTimeComeIn(2, event);
        pipeline.awaitDrained();

        Stands done = stands(event);
        assertThat(done.status()).isEqualTo("delivered");
        assertThat(done.attempts()).isEqualTo(1);
        assertThat(done.toTheApplication()).isEqualTo("delivered");
        assertThat(webhooks.list()).hasSize(1);
        assertThat(done.deliveredAt()).isAfter(created(event).plus(Duration.ofDays(7)));
    }

    @Test
    void whatIsTakenBackMeanwhileIsNotDelivered() throws Exception {
        DomainEvent event = held("7d", earnedLongAgo());
        publisher.publish(event);
        awaitHeld(event);
        jdbc.sql("UPDATE user_rewards SET status = 'voided' WHERE id = ?")
                .param(id(event))
                .update();
        letItsTimeComeIn(1, event);
        pipeline.awaitDrained();

        assertThat(stands(event).reason()).isEqualTo("user_rewards.status is voided");
        assertThat(webhooks.list()).isEmpty();
    }

    @Test
    void aCampaignsHoldIsForTheRewardsThatSayNothingThemselves() throws Exception {
        jdbc.sql("UPDATE campaigns SET referral_config = '{\"reward_hold\": \"P30D\"}' WHERE id = ?")
                .param(campaign.id())
                .update();
        DomainEvent asTheCampaign = earned();
        DomainEvent atOnce = held("0s", earned());
        publisher.publish(List.of(asTheCampaign, atOnce));

        Stands held = awaitHeld(asTheCampaign);
        assertThat(held.dueAt())
                .isCloseTo(asTheCampaign.timestamp().plus(Duration.ofDays(30)), within(1, ChronoUnit.MINUTES));
        await().untilAsserted(() -> assertThat(stands(atOnce).status()).isEqualTo("delivered"));
    }

    @Test
    void neitherARetryNorAReplayNorAnEarlyTimestampChangesWhenItEnds() throws Exception {
        DomainEvent event = held("7d", earned());
        publisher.publish(event);
        Instant end = awaitHeld(event).dueAt();

        pipeline.operation("deliveries/" + stands(event).id(), "{\"action\":\"retry\",\"by\":\"ann\"}");
        assertThat(awaitHeld(event).dueAt()).as("retried").isCloseTo(end, within(1, ChronoUnit.MINUTES));

        jdbc.sql("DELETE FROM event_routes.delivery WHERE event_id = ?")
                .param(event.id())
                .update();
        publisher.publish(event);
        assertThat(awaitHeld(event).dueAt()).as("its row was gone").isCloseTo(end, within(1, ChronoUnit.MINUTES));

        DomainEvent early = held("7d", earnedLongAgo());
        publisher.publish(early);
        assertThat(awaitHeld(early).dueAt())
                .isCloseTo(created(early).plus(Duration.ofDays(7)), within(1, ChronoUnit.MINUTES));
    }

    @Test
    void aHoldThatIsNonsenseFailsAndPaysNothing() throws Exception {
        DomainEvent event = held("91d", earned());
        publisher.publish(event);
        pipeline.awaitDrained();

        Stands failed = stands(event);
        assertThat(failed.status()).isEqualTo("failed");
        assertThat(failed.reason())
                .isEqualTo("the reward's delivery_config.hold is \"91d\": it must be a duration from 0 to 90 days,"
                        + " such as 36h, 7d or P7D");
        assertThat(failed.toTheApplication()).isEqualTo("failed");
        assertThat(failed.lastError()).isEqualTo(failed.reason());
        assertThat(webhooks.list()).isEmpty();
    }

    @Test
    void thePageOfDeliveriesShowsWhatIsHeld() throws Exception {
        DomainEvent event = held("7d", earned());
        publisher.publish(event);
        Stands held = awaitHeld(event);

        HttpResponse<String> page = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://localhost:%s/deliveries?waitsFor=hold&campaign=%s"
                                        .formatted(port, campaign.id())))
                                .header("Authorization", pipeline.login())
                                .build(),
                        BodyHandlers.ofString());

        assertThat(page.body()).contains("value=\"hold\" checked", held.id().toString(), held.reason());
    }

    @Test
    void whatWasSaidOfADeliveredRewardIsForgottenInTheEnd() {
        UUID gone = UUID.randomUUID();
        UUID lately = UUID.randomUUID();
        UUID waits = id(held("30d", earned()));
        UUID delivered = id(held("30d", earned()));
        jdbc.sql("UPDATE user_rewards SET status = 'delivered' WHERE id = ?")
                .param(delivered)
                .update();
        Duration age = Duration.ofSeconds(ledger.purgeAfter());
        Map.of(
                        gone,
                        age.plusMinutes(1),
                        lately,
                        age.minusMinutes(1),
                        waits,
                        age.plusDays(1),
                        delivered,
                        age.plusDays(1))
                .forEach((reward, ago) -> jdbc.sql(
                                "INSERT INTO event_routes.reward_hold (user_reward_id, released, because, created_at)"
                                        + " VALUES (?, false, 'we look at it', now() - make_interval(secs => ?))")
                        .params(reward, ago.toSeconds())
                        .update());

        holds.purge();

        assertThat(jdbc.sql("SELECT user_reward_id FROM event_routes.reward_hold WHERE user_reward_id IN (?, ?, ?, ?)")
                        .params(gone, lately, waits, delivered)
                        .query(UUID.class)
                        .list())
                .containsExactlyInAnyOrder(lately, waits);
        jdbc.sql("DELETE FROM event_routes.reward_hold WHERE user_reward_id IN (?, ?)")
                .params(lately, waits)
                .update();
    }

    /** A reward by webhook, earned now. */
    private DomainEvent earned() {
        return DomainEvent.now(campaign.rewardEarned(platform.inboxUrl() + PATH).data());
    }

    /** By the event; its row is new. */
    private DomainEvent earnedLongAgo() {
        DomainEvent event = earned();
        return new DomainEvent(event.id(), event.accountId(), event.data(), Instant.parse("2000-01-01T00:00:00Z"));
    }

    /** Its row becomes older, instead of a hold that may be over before anybody has seen it, and it is looked at again. */
    private void letItsTimeComeIn(int seconds, DomainEvent event) {
        jdbc.sql(
                        "UPDATE user_rewards SET created_at = now() - interval '7 days' + make_interval(secs => ?) WHERE id = ?")
                .params(seconds, id(event))
                .update();
        jdbc.sql("UPDATE event_routes.delivery SET due_at = now()"
                        + " WHERE event_id = ? AND consumer_group = 'reward-workers' AND status = 'due'")
                .param(event.id())
                .update();
    }

    private DomainEvent held(String hold, DomainEvent event) {
        jdbc.sql("UPDATE rewards SET delivery_config = delivery_config || jsonb_build_object('hold', CAST(? AS text))"
                        + " WHERE id = CAST(? AS uuid)")
                .params(hold, ((RewardEarned) event.data()).rewardId())
                .update();
        return event;
    }

    private static UUID id(DomainEvent event) {
        return UUID.fromString(((RewardEarned) event.data()).userRewardId());
    }

    private Instant created(DomainEvent event) {
        return jdbc.sql("SELECT created_at FROM user_rewards WHERE id = ?")
                .param(id(event))
                .query((row, n) -> row.getTimestamp(1).toInstant())
                .single();
    }

    private Stands awaitHeld(DomainEvent event) {
        return await().until(() -> find(event), found -> found.stream().anyMatch(one -> "hold".equals(one.waitsFor())))
                .get(0);
    }

    private Stands stands(DomainEvent event) {
        List<Stands> found = find(event);
        assertThat(found).as("recorded").isNotEmpty();
        return found.get(0);
    }

    private List<Stands> find(DomainEvent event) {
        return jdbc.sql("""
                        SELECT d.id, d.status, d.reason, d.waits_for, d.due_at, d.attempts,
                               ur.status AS to_the_application, ur.last_error, ur.delivered_at
                        FROM event_routes.delivery d, user_rewards ur
                        WHERE d.event_id = ? AND d.consumer_group = 'reward-workers' AND ur.id = ?
                        """).params(event.id(), id(event)).query(Stands.class).list();
    }

    private double figure(String status) {
        Gauge gauge = metrics.find("deliveries")
                .tags("group", "reward-workers", "status", status)
                .gauge();
        return gauge == null ? -1 : gauge.value();
    }
}
