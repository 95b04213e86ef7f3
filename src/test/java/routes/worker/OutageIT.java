package routes.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import routes.OnPlatform;
import routes.Pipeline;
import routes.TestCampaign;
import routes.dev.Inbox;
import routes.dev.Platform;
import routes.dev.ReceivedMail;
import routes.dev.WebhookReceiver;
import routes.event.DomainEvent;
import routes.event.Events;

/** A server that the service needs is killed and comes back: the service continues automatically, and nothing is lost or doubled. */
@OnPlatform
class OutageIT {

    @Autowired
    private Platform platform;

    @Autowired
    private Pipeline pipeline;

    @Autowired
    private Inbox inbox;

    @Autowired
    private Backpressure intake;

    @Autowired
    private JdbcClient jdbc;

    @BeforeEach
    void empty() {
        pipeline.awaitDrained();
        inbox.clear();
    }

    @Test
    void withoutTheDatabaseOperationsSaySoAndChangeNothing() throws Exception {
        String nobody = UUID.randomUUID().toString();
        ExecutorService threads = Executors.newCachedThreadPool();
        platform.database().kill();
        try {
            // Side by side: each waits for a connection.
            for (Future<HttpResponse<String>> answer : threads.invokeAll(List.<Callable<HttpResponse<String>>>of(
                    () -> pipeline.operate("deliveries", null),
                    () -> pipeline.operate("suppressions", null),
                    () -> pipeline.operate("audit", null),
                    () -> pipeline.operate("events/" + nobody, null),
                    () -> pipeline.operate("deliveries/" + nobody, "{\"action\":\"retry\"}")))) {
                assertUnavailable(answer.get());
            }
        } finally {
            threads.shutdown();
            platform.database().restart();
        }
        await().ignoreExceptions().until(() -> pipeline.underWay() >= 0);
    }

    private static void assertUnavailable(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(503);
        assertThat(answer.body()).contains("the database is unavailable: try again later");
    }

    @Test
    void withoutTheDatabaseEventsStayInKafkaAndAreDeliveredOnceItIsBack() throws Exception {
        List<String> people = people(20);
        platform.database().kill();
        try {
            for (String person : people) {
                assertThat(publish(person)).isEqualTo(202);
            }
        } finally {
            platform.database().restart();
        }

        await().ignoreExceptions().until(() -> pipeline.underWay() >= 0);
        pipeline.awaitDrained();

        assertThat(inbox.list()).extracting(ReceivedMail::to).containsExactlyInAnyOrderElementsOf(people);
    }

    @Test
    void withoutTheMailServerEventsStayInKafkaNothingIsGivenUpAndRewardsByWebhookGoOn() throws Exception {
        TestCampaign campaign = TestCampaign.create(jdbc);
        String receiver = platform.inboxUrl() + WebhookReceiver.PATH + "outage";
        campaign.webhook(receiver, "active", TestCampaign.SECRET);
        DomainEvent byMail = campaign.rewardByMail();
        DomainEvent byWebhook = campaign.rewardEarned(receiver);
        List<String> people = people(60);
        platform.mail().kill();
        try {
            for (String person : people.subList(0, 20)) {
                assertThat(publish(person)).isEqualTo(202);
            }
            await().untilAsserted(() ->
                    assertThat(intake.heldBecause("email-workers")).contains("smtp is down"));
            long recorded = recordedOfWhatWasPolledBefore();
            for (String person : people.subList(20, 60)) {
                assertThat(publish(person)).isEqualTo(202);
            }
            await().during(Duration.ofSeconds(2))
                    .untilAsserted(() ->
                            assertThat(recorded()).as("rows in the ledger").isEqualTo(recorded));
            assertThat(publish(byMail)).isEqualTo(202);
            assertThat(publish(byWebhook)).isEqualTo(202);
            await().untilAsserted(() -> assertThat(reward(byWebhook)).isEqualTo("delivered after 1: null"));
            await().untilAsserted(() -> assertThat(reward(byMail)).isEqualTo("due after 0: not tried: smtp is down"));
        } finally {
            platform.mail().restart();
        }

        pipeline.awaitDrained();

        assertThat(reward(byMail)).isEqualTo("delivered after 1: null");
        assertThat(inbox.list()).extracting(ReceivedMail::to).containsAll(people);
        // And the mails about the two rewards: that they were earned, and the one delivered by mail.
        assertThat(inbox.list()).hasSize(people.size() + 3);
        assertThat(intake.heldBecause("email-workers")).isEmpty();
        // The connections that found the server down, and then the one that found it back.
        assertThat(jdbc.sql(
                                "SELECT max(attempts) FROM event_routes.delivery"
                                        + " WHERE event ->> 'type' = 'user.signed_up' AND event -> 'data' ->> 'email' IN (:people)")
                        .param("people", people)
                        .query(Integer.class)
                        .single())
                .isLessThanOrEqualTo(4);
    }

    /** The outcome of a reward. */
    private String reward(DomainEvent event) {
        return jdbc.sql("SELECT status || ' after ' || attempts || ': ' || coalesce(reason, 'null')"
                        + " FROM event_routes.delivery WHERE consumer_group = 'reward-workers' AND event_id = ?")
                .param(event.id())
                .query(String.class)
                .optional()
                .orElse("nothing yet");
    }

    /** How many are recorded when it has not become more for a while. */
    private long recordedOfWhatWasPolledBefore() {
        AtomicLong latest = new AtomicLong(-1);
        await().during(Duration.ofSeconds(2)).until(() -> {
            long now = recorded();
            return latest.getAndSet(now) == now;
        });
        return latest.get();
    }

    private long recorded() {
        return jdbc.sql("SELECT count(*) FROM event_routes.delivery WHERE consumer_group = 'email-workers'")
                .query(Long.class)
                .single();
    }

    @Test
    void withoutTheBrokerAPublisherWaitsAndItsEventsAreDeliveredOnceItIsBack() throws Exception {
        List<String> people = people(3);
        platform.kafka().kill();
        List<CompletableFuture<Integer>> answers;
        try {
            answers = people.stream()
                    .map(person -> CompletableFuture.supplyAsync(() -> publishUntilAccepted(Events.signedUp(person))))
                    .toList();
        } finally {
            platform.kafka().restart();
        }

        assertThat(answers)
                .allSatisfy(answer ->
                        assertThat(answer).succeedsWithin(Duration.ofMinutes(2)).isEqualTo(202));
        pipeline.awaitDrained();

        assertThat(inbox.list()).extracting(ReceivedMail::to).containsExactlyInAnyOrderElementsOf(people);
    }

    /** If a broker takes longer than a request may, the answer is 503, and the publisher sends the same events again. */
    private int publishUntilAccepted(DomainEvent event) {
        int answer = publish(event);
        while (answer == 503) {
            answer = publish(event);
        }
        return answer;
    }

    private int publish(String person) {
        return publish(Events.signedUp(person));
    }

    private int publish(DomainEvent event) {
        try {
            return pipeline.publish(Events.json(event, json -> {}).toString()).statusCode();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<String> people(int count) {
        return IntStream.range(0, count).mapToObj(n -> Events.email()).toList();
    }
}
