package routes.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.management.ObjectName;
import org.apache.camel.CamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.simple.JdbcClient;
import routes.OnPlatform;
import routes.Pipeline;
import routes.TestCampaign;
import routes.background.Threads;
import routes.dev.Platform;
import routes.event.DomainEvent;
import routes.event.EventData.RewardEarned;
import routes.event.EventJson;
import routes.event.EventPublisher;
import routes.event.Events;

/** What an operator sees of groups and events, and does with groups. */
@OnPlatform
@ExtendWith(TestCampaign.OfEachTest.class)
@ExtendWith(OutputCaptureExtension.class)
class ObservationIT {

    private static final Pattern SERIES = Pattern.compile("(?m)^(domain_events|deliveries|kafka)[a-z_]*[{ ].*$");
    private static final Pattern TYPE = Pattern.compile("type=\"([^\"]*)\"");

    @Autowired
    private Pipeline pipeline;

    @Autowired
    private EventPublisher publisher;

    @Autowired
    private JdbcClient jdbc;

    @Autowired
    private Environment environment;

    @Autowired
    private CamelContext camel;

    private TestCampaign campaign;

    @AfterEach
    void cleanUp() throws Exception {
        change("email-workers", "start");
    }

    private String metrics() throws Exception {
        return pipeline.operate("metrics", null).body();
    }

    private JsonNode change(String group, String action) throws Exception {
        return pipeline.operation("consumers/" + group, "{\"action\":\"%s\",\"by\":\"ann\"}".formatted(action));
    }

    private JsonNode explained(String event) throws Exception {
        HttpResponse<String> response = get(event, "Bearer " + Platform.API_KEY);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return EventJson.mapper().readTree(response.body());
    }

    private HttpResponse<String> get(String event, String authorization) throws Exception {
        URI uri = URI.create(
                "http://localhost:%s/events/%s".formatted(environment.getProperty("local.server.port"), event));
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(uri)
                                .header("Authorization", authorization)
                                .build(),
                        BodyHandlers.ofString());
    }

    private static JsonNode of(JsonNode explained, String group) {
        for (JsonNode each : explained.get("groups")) {
            if (each.get("group").asText().equals(group)) {
                return each;
            }
        }
        throw new AssertionError("no group " + group + " in " + explained);
    }

    @Test
    void whatHappensIsMeasuredInFewSeries() throws Exception {
        for (int i = 0; i < 50; i++) {
            pipeline.write("{\"id\":\"x\",\"type\":\"invented.type.%d\"}".formatted(i));
        }
        publisher.publish(Events.signedUp(Events.email()));
        pipeline.awaitDrained();

        await().untilAsserted(() -> assertThat(metrics())
                .contains(
                        "domain_events_lag{application=\"domain-event-routes\",group=\"email-workers\",partition=\"0\"} 0.0",
                        "domain_events_lag_seconds{application=\"domain-event-routes\",group=\"email-workers\"} 0.0",
                        "deliveries{application=\"domain-event-routes\",group=\"email-workers\",status=\"due\"}",
                        "deliveries_oldest_due_seconds{",
                        "domain_events_handling_seconds_bucket{",
                        "domain_events_end_to_end_seconds_bucket{",
                        "domain_events_attempts_bucket{",
                        "domain_events_smtp_connections{",
                        "httpcomponents_httpclient_pool_",
                        "domain_events_intake_held{",
                        "domain_events_queued{",
                        "domain_events_workers{",
                        "kafka_consumer_assigned_partitions{",
                        "kafka_producer_connection_count{",
                        "kafka_producer_request_latency_avg{",
                        "kafka_producer_record_queue_time_avg{",
                        "kafka_producer_record_retry_total{",
                        "kafka_producer_record_error_total{",
                        "group=\"email-workers\",verdict=\"ok\"} 1.0"));

        List<String> series =
                SERIES.matcher(metrics()).results().map(MatchResult::group).toList();
        assertThat(series).hasSizeLessThan(700);
        assertThat(series)
                .as("the event was written by a producer that is measured")
                .anyMatch(line -> line.matches("kafka_producer_connection_count\\{.*} [1-9].*"));
        assertThat(new TreeSet<>(TYPE.matcher(String.join("\n", series))
                        .results()
                        .map(match -> match.group(1))
                        .toList()))
                .isSubsetOf(
                        "user.signed_up",
                        "user.verified",
                        "referral.created",
                        "referral.verified",
                        "reward.earned",
                        "campaign.milestone_reached",
                        "other");
    }

    @Test
    void itIsNotLiveWhileAThreadHasEndedThatWasToGoOn() throws Exception {
        ExecutorService threads = Executors.newCachedThreadPool();
        CompletableFuture<Void> work = Threads.watch("some-thread", new CompletableFuture<>(), threads);
        assertThat(pipeline.operate("health/live", null).statusCode()).isEqualTo(200);

        work.completeExceptionally(new OutOfMemoryError("thrown on purpose"));

        try {
            assertThat(pipeline.operate("health/live", null).statusCode()).isEqualTo(503);
            assertThat(pipeline.operate("health/threads", null).body()).contains("some-thread");
        } finally {
            threads.shutdown();
        }
        assertThat(pipeline.operate("health/live", null).statusCode()).isEqualTo(200);
    }

    @Test
    void aGroupThatSomebodyStopsLagsAndSaysSoAndGoesOn() throws Exception {
        change("email-workers", "stop");
        DomainEvent event = Events.signedUp(Events.email());
        publisher.publish(event);

        await().untilAsserted(() -> {
            JsonNode status = pipeline.operation("consumers/email-workers", null);
            assertThat(status.get("verdict").asText()).isEqualTo("stopped");
            assertThat(status.get("reading").asText()).isEqualTo("stopped");
            assertThat(status.get("lag").asLong()).isEqualTo(1);
            assertThat(status.get("lag_seconds").asDouble()).isBetween(0.0, 60.0);
            assertThat(of(explained(event.id()), "email-workers").get("because").asText())
                    .contains("1 records that the group has not committed yet");
        });
        HttpResponse<String> health = pipeline.operate("health", null);
        assertThat(health.statusCode()).isEqualTo(503);
        assertThat(health.body()).contains("\"verdict\":\"stopped\"");
        assertThat(pipeline.operate("health/ready", null).statusCode()).isEqualTo(200);
        assertThat(pipeline.operate("health/live", null).statusCode()).isEqualTo(200);

        change("email-workers", "start");

        pipeline.awaitDrained();
        await().untilAsserted(() -> {
            assertThat(pipeline.operation("consumers/email-workers", null)
                            .get("verdict")
                            .asText())
                    .isEqualTo("ok");
            assertThat(pipeline.operate("health", null).statusCode()).isEqualTo(200);
        });
        assertThat(pipeline.operation("audit?operation=consumers&limit=2", null)
                        .get("audit")
                        .findValuesAsText("operation"))
                .containsExactly("consumers.start", "consumers.stop");
    }

    @Test
    void whoAsksForAnEventOrAGroupIsNotToldWhatWasSoAtTheLastInterval() throws Exception {
        change("email-workers", "stop");
        camel.getRouteController().stopRoute("observation");
        try {
            DomainEvent event = Events.signedUp(Events.email());
            publisher.publish(event);

            await().untilAsserted(() -> {
                assertThat(of(explained(event.id()), "email-workers")
                                .get("because")
                                .asText())
                        .contains("1 records that the group has not committed yet");
                assertThat(pipeline.operation("consumers/email-workers", null)
                                .get("lag")
                                .asLong())
                        .isEqualTo(1);
            });
        } finally {
            camel.getRouteController().startRoute("observation");
        }
    }

    @Test
    void whatIsNoActionOnAGroupIsRefused() throws Exception {
        assertThat(pipeline.operate("consumers/email-workers", "{\"action\":\"suspend\",\"by\":\"ann\"}")
                        .statusCode())
                .isEqualTo(400);
        assertThat(pipeline.operate("consumers/no-workers", null).statusCode()).isEqualTo(400);
    }

    @Test
    void anEventIsExplainedInEachGroup() throws Exception {
        String address = Events.email();
        DomainEvent event = Events.signedUp(address);
        publisher.publish(event);
        DomainEvent reward = Events.of(new RewardEarned(
                Events.id(), campaign.person().toString(), campaign.id().toString(), Events.id()));
        publisher.publish(reward);
        pipeline.awaitDrained();

        JsonNode signedUp = explained(event.id().toUpperCase(Locale.ROOT));
        assertThat(signedUp.get("known").asBoolean()).isTrue();
        assertThat(of(signedUp, "email-workers").get("state").asText()).isEqualTo("delivered");
        assertThat(of(signedUp, "email-workers")
                        .at("/deliveries/0/attempts/0/outcome")
                        .asText())
                .isEqualTo("delivered");
        assertThat(of(signedUp, "reward-workers").get("state").asText()).isEqualTo("passed-over");
        assertThat(signedUp.toString()).doesNotContain(address);
        JsonNode earned = of(explained(reward.id()), "reward-workers");
        assertThat(earned.get("state").asText()).isEqualTo("failed");
        assertThat(earned.at("/deliveries/0/waits").asText()).contains("deliveries, action retry");
    }

    @Test
    void whyADeliveryWaitsIsSaid() throws Exception {
        String id = Events.id();
        jdbc.sql("""
                        INSERT INTO event_routes.delivery (consumer_group, idempotency_key, event_id, event_type, campaign_id, event,
                                                           status, attempts, due_at)
                        VALUES ('email-workers', :id, :id, 'user.signed_up', :campaign, '{}', 'due', 2, now() + interval '1 hour')
                        """)
                .param("id", id)
                .param("campaign", campaign.id().toString())
                .update();

        JsonNode delivery = of(explained(id), "email-workers").at("/deliveries/0");

        assertThat(delivery.get("waits").asText()).startsWith("attempt 3 is scheduled for ");
        assertThat(delivery.get("next_try").asText()).isNotBlank();
    }

    @Test
    void aDeadLetterIsFoundByTheIdOfItsEvent() throws Exception {
        String id = Events.id();
        pipeline.write("{\"id\":\"%s\",\"type\":\"user.signed_up\"}".formatted(id));
        pipeline.awaitDrained();

        await().untilAsserted(() -> {
            JsonNode group = of(explained(id), "email-workers");
            assertThat(group.get("state").asText()).isEqualTo("dead-letter");
            assertThat(group.at("/dead_letters/0/reason").asText()).contains("account_id is missing");
        });
    }

    @Test
    void anEventThatNobodyKnowsIsExplainedTooOverHttpAndJmx() throws Exception {
        String id = Events.id();

        JsonNode explained = explained(id);

        assertThat(explained.get("known").asBoolean()).isFalse();
        assertThat(explained.get("notes").toString()).contains("It was not published");
        assertThat(get(id, "Bearer wrong").statusCode()).isEqualTo(401);
        assertThat(get("no%20id", "Bearer " + Platform.API_KEY).statusCode()).isEqualTo(400);
        var server = ManagementFactory.getPlatformMBeanServer();
        ObjectName name =
                server.queryNames(new ObjectName("domain-event-routes:type=Endpoint,name=Events,*"), null).stream()
                        .findFirst()
                        .orElseThrow();
        Object answer = server.invoke(name, "show", new Object[] {id}, new String[] {String.class.getName()});
        assertThat(((Map<?, ?>) answer).get("event")).isEqualTo(id);
    }

    @ParameterizedTest
    @ValueSource(strings = {"nothing", "a/b", "a/b/c", "live/a/b", "db/a", "db/a/b"})
    void belowANameThatThereIsNotThereIsNoHealthAndNoLineInTheLog(String path, CapturedOutput output) throws Exception {
        assertThat(pipeline.operate("health/" + path, null).statusCode()).isEqualTo(404);
        assertThat(output.getAll()).doesNotContain("'contributor' must not be null");
    }
}
