package routes.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import routes.HesitantReceiver;
import routes.OnPlatform;
import routes.Pipeline;
import routes.TestCampaign;
import routes.Unhurried;
import routes.dev.Inbox;
import routes.dev.Platform;
import routes.dev.ReceivedWebhook;
import routes.dev.WebhookReceiver;
import routes.dev.WebhookReceiver.Answer;
import routes.event.DomainEvent;
import routes.event.EventData.RewardEarned;
import routes.event.EventData.UserSignedUp;
import routes.event.EventPublisher;
import routes.event.EventType;
import routes.event.Events;

/** What happens to a delivery whose effect does not succeed at once. */
@OnPlatform
@ExtendWith(TestCampaign.OfEachTest.class)
class RetryIT {

    private static final String PATH = "/webhooks/retried";
    private static final String ELSEWHERE = "/webhooks/elsewhere";

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

    private TestCampaign campaign;

    record Row(UUID id, String status, @Nullable String reason, int attempts) {}

    record Attempt(@Nullable String outcome, @Nullable String code) {}

    record UserReward(
            String status, int deliveryAttempts, @Nullable String lastError) {}

    @Test
    void aRowThatTheApplicationHoldsHoldsUpNoOutcomeAndHearsOfItLater() throws Exception {
        try (HesitantReceiver receiver = HesitantReceiver.start();
                Connection application = platform.database().dataSource().getConnection()) {
            campaign.webhook(receiver.url(), "active", TestCampaign.SECRET);
            DomainEvent event = campaign.rewardEarned(receiver.url());
            UUID reward = UUID.fromString(((RewardEarned) event.data()).userRewardId());
            jdbc.sql("UPDATE user_rewards SET last_error = 'of before' WHERE id = ?")
                    .param(reward)
                    .update();
            application.setAutoCommit(false);
            publisher.publish(event);
            await().until(() -> receiver.requests() == 1);
            try (PreparedStatement lock =
                    application.prepareStatement("SELECT FROM user_rewards WHERE id = ? FOR UPDATE")) {
                lock.setObject(1, reward);
                lock.execute();
            }
            receiver.answer();

            await().until(() -> jdbc.sql("SELECT count(*) FROM event_routes.delivery WHERE event_id = ?"
                            + " AND consumer_group = 'reward-workers' AND status = 'delivered'")
                    .param(event.id())
                    .query(Integer.class)
                    .single()
                    .equals(1));
            application.rollback();
            await().until(() -> jdbc.sql("SELECT count(*) FROM user_rewards WHERE id = ? AND last_error IS NULL")
                    .param(reward)
                    .query(Integer.class)
                    .single()
                    .equals(1));
            await().untilAsserted(() -> assertThat(jdbc.sql("SELECT count(*) FROM event_routes.untold_outcome u"
                                    + " JOIN event_routes.delivery d ON d.id = u.delivery_id WHERE d.event_id = ?")
                            .param(event.id())
                            .query(Integer.class)
                            .single())
                    .isZero());
        }
    }

    /** The begin of an attempt does not wait for the disk: a killed server may forget it while the receiver works. */
    @Test
    void anAttemptWhoseBeginningTheDatabaseLostIsCountedAndTheApplicationHearsOfIt() throws Exception {
        try (HesitantReceiver receiver = HesitantReceiver.start();
                Connection application = platform.database().dataSource().getConnection()) {
            campaign.webhook(receiver.url(), "active", TestCampaign.SECRET);
            DomainEvent event = campaign.rewardEarned(receiver.url());
            application.setAutoCommit(false);
            publisher.publish(event);
            await().until(() -> receiver.requests() == 1);
            jdbc.sql(
                            "UPDATE event_routes.delivery SET attempts = 0 WHERE event_id = ? AND consumer_group = 'reward-workers'")
                    .param(event.id())
                    .update();
            try (PreparedStatement lock =
                    application.prepareStatement("SELECT FROM user_rewards WHERE id = ? FOR UPDATE")) {
                lock.setObject(1, UUID.fromString(((RewardEarned) event.data()).userRewardId()));
                lock.execute();
            }
            receiver.answer();
            await().until(() -> delivery(event).status().equals("delivered"));
            application.rollback();

            assertThat(delivery(event).attempts()).isEqualTo(1);
            await().untilAsserted(() -> assertThat(userReward(event).status()).isEqualTo("delivered"));
        }
    }

    @Test
    void aMailIsTriedAgainUntilTheServerIsBackAndArrivesOnce() throws Exception {
        DomainEvent event = Events.signedUp(Events.email());
        try (Unhurried deliveries = Unhurried.deliveriesOf(event, jdbc)) {
            platform.mail().kill();
            try {
                publisher.publish(event);
                await().until(() -> attempts(event, "email-workers").contains(new Attempt("due", null)));
            } finally {
                platform.mail().restart();
            }
        }
        pipeline.awaitDrained();

        Row delivery = delivery(event, "email-workers");
        assertThat(delivery.status()).isEqualTo("delivered");
        List<Attempt> attempts = attempts(event, "email-workers");
        assertThat(attempts).hasSizeBetween(2, 5).hasSize(delivery.attempts()).endsWith(new Attempt("delivered", null));
        assertThat(attempts.subList(0, attempts.size() - 1)).containsOnly(new Attempt("due", null));
        assertThat(inbox.list())
                .filteredOn(mail -> mail.to().equals(((UserSignedUp) event.data()).email()))
                .singleElement()
                .satisfies(mail ->
                        assertThat(mail.messageId()).contains(delivery.id().toString()));
    }

    @Test
    void aWebhookIsTriedAgainUnderTheSameIdUntilItsReceiverAccepts() throws Exception {
        webhooks.answer(PATH, Answer.of(503), Answer.of(200));

        DomainEvent event = earnReward();

        assertThat(requests()).hasSize(2);
        assertThat(requests())
                .extracting(request -> header(request, "webhook-id"))
                .containsOnly("msg_" + delivery(event).id());
        assertThat(requests()).allSatisfy(request -> assertThat(Long.parseLong(header(request, "webhook-timestamp")))
                .isBetween(
                        request.received().getEpochSecond() - 60,
                        request.received().getEpochSecond()));
        assertThat(attempts(event, "reward-workers"))
                .containsExactly(new Attempt("due", "503"), new Attempt("delivered", "200"));
        assertThat(userReward(event)).isEqualTo(new UserReward("delivered", 2, null));
    }

    @Test
    void aReceiverThatAsksForAPauseIsLeftAloneForThatLong() throws Exception {
        webhooks.answer(PATH, new Answer(429, Map.of("Retry-After", "2"), Duration.ZERO), Answer.of(200));

        DomainEvent event = earnReward();

        assertThat(requests()).hasSize(2);
        assertThat(Duration.between(
                        requests().get(1).received(), requests().get(0).received()))
                .isBetween(Duration.ofSeconds(2), Duration.ofSeconds(30));
        assertThat(userReward(event).status()).isEqualTo("delivered");
    }

    /** A redirect or a refusal may be a mistake that somebody fixes; gone is permanent. */
    @ParameterizedTest
    @CsvSource({"302, 3", "307, 3", "404, 3", "401, 3", "410, 1"})
    void anAnswerThatIsFinalEndsTheDeliveryAfterSoManyAttempts(int code, int attempts) throws Exception {
        webhooks.answer(PATH, new Answer(code, Map.of("Location", platform.inboxUrl() + ELSEWHERE), Duration.ZERO));

        DomainEvent event = earnReward();

        assertThat(delivery(event).status()).isEqualTo("failed");
        assertThat(delivery(event).reason()).contains(String.valueOf(code));
        assertThat(userReward(event).status()).isEqualTo("failed");
        assertThat(userReward(event).lastError()).contains(String.valueOf(code));
        assertThat(webhooks.list())
                .as("requests, none of which followed a redirect")
                .hasSameSizeAs(requests());
        assertThat(requests()).hasSize(attempts);
    }

    /** Bytes that PostgreSQL accepts in no text. The receiver must not be called forever because its answer cannot be stored. */
    @ParameterizedTest
    @ValueSource(ints = {404, 503})
    void anAnswerThatNoColumnTakesIsWrittenDownAllTheSame(int code) throws Exception {
        AtomicInteger requests = new AtomicInteger();
        byte[] noText = ("\u0000 \u0001 grace.hopper@example.com " + "x".repeat(157) + "\ud83d\ude00 \r\n")
                .getBytes(StandardCharsets.UTF_8);
        noText[1] = (byte) 0xff;
        HttpServer receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        receiver.createContext("/", exchange -> {
            requests.incrementAndGet();
            exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(code, noText.length);
            exchange.getResponseBody().write(noText);
            exchange.close();
        });
        receiver.start();
        try {
            String url = "http://127.0.0.1:%d/".formatted(receiver.getAddress().getPort());
            campaign.webhook(url, "active", TestCampaign.SECRET);

            DomainEvent event = publish(campaign.rewardEarned(url));

            assertThat(delivery(event).status()).isEqualTo("failed");
            assertThat(delivery(event).reason()).contains("g***@example.com");
            assertThat(attempts(event, "reward-workers"))
                    .hasSize(requests.get())
                    .extracting(Attempt::code)
                    .containsOnly(String.valueOf(code));
            assertThat(userReward(event).status()).isEqualTo("failed");
            assertThat(userReward(event).lastError())
                    .as("only operators may read the answer")
                    .endsWith("the receiver answered " + code);
        } finally {
            receiver.stop(0);
        }
    }

    @Test
    void aScheduleThatHasComeToItsEndFailsTheDelivery() throws Exception {
        webhooks.answer(PATH, Answer.of(503));

        DomainEvent event = earnReward();

        assertThat(requests()).hasSize(5);
        assertThat(delivery(event).status()).isEqualTo("failed");
        assertThat(delivery(event).reason())
                .startsWith("gave up after 5 attempts: ")
                .contains("503");
        assertThat(userReward(event).status()).isEqualTo("failed");
        assertThat(userReward(event).deliveryAttempts()).isEqualTo(5);
    }

    @Test
    void aRowOfATypeThatItsGroupDoesNotDeliverFailsAndIsNotTriedForEver() {
        UUID row = UUID.randomUUID();
        try {
            jdbc.sql("""
                            INSERT INTO event_routes.delivery (id, consumer_group, idempotency_key, event_id, event_type,
                                campaign_id, event, status, due_at)
                            VALUES (:id, 'reward-workers', CAST(:id AS text), 'some', 'user.signed_up', 'some',
                                CAST(:event AS jsonb), 'due', now())
                            """)
                    .param("id", row)
                    .param(
                            "event",
                            Events.json(Events.any(EventType.USER_SIGNED_UP), event -> {})
                                    .toString())
                    .update();

            await().untilAsserted(() -> assertThat(jdbc.sql("SELECT status FROM event_routes.delivery WHERE id = ?")
                            .param(row)
                            .query(String.class)
                            .single())
                    .isEqualTo("failed"));
        } finally {
            jdbc.sql("DELETE FROM event_routes.delivery WHERE id = ?")
                    .param(row)
                    .update();
        }
    }

    @Test
    void aWebhookThatIsNotRegisteredIsNotCalled() throws Exception {
        DomainEvent event = publish(campaign.rewardEarned(platform.inboxUrl() + PATH));

        assertFailedWithoutARequest(event, "not a registered webhook");
    }

    @Test
    void aWebhookThatOnlyAnotherCampaignHasRegisteredIsNotCalled() throws Exception {
        TestCampaign other = TestCampaign.create(jdbc);
        try {
            other.webhook(platform.inboxUrl() + PATH, "active", TestCampaign.SECRET);

            DomainEvent event = publish(campaign.rewardEarned(platform.inboxUrl() + PATH));

            assertFailedWithoutARequest(event, "not a registered webhook");
        } finally {
            other.delete();
        }
    }

    @Test
    void anEventThatNamesSomebodyElsesRewardDeliversNothingAndChangesNothingInItsRow() throws Exception {
        campaign.webhook(platform.inboxUrl() + PATH, "active", TestCampaign.SECRET);
        RewardEarned theirs =
                (RewardEarned) campaign.rewardEarned(platform.inboxUrl() + PATH).data();
        String somebody = campaign.person().toString();
        List<DomainEvent> forged = List.of(
                Events.of(new RewardEarned(theirs.userRewardId(), somebody, theirs.campaignId(), theirs.rewardId())),
                Events.of(new RewardEarned(theirs.userRewardId(), theirs.userId(), Events.id(), theirs.rewardId())),
                Events.of(new RewardEarned(theirs.userRewardId(), theirs.userId(), theirs.campaignId(), Events.id())));

        publisher.publish(forged);
        pipeline.awaitDrained();

        assertThat(forged)
                .extracting(event -> delivery(event).reason())
                .satisfiesExactly(
                        reason -> assertThat(reason).startsWith("the event's user_id does not match user_reward "),
                        reason -> assertThat(reason).startsWith("the event's campaign_id does not match user_reward "),
                        reason -> assertThat(reason).startsWith("the event's reward_id does not match user_reward "));
        assertThat(forged)
                .allSatisfy(event -> assertThat(userReward(event)).isEqualTo(new UserReward("pending", 0, null)));
        assertThat(webhooks.list()).isEmpty();

        DomainEvent right = publish(Events.of(theirs));
        assertThat(userReward(right))
                .as("and the right one is still to come")
                .isEqualTo(new UserReward("delivered", 1, null));
    }

    @ParameterizedTest
    @CsvSource({"status = 'blocked', the person is blocked", "deleted_at = now(), the person has left the campaign"})
    void whoIsBlockedOrHasLeftGetsNoReward(String change, String reason) throws Exception {
        campaign.webhook(platform.inboxUrl() + PATH, "active", TestCampaign.SECRET);
        DomainEvent event = campaign.rewardEarned(platform.inboxUrl() + PATH);
        jdbc.sql("UPDATE waitlist_users SET " + change + " WHERE id = CAST(? AS uuid)")
                .param(((RewardEarned) event.data()).userId())
                .update();

        publish(event);

        assertThat(delivery(event).status()).isEqualTo("skipped");
        assertThat(delivery(event).reason()).isEqualTo(reason);
        assertThat(userReward(event)).isEqualTo(new UserReward("pending", 0, null));
        assertThat(webhooks.list()).isEmpty();
    }

    @Test
    void aRewardThatTheApplicationHasDeliveredMeanwhileIsLeftAsItIs() throws Exception {
        HttpServer receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        receiver.createContext("/", exchange -> {
            exchange.getRequestBody().readAllBytes();
            jdbc.sql("UPDATE user_rewards SET status = 'delivered' WHERE campaign_id = ?")
                    .param(campaign.id())
                    .update();
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        receiver.start();
        try {
            String url = "http://127.0.0.1:%d/".formatted(receiver.getAddress().getPort());
            campaign.webhook(url, "active", TestCampaign.SECRET);

            DomainEvent event = publish(campaign.rewardEarned(url));

            assertThat(delivery(event).status()).isEqualTo("delivered");
            assertThat(userReward(event)).isEqualTo(new UserReward("delivered", 0, null));
        } finally {
            receiver.stop(0);
        }
    }

    @Test
    void aRewardWhoseRowIsDeliveredIsNotDeliveredAgain() throws Exception {
        campaign.webhook(platform.inboxUrl() + PATH, "active", TestCampaign.SECRET);
        DomainEvent event = campaign.rewardEarned(platform.inboxUrl() + PATH);
        jdbc.sql("UPDATE user_rewards SET status = 'delivered' WHERE id = CAST(? AS uuid)")
                .param(((RewardEarned) event.data()).userRewardId())
                .update();

        publish(event);

        assertThat(delivery(event).status()).isEqualTo("skipped");
        assertThat(delivery(event).reason()).isEqualTo("the reward has been delivered before");
        assertThat(userReward(event)).isEqualTo(new UserReward("delivered", 0, null));
        assertThat(webhooks.list()).isEmpty();
    }

    @Test
    void aWebhookThatIsDisabledIsNotCalled() throws Exception {
        campaign.webhook(platform.inboxUrl() + PATH, "disabled", TestCampaign.SECRET);

        DomainEvent event = publish(campaign.rewardEarned(platform.inboxUrl() + PATH));

        assertFailedWithoutARequest(event, "the webhook is disabled");
    }

    @Test
    void aWebhookWithASecretThatIsNoneIsNotCalled() throws Exception {
        campaign.webhook(platform.inboxUrl() + PATH, "active", "hunter2");

        DomainEvent event = publish(campaign.rewardEarned(platform.inboxUrl() + PATH));

        assertFailedWithoutARequest(event, "a secret of the webhook is neither whsec_");
        assertThat(delivery(event).reason()).doesNotContain("hunter2");
    }

    @Test
    void aWebhookOfAnAddressThatIsNotPublicIsNotCalled() throws Exception {
        campaign.webhook("http://10.0.0.1/", "active", TestCampaign.SECRET);

        DomainEvent event = publish(campaign.rewardEarned("http://10.0.0.1/"));

        assertFailedWithoutARequest(event, "not public");
        assertThat(delivery(event).reason()).contains("10.0.0.1");
        assertThat(userReward(event).lastError()).isEqualTo("the webhook's host is not public");
    }

    @Test
    void anAnswerWithoutEndIsCutAndCounts() throws Exception {
        CompletableFuture<Boolean> cut = new CompletableFuture<>();
        HttpServer talker = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        talker.createContext("/", exchange -> {
            exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(200, 0);
            cut.complete(isCut(exchange.getResponseBody()));
        });
        talker.start();
        try {
            String url = "http://127.0.0.1:%d/".formatted(talker.getAddress().getPort());
            campaign.webhook(url, "active", TestCampaign.SECRET);

            DomainEvent event = publish(campaign.rewardEarned(url));

            assertThat(cut.get(60, TimeUnit.SECONDS)).isTrue();
            assertThat(attempts(event, "reward-workers")).containsExactly(new Attempt("delivered", "200"));
            assertThat(userReward(event)).isEqualTo(new UserReward("delivered", 1, null));
        } finally {
            talker.stop(0);
        }
    }

    /** Sends up to 200 MB. */
    private static boolean isCut(OutputStream answer) {
        byte[] megabyte = new byte[1 << 20];
        for (int i = 0; i < 200; i++) {
            try {
                answer.write(megabyte);
            } catch (IOException hungUp) {
                return true;
            }
        }
        return false;
    }

    /** Camel unpacks what is said to be gzip: 32 KB become 32 MB, and one that is broken is an exception. */
    @ParameterizedTest
    @MethodSource("bodies")
    void anAnswerThatIsSaidToBeGzipIsNotUnpackedAndCounts(byte[] body) throws Exception {
        HttpServer zipping = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        zipping.createContext("/", exchange -> {
            exchange.getRequestBody().readAllBytes();
            exchange.getResponseHeaders().set("Content-Encoding", "gzip");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        zipping.start();
        try {
            String url = "http://127.0.0.1:%d/".formatted(zipping.getAddress().getPort());
            campaign.webhook(url, "active", TestCampaign.SECRET);

            DomainEvent event = publish(campaign.rewardEarned(url));

            assertThat(attempts(event, "reward-workers")).containsExactly(new Attempt("delivered", "200"));
            assertThat(delivery(event).reason()).isNull();
        } finally {
            zipping.stop(0);
        }
    }

    /** Something else, one that was cut, and a large one. */
    static List<byte[]> bodies() throws IOException {
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (OutputStream zip = new GZIPOutputStream(zipped)) {
            zip.write("x".repeat(1 << 25).getBytes(StandardCharsets.US_ASCII));
        }
        byte[] large = zipped.toByteArray();
        return List.of("not gzip".getBytes(StandardCharsets.US_ASCII), Arrays.copyOf(large, 100), large);
    }

    /** A reward for a valid webhook. */
    private DomainEvent earnReward() throws Exception {
        campaign.webhook(platform.inboxUrl() + PATH, "active", TestCampaign.SECRET);
        return publish(campaign.rewardEarned(platform.inboxUrl() + PATH));
    }

    private DomainEvent publish(DomainEvent event) throws Exception {
        publisher.publish(event);
        pipeline.awaitDrained();
        return event;
    }

    private void assertFailedWithoutARequest(DomainEvent event, String reason) {
        assertThat(delivery(event).status()).isEqualTo("failed");
        assertThat(delivery(event).reason()).contains(reason);
        assertThat(userReward(event).status()).isEqualTo("failed");
        assertThat(userReward(event).deliveryAttempts()).isEqualTo(1);
        assertThat(userReward(event).lastError()).contains(reason);
        assertThat(webhooks.list()).isEmpty();
    }

    /** Newest first. */
    private List<ReceivedWebhook> requests() {
        return webhooks.list().stream()
                .filter(request -> request.path().equals(PATH))
                .toList();
    }

    private static String header(ReceivedWebhook request, String name) {
        return Objects.requireNonNull(request.headers().get(name), name);
    }

    private Row delivery(DomainEvent event) {
        return delivery(event, "reward-workers");
    }

    private Row delivery(DomainEvent event, String group) {
        return jdbc.sql("SELECT id, status, reason, attempts FROM event_routes.delivery"
                        + " WHERE event_id = ? AND consumer_group = ?")
                .params(event.id(), group)
                .query(Row.class)
                .single();
    }

    private List<Attempt> attempts(DomainEvent event, String group) {
        return jdbc.sql("""
                        SELECT a.outcome, a.code
                        FROM event_routes.delivery_attempt a
                        JOIN event_routes.delivery d ON d.id = a.delivery_id
                        WHERE d.event_id = ? AND d.consumer_group = ?
                        ORDER BY a.attempt
                        """).params(event.id(), group).query(Attempt.class).list();
    }

    private UserReward userReward(DomainEvent event) {
        return jdbc.sql("SELECT status, delivery_attempts, last_error FROM user_rewards WHERE id = CAST(? AS uuid)")
                .param(((RewardEarned) event.data()).userRewardId())
                .query(UserReward.class)
                .single();
    }
}
