package routes.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.TestPropertySource;
import routes.OnPlatform;
import routes.Pipeline;
import routes.SignedRequests;
import routes.TestCampaign;
import routes.dev.Platform;
import routes.dev.ReceivedWebhook;
import routes.dev.WebhookReceiver;
import routes.dev.WebhookReceiver.Answer;
import routes.event.DomainEvent;
import routes.event.EventData.RewardEarned;
import routes.event.EventPublisher;

/** Receivers of webhooks: each for itself, seen, disabled and enabled again. */
@OnPlatform
@ExtendWith(TestCampaign.OfEachTest.class)
// Longer than the quick ones take on a busy machine, or those that hang would have ended before them.
@TestPropertySource(properties = "webhooks.timeout=1m")
class WebhooksIT {

    private static final String PATH = "/webhooks/endpoint";

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

    private TestCampaign campaign;

    record Row(String status, @Nullable String reason, int attempts) {}

    record UserReward(
            String status, int deliveryAttempts, @Nullable String lastError) {}

    @AfterEach
    void cleanUp() {
        pipeline.awaitDrained(); // a call that fails writes a row
        jdbc.sql("DELETE FROM event_routes.webhook_endpoint").update();
    }

    @Test
    void receiversThatHangHoldUpNoOther() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        ExecutorService threads = Executors.newCachedThreadPool();
        HttpServer hanging = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        hanging.setExecutor(threads);
        hanging.createContext("/", exchange -> {
            exchange.getRequestBody().readAllBytes();
            try {
                release.await(50, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        hanging.start();
        try {
            // More of them than the group has workers, and more for each than it may have under way.
            List<DomainEvent> stuck = new ArrayList<>();
            for (int n = 0; n < 12; n++) {
                String url =
                        "http://127.0.0.1:%d/%d".formatted(hanging.getAddress().getPort(), n);
                campaign.webhook(url, "active", TestCampaign.SECRET);
                for (int i = 0; i < 4; i++) {
                    stuck.add(campaign.rewardEarned(url));
                }
            }
            publisher.publish(stuck);
            await().ignoreExceptions()
                    .untilAsserted(
                            () -> assertThat(delivery(stuck.get(0)).status()).isEqualTo("leased"));

            String well = platform.inboxUrl() + PATH;
            campaign.webhook(well, "active", TestCampaign.SECRET);
            List<DomainEvent> others = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                others.add(campaign.rewardEarned(well));
            }
            publisher.publish(others);

            await().until(() -> requests().size() == 40);
            assertThat(stuck)
                    .noneSatisfy(event -> assertThat(delivery(event).status()).isEqualTo("delivered"));
        } finally {
            release.countDown();
            pipeline.awaitDrained();
            hanging.stop(0);
            threads.shutdownNow();
        }
        assertThat(jdbc.sql(
                                "SELECT count(*) FROM event_routes.delivery"
                                        + " WHERE campaign_id = ? AND consumer_group = 'reward-workers' AND status = 'delivered' AND attempts = 1")
                        .param(campaign.id().toString())
                        .query(Integer.class)
                        .single())
                .as("waiting used up no attempt")
                .isEqualTo(12 * 4 + 40);
    }

    @Test
    void oneThatKeepsFailingIsLeftAloneAndShowsIt() throws Exception {
        webhooks.answer(PATH, Answer.of(500));
        UUID webhook = register(PATH);
        for (int i = 0; i < 3; i++) {
            publisher.publish(campaign.rewardEarned(platform.inboxUrl() + PATH));
        }

        JsonNode seen = await().ignoreExceptions().until(() -> webhook(webhook), its -> its.at("/here/state")
                .asText()
                .equals("open"));

        assertThat(seen.at("/here/cap").asInt()).isZero();
        assertThat(seen.at("/here/open_for_seconds").asInt()).isBetween(1, 6);
        assertThat(seen.get("failing_since").asText()).startsWith("20");
        await("the fifth may be about to be written")
                .until(() -> webhook(webhook).get("failures").asInt() >= 5);
        assertThat(seen.get("last_error").asText()).isEqualTo("the receiver answered 500");
        assertThat(pipeline.operation("webhooks?state=failing&campaign=" + campaign.id(), null)
                        .at("/webhooks/0/id")
                        .asText())
                .isEqualTo(webhook.toString());

        webhooks.answer(PATH, Answer.of(200));
        pipeline.operation("webhooks/" + webhook, "{\"action\":\"enable\",\"by\":\"ann\"}");
        pipeline.awaitDrained();
        assertThat(webhook(webhook).has("failing_since")).isFalse();
        assertThat(webhook(webhook).at("/here/state").asText()).isEqualTo("closed");
    }

    @Test
    void oneThatSucceedsAgainLeavesNothingOfItsFailures() throws Exception {
        webhooks.answer(PATH, Answer.of(500), Answer.of(200));
        UUID webhook = register(PATH);

        assertThat(delivery(earn())).isEqualTo(new Row("delivered", null, 2));

        await().until(() -> jdbc.sql("SELECT count(*) FROM event_routes.webhook_endpoint WHERE id = ?")
                        .param(webhook)
                        .query(Integer.class)
                        .single()
                == 0);
    }

    @Test
    void oneThatIsGoneIsDisabledUntilSomebodyEnablesItAndWhatFailedIsTriedAgain() throws Exception {
        webhooks.answer(PATH, Answer.of(410), Answer.of(200));
        UUID webhook = register(PATH);
        DomainEvent first = earn();
        DomainEvent second = earn();

        assertThat(delivery(first)).isEqualTo(new Row("failed", "the receiver answered 410", 1));
        assertThat(delivery(second).status()).isEqualTo("failed");
        assertThat(delivery(second).reason())
                .startsWith("the webhook was disabled since ")
                .contains("it answered 410 Gone");
        assertThat(userReward(second).status()).isEqualTo("failed");
        assertThat(userReward(second).lastError()).contains("answered 410 Gone");
        assertThat(requests()).hasSize(1);
        assertThat(webhook(webhook).get("disabled_because").asText()).isEqualTo("it answered 410 Gone");

        assertThat(pipeline.operation("webhooks/" + webhook, "{\"action\":\"retry\",\"by\":\"ann\"}")
                        .get("deliveries")
                        .asInt())
                .isEqualTo(2);
        JsonNode enabled = pipeline.operation("webhooks/" + webhook, "{\"action\":\"enable\",\"by\":\"ann\"}");
        assertThat(enabled.at("/webhook").has("disabled_at")).isFalse();
        JsonNode retried = pipeline.operation(
                "webhooks/" + webhook,
                "{\"action\":\"retry\",\"by\":\"ann\",\"dryRun\":false,\"since\":\"2020-01-01T00:00:00Z\"}");
        assertThat(retried.get("deliveries").asInt()).isEqualTo(2);
        pipeline.awaitDrained();

        assertThat(delivery(first).status()).isEqualTo("delivered");
        assertThat(delivery(second).status()).isEqualTo("delivered");
        assertThat(jdbc.sql(
                                "SELECT operation FROM event_routes.audit WHERE arguments ->> 'id' = ? OR arguments ->> 'webhook' = ?")
                        .params(webhook.toString(), webhook.toString())
                        .query(String.class)
                        .list())
                .containsExactlyInAnyOrder("webhooks.enable", "deliveries.retry");
    }

    @Test
    void oneThatIsGoneBeginsAnewWhenItsUrlIsCorrectedInTheSameRow() throws Exception {
        webhooks.answer(PATH, Answer.of(410));
        UUID webhook = register(PATH);
        DomainEvent gone = earn();
        assertThat(webhook(webhook).get("disabled_because").asText()).isEqualTo("it answered 410 Gone");
        String corrected = platform.inboxUrl() + "/webhooks/corrected";
        jdbc.sql("UPDATE webhooks SET url = ? WHERE id = ?")
                .params(corrected, webhook)
                .update();

        DomainEvent earned = campaign.rewardEarned(corrected);
        publisher.publish(earned);
        pipeline.awaitDrained();

        assertThat(delivery(gone).status()).isEqualTo("failed");
        assertThat(delivery(earned).status()).isEqualTo("delivered");
        assertThat(webhook(webhook).has("disabled_at")).isFalse();

        webhooks.answer("/webhooks/corrected", Answer.of(410));
        publisher.publish(campaign.rewardEarned(corrected));
        pipeline.awaitDrained();

        assertThat(webhook(webhook).get("disabled_because").asText()).isEqualTo("it answered 410 Gone");
    }

    @Test
    void theAttemptsAtAWebhookAreShownWithTheirTimeDurationCodeAndAnswer() throws Exception {
        webhooks.answer(
                PATH, new Answer(503, Map.of(), Duration.ofMillis(300)), new Answer(200, Map.of(), Duration.ZERO));
        UUID webhook = register(PATH);
        earn();

        JsonNode attempts = pipeline.operation("webhooks/" + webhook, null).get("attempts");

        assertThat(attempts).hasSize(2);
        assertThat(attempts.get(0).get("code").asText()).isEqualTo("200");
        assertThat(attempts.get(0).get("outcome").asText()).isEqualTo("delivered");
        assertThat(attempts.get(1).get("code").asText()).isEqualTo("503");
        assertThat(attempts.get(1).get("reason").asText()).isEqualTo("the receiver answered 503");
        assertThat(attempts.get(1).get("duration_ms").asLong()).isBetween(300L, 60_000L);
        assertThat(attempts.get(1).get("started_at").asText()).startsWith("20");
    }

    @Test
    void oneThatHasFailedForDaysIsWarnedOfAndThenDisabled() throws Exception {
        webhooks.answer(PATH, Answer.of(404));
        UUID webhook = register(PATH);
        hasFailed(webhook, "3 days", 20);

        earn();

        assertThat(webhook(webhook).get("warned").asInt()).isEqualTo(50);
        assertThat(pipeline.operate("metrics", null).body()).contains("domain_events_webhook_warnings_total");
        hasFailed(webhook, "121 hours", 40);
        DomainEvent last = earn();
        assertThat(webhook(webhook).get("disabled_because").asText())
                .startsWith("it has failed continuously for 5 d 1 h, in 4")
                .endsWith("the last: the receiver answered 404");
        assertThat(delivery(last).status()).isEqualTo("failed");
    }

    @Test
    void oneThatIsSeldomCalledIsNotDisabledAfterAFewFailures() throws Exception {
        webhooks.answer(PATH, Answer.of(404));
        UUID webhook = register(PATH);
        hasFailed(webhook, "30 days", 2);

        earn();

        assertThat(webhook(webhook).get("failures").asInt()).isBetween(3, 9);
        assertThat(webhook(webhook).get("warned").asInt()).isZero();
        assertThat(webhook(webhook).has("disabled_at")).isFalse();
    }

    @Test
    void aFailureAfterDaysOfSilenceIsCountedAsTheFirst() throws Exception {
        webhooks.answer(PATH, Answer.of(404));
        UUID webhook = register(PATH);
        hasFailed(webhook, "30 days", 40);
        jdbc.sql(
                        "UPDATE event_routes.webhook_endpoint SET updated_at = now() - interval '3 days', warned = 90 WHERE id = ?")
                .param(webhook)
                .update();

        earn();

        JsonNode seen = webhook(webhook);
        assertThat(seen.get("failures").asInt()).isBetween(1, 3);
        assertThat(seen.get("warned").asInt()).isZero();
        assertThat(seen.has("disabled_at")).isFalse();
        assertThat(Instant.parse(seen.get("failing_since").asText()))
                .isCloseTo(Instant.now(), within(1, ChronoUnit.MINUTES));
    }

    @Test
    void aRequestCarriesWhatStandardWebhooksAsksForAndNothingElse() throws Exception {
        register(PATH);
        earn();

        ReceivedWebhook request = requests().get(0);
        SignedRequests.requireNoOtherHeaders(request);
        assertThat(Instant.ofEpochSecond(Long.parseLong(request.headers().get("webhook-timestamp"))))
                .isCloseTo(Instant.now(), within(1, ChronoUnit.MINUTES));
    }

    @Test
    void aPayloadThatIsTooLargeIsRefused() throws Exception {
        register(PATH);

        DomainEvent large = earnWithNote(20_000);
        assertThat(delivery(large).status()).isEqualTo("failed");
        assertThat(delivery(large).reason()).contains("a webhook may carry fewer than 20000: reward_data is too large");
        assertThat(userReward(large).status()).isEqualTo("failed");

        int size = Integer.parseInt(
                String.valueOf(delivery(large).reason()).replaceAll(".*payload has (\\d+) bytes.*", "$1"));
        assertThat(delivery(earnWithNote(20_000 - (size - 20_000))).reason()).contains("the payload has 20000 bytes");
        assertThat(requests()).isEmpty();

        assertThat(delivery(earnWithNote(20_000 - (size - 20_000) - 1)).status())
                .isEqualTo("delivered");
    }

    private DomainEvent earnWithNote(int length) throws Exception {
        DomainEvent event = campaign.rewardEarned(platform.inboxUrl() + PATH);
        jdbc.sql("UPDATE user_rewards SET reward_data = jsonb_build_object('note', repeat('x', ?))"
                        + " WHERE id = CAST(? AS uuid)")
                .params(length, ((RewardEarned) event.data()).userRewardId())
                .update();
        publisher.publish(event);
        pipeline.awaitDrained();
        return event;
    }

    @Test
    void aRewardByHandWaitsForAPersonWhoMarksItAsDone() throws Exception {
        DomainEvent event = campaign.rewardByHand();
        publisher.publish(event);
        pipeline.awaitDrained();
        JsonNode waiting =
                pipeline.operation("deliveries?group=reward-workers&status=manual&campaign=" + campaign.id(), null);
        String id = waiting.at("/deliveries/0/id").asText();
        assertThat(userReward(event).status()).isEqualTo("pending");

        assertThat(pipeline.operate("deliveries/" + id, "{\"action\":\"done\",\"by\":\"ann\"}")
                        .statusCode())
                .as("without a reason")
                .isEqualTo(400);
        pipeline.operation(
                "deliveries/" + id, "{\"action\":\"done\",\"by\":\"ann\",\"reason\":\"had lunch on Friday\"}");

        assertThat(delivery(event)).isEqualTo(new Row("delivered", "done by operator: had lunch on Friday", 1));
        assertThat(userReward(event)).isEqualTo(new UserReward("delivered", 1, null));
        assertThat(jdbc.sql("SELECT who || ' ' || result FROM event_routes.audit"
                                + " WHERE operation = 'deliveries.done' AND arguments ->> 'id' = ?")
                        .param(id)
                        .query(String.class)
                        .single())
                .isEqualTo("operator was manual, is delivered");
        assertThat(pipeline.operate("deliveries/" + id, "{\"action\":\"done\",\"by\":\"ann\",\"reason\":\"again\"}")
                        .statusCode())
                .isEqualTo(409);
    }

    @Test
    void aMethodThatNobodyKnowsFailsInLedgerAndTable() throws Exception {
        DomainEvent event = campaign.rewardBy("pigeon");
        publisher.publish(event);
        pipeline.awaitDrained();

        assertThat(delivery(event).status()).isEqualTo("failed");
        assertThat(userReward(event))
                .isEqualTo(
                        new UserReward("failed", 1, "the reward's delivery_method must be email, webhook or manual"));
    }

    @Test
    void whatIsAskedWronglyIsToldWhatToWrite() throws Exception {
        assertThat(pipeline.operate("webhooks/none", null).body()).contains("id is not a UUID");
        assertThat(pipeline.operate("webhooks/" + UUID.randomUUID(), null).statusCode())
                .isEqualTo(404);
        assertThat(pipeline.operate("webhooks?state=open", null).body()).contains("write failing or disabled");
        UUID webhook = register(PATH);
        assertThat(pipeline.operate("webhooks/" + webhook, "{\"action\":\"open\"}")
                        .statusCode())
                .isEqualTo(400);
    }

    private UUID register(String path) {
        campaign.webhook(platform.inboxUrl() + path, "active", TestCampaign.SECRET);
        return jdbc.sql("SELECT id FROM webhooks WHERE campaign_id = ?")
                .param(campaign.id())
                .query(UUID.class)
                .single();
    }

    private DomainEvent earn() throws Exception {
        DomainEvent event = campaign.rewardEarned(platform.inboxUrl() + PATH);
        publisher.publish(event);
        pipeline.awaitDrained();
        return event;
    }

    private void hasFailed(UUID webhook, String since, int failures) {
        jdbc.sql("""
                        INSERT INTO event_routes.webhook_endpoint (id, failing_since, failures)
                        VALUES (:id, now() - CAST(:since AS interval), :failures)
                        ON CONFLICT (id) DO UPDATE
                        SET failing_since = excluded.failing_since, failures = excluded.failures
                        """)
                .param("id", webhook)
                .param("since", since)
                .param("failures", failures)
                .update();
    }

    private JsonNode webhook(UUID id) throws Exception {
        return pipeline.operation("webhooks/" + id, null).get("webhook");
    }

    private List<ReceivedWebhook> requests() {
        return webhooks.list().stream()
                .filter(request -> request.path().equals(PATH))
                .toList();
    }

    private Row delivery(DomainEvent event) {
        return jdbc.sql("SELECT status, reason, attempts FROM event_routes.delivery"
                        + " WHERE event_id = ? AND consumer_group = 'reward-workers'")
                .param(event.id())
                .query(Row.class)
                .single();
    }

    private UserReward userReward(DomainEvent event) {
        return jdbc.sql("SELECT status, delivery_attempts, last_error FROM user_rewards WHERE id = CAST(? AS uuid)")
                .param(((RewardEarned) event.data()).userRewardId())
                .query(UserReward.class)
                .single();
    }
}
