package routes.yaml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;
import routes.OnPlatform;
import routes.Pipeline;
import routes.Unhurried;
import routes.event.DomainEvent;
import routes.event.EventData.CampaignMilestoneReached;
import routes.event.EventData.ReferralCreated;
import routes.event.EventJson;
import routes.event.EventPublisher;
import routes.event.Events;

/** Consumers in YAML files: the examples as they are shipped. */
@OnPlatform
@TestPropertySource(properties = "routes.directory=examples/routes")
class YamlConsumersIT {

    private static final AtomicInteger ANSWER = new AtomicInteger(200);
    private static final List<JsonNode> TOLD = new CopyOnWriteArrayList<>();
    private static final List<String> HEADERS = new CopyOnWriteArrayList<>();
    private static final HttpServer CHAT = chat();

    @Autowired
    private Pipeline pipeline;

    @Autowired
    private EventPublisher publisher;

    @Autowired
    private JdbcClient jdbc;

    @BeforeAll
    static void makeTheTables(@Autowired JdbcClient jdbc) throws Exception {
        for (String statement : Files.readString(Path.of("examples/routes/analytics.sql"))
                .replaceAll("--.*", "")
                .split(";", -1)) {
            if (!statement.isBlank()) {
                jdbc.sql(statement).update();
            }
        }
    }

    private static HttpServer chat() {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/", exchange -> {
                HEADERS.addAll(exchange.getRequestHeaders().keySet());
                TOLD.add(EventJson.mapper().readTree(exchange.getRequestBody().readAllBytes()));
                exchange.sendResponseHeaders(ANSWER.get(), -1);
                exchange.close();
            });
            server.start();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @DynamicPropertySource
    static void nameTheChat(DynamicPropertyRegistry registry) {
        registry.add("SLACK_WEBHOOK_URL", () -> "http://localhost:%d/services/T0/secret?of=mine"
                .formatted(CHAT.getAddress().getPort()));
    }

    @AfterAll
    static void stopTheChat() {
        CHAT.stop(0);
    }

    @Test
    void eachEventIsCountedOnceHoweverOftenItIsPublished() throws Exception {
        String campaign = Events.id();
        DomainEvent event = Events.of(new ReferralCreated(Events.id(), Events.id(), Events.id(), campaign));
        publisher.publish(List.of(event, event));
        publisher.publish(Events.of(new ReferralCreated(Events.id(), Events.id(), Events.id(), campaign)));

        await().untilAsserted(() ->
                assertThat(delivered(campaign, "analytics-workers")).isEqualTo(2));
        assertThat(jdbc.sql("SELECT type || ' ' || events FROM analytics_daily WHERE campaign_id = ?")
                        .param(campaign)
                        .query(String.class)
                        .list())
                .containsExactly("referral.created 2");
    }

    @Test
    void aMilestoneIsToldWithNothingOfItsRecordInTheHeadersAndAgainWhenTheChatFails() throws Exception {
        ANSWER.set(500);
        String campaign = Events.id();
        DomainEvent event = Events.of(new CampaignMilestoneReached(campaign, "\"1000\" \\ people", 1000));
        try (Unhurried deliveries = Unhurried.deliveriesOf(event, jdbc)) {
            publisher.publish(event);
            await().until(() -> !told(campaign).isEmpty());

            ANSWER.set(200);
        }

        await().untilAsserted(
                        () -> assertThat(delivered(campaign, "slack-workers")).isEqualTo(1));
        assertThat(told(campaign).get(0))
                .isEqualTo("Campaign %s has reached \"1000\" \\ people with 1000 participants.".formatted(campaign));
        assertThat(HEADERS).noneMatch(header -> header.startsWith("Ce_") || header.startsWith("Camel"));
        assertThat(jdbc.sql("""
                        SELECT delivery_attempt.reason FROM event_routes.delivery_attempt
                        JOIN event_routes.delivery ON delivery.id = delivery_id
                        WHERE campaign_id = ? AND consumer_group = 'slack-workers' AND attempt = 1
                        """).param(campaign).query(String.class).single())
                .contains("the chat answered 500")
                .doesNotContain("secret");
    }

    @Test
    void theyAreConsumersLikeTheOthers() throws Exception {
        JsonNode consumers = pipeline.operation("consumers", null);

        assertThat(consumers.toString()).contains("\"analytics-workers\"", "\"slack-workers\"");
        await().untilAsserted(() -> assertThat(pipeline.operate("metrics", null).body())
                .contains("group=\"analytics-workers\",verdict=\"ok\"} 1.0")
                .contains("group=\"slack-workers\",verdict=\"ok\"} 1.0"));
        pipeline.write("{\"id\":\"x\",\"type\":\"user.verified\"}");
        await().untilAsserted(() -> assertThat(pipeline.read("domain-events.analytics-workers.dlq", 0).stream()
                        .filter(record -> record.value() != null) // what other tests wrote without one
                        .map(record -> new String(record.value(), StandardCharsets.UTF_8)))
                .contains("{\"id\":\"x\",\"type\":\"user.verified\"}"));
    }

    private static List<String> told(String campaign) {
        return TOLD.stream()
                .map(told -> told.path("text").asText())
                .filter(text -> text.contains(campaign))
                .toList();
    }

    private int delivered(String campaign, String group) {
        return jdbc.sql("""
                        SELECT count(*) FROM event_routes.delivery
                        WHERE campaign_id = ? AND consumer_group = ? AND status = 'delivered'
                        """).param(campaign).param(group).query(Integer.class).single();
    }
}
