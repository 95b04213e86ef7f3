package routes;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import routes.dev.Platform;
import routes.event.Events;

/** What an instance says of itself that publishes and does nothing else: it has no groups, and no secret to hash addresses with. */
@OnPlatform
@ExtendWith(TestCampaign.OfEachTest.class)
@TestInstance(Lifecycle.PER_CLASS) // starts one instance for all tests
class PublishAloneIT {

    @Autowired
    private Platform platform;

    @Autowired
    private Pipeline pipeline;

    @Autowired
    private JdbcClient jdbc;

    private final HttpClient http = HttpClient.newHttpClient();
    private ConfigurableApplicationContext alone;
    private TestCampaign campaign;

    @BeforeAll
    void start() {
        Map<String, Object> variables = new HashMap<>(platform.settings());
        variables.remove("MAIL_SECRETS");
        variables.putAll(Map.of("SERVER_PORT", "0", "MANAGEMENT_PORT", "0", "SERVICE_ROLES", "publish"));
        alone = RefusedStartIT.run(variables, List.of());
    }

    @AfterAll
    void stop() {
        alone.close();
    }

    @AfterEach
    void cleanUp() {
        for (String table : List.of("delivery", "erased_person")) {
            jdbc.sql("DELETE FROM event_routes." + table + " WHERE campaign_id = ?")
                    .param(campaign.id().toString())
                    .update();
        }
    }

    @Test
    void anAddressThatItCannotHashIsLookedUpElsewhere() throws Exception {
        UUID person = campaign.person();
        String address = campaign.address(person);

        for (String whom : List.of("\"address\":\"" + address + "\"", "\"user\":\"" + person + "\"")) {
            assertSentElsewhere(operate("erasure", "{\"action\":\"erase\"," + whom + "}"));
            assertSentElsewhere(operate("erasure", "{" + whom + "}"));
        }
        assertSentElsewhere(operate("suppressions", "{\"action\":\"lift\",\"address\":\"" + address + "\"}"));
        assertSentElsewhere(post("/suppressions/search", "address=" + URLEncoder.encode(address, UTF_8)));
        assertThat(jdbc.sql("SELECT count(*) FROM event_routes.erased_person WHERE campaign_id = ?")
                        .param(campaign.id().toString())
                        .query(Integer.class)
                        .single())
                .isZero();
        assertThat(post("/suppressions/search", "address=" + "0".repeat(64)).statusCode())
                .as("a hash")
                .isEqualTo(200);
    }

    @Test
    void aPersonOfWhomNobodyKnowsAnAddressIsErased() throws Exception {
        String person = UUID.randomUUID().toString();
        jdbc.sql("""
                        INSERT INTO event_routes.delivery (consumer_group, idempotency_key, event_id, event_type, campaign_id, event, status)
                        VALUES ('email-workers', :id, :id, 'user.verified', :campaign,
                                jsonb_build_object('data', jsonb_build_object('user_id', :person)), 'delivered')
                        """)
                .param("id", UUID.randomUUID().toString())
                .param("campaign", campaign.id().toString())
                .param("person", person)
                .update();

        HttpResponse<String> erased = operate("erasure", "{\"action\":\"erase\",\"user\":\"" + person + "\"}");

        assertThat(erased.statusCode()).as(erased.body()).isEqualTo(200);
        assertThat(erased.body()).contains("\"deliveries\":1", "\"complete\":true");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/deliveries",
                "/deadletters",
                "/deadletters?group=email-workers",
                "/groups",
                "/history",
                "/webhooks",
                "/campaigns",
                "/rewards",
                "/progress",
                "/suppressions",
                "/outbox",
                "/audit"
            })
    void everyPageIsShown(String path) throws Exception {
        HttpResponse<String> page = send(request(path));

        assertThat(page.statusCode()).as(page.body()).isEqualTo(200);
        if (path.startsWith("/deadletters")) {
            assertThat(page.body())
                    .contains("This instance has no consumer groups: open the page of one with the role");
        }
    }

    @Test
    void anEventWhoseDeadLetterIsOfAGroupElsewhereIsNotSaidToHaveNone() throws Exception {
        String event = Events.id();
        pipeline.write("{\"id\":\"%s\",\"type\":\"user.signed_up\"}".formatted(event));
        pipeline.awaitDrained();

        HttpResponse<String> explained = send(request("/observe/events/" + event));

        assertThat(explained.body())
                .contains("dead letters of groups that run on instances with another role were not searched");
        assertThat(pipeline.operate("events/" + event, null).body())
                .as("an instance with all roles")
                .doesNotContain("with another role");
    }

    private static void assertSentElsewhere(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(409);
        assertThat(answer.body()).contains("this instance has no mail.secrets: ask one with the role email or reward");
    }

    private HttpResponse<String> operate(String operation, String body) throws Exception {
        return send(request("/observe/" + operation)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body)));
    }

    private HttpResponse<String> post(String path, String form) throws Exception {
        return send(request(path)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString(form)));
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://localhost:%s%s"
                        .formatted(alone.getEnvironment().getProperty("local.management.port"), path)))
                .header("Authorization", pipeline.login());
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return http.send(request.build(), BodyHandlers.ofString());
    }
}
