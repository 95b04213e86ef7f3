package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import javax.management.JMException;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.TestPropertySource;
import routes.event.DomainEvent;
import routes.event.EventJson;
import routes.event.Events;

/** The management port: its login, its pages, and no secret anywhere. The context is its own, so that its whole log is read. */
@OnPlatform
@ExtendWith(OutputCaptureExtension.class)
@TestPropertySource(
        properties = {
            "management.login.password=secret-of-management",
            "publishing.api-key=secret-of-publishing,secret-of-another",
            "camel.component.kafka.sasl-jaas-config=org.apache.kafka.common.security.plain.PlainLoginModule required username=\"u\" password=\"secret-of-kafka\";"
        })
class ManagementIT {

    private static final List<String> SECRETS =
            List.of("secret-of-management", "secret-of-publishing", "secret-of-another", "secret-of-kafka");

    @Autowired
    private Pipeline pipeline;

    @Autowired
    private JdbcClient jdbc;

    @Autowired
    private Environment environment;

    private final HttpClient http = HttpClient.newHttpClient();

    @Test
    void operationsAndPagesNeedTheLoginAndHealthAndMetricsDoNot() throws Exception {
        for (String path : List.of("/", "/style.css", "/deliveries", "/observe", "/observe/deliveries", "/nothing")) {
            assertThat(ask("GET", path, null).statusCode()).as(path).isEqualTo(401);
        }
        assertThat(ask("POST", "/deliveries/" + UUID.randomUUID() + "/retry", null)
                        .statusCode())
                .isEqualTo(401);
        for (String path : List.of("/observe/health/live", "/observe/health/ready", "/observe/metrics")) {
            assertThat(ask("GET", path, null).statusCode()).as(path).isEqualTo(200);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/?refresh=off",
                "/deliveries?status=delivered",
                "/deadletters",
                "/deadletters?group=reward-workers",
                "/campaigns",
                "/progress",
                "/webhooks",
                "/webhooks?state=failing"
            })
    void everyPageIsShownAndMayLoadNothingFromElsewhere(String path) throws Exception {
        HttpResponse<String> page = ask("GET", path, pipeline.login());

        assertThat(page.statusCode()).as(page.body()).isEqualTo(200);
        assertThat(page.body())
                .contains("<h1>")
                .doesNotContain("<script", "style=\"", "src=", "href=\"http", "action=\"http");
        assertThat(page.headers().firstValue("Content-Security-Policy").orElse(""))
                .contains("default-src 'none'", "frame-ancestors 'none'");
    }

    @Test
    void whatIsAskedWronglyIsAPageThatSaysSo() throws Exception {
        assertThat(ask("GET", "/deliveries/x", pipeline.login()).statusCode()).isEqualTo(400);
        assertThat(ask("GET", "/deliveries/" + UUID.randomUUID(), pipeline.login())
                        .body())
                .contains("there is no delivery");
        assertThat(ask("GET", "/deliveries?group=%3Cscript%3E", pipeline.login())
                        .body())
                .contains("is unknown")
                .doesNotContain("<script");
        assertThat(ask("GET", "/campaigns/" + UUID.randomUUID(), pipeline.login())
                        .statusCode())
                .isEqualTo(404);
    }

    @Test
    void aDeliveryIsFoundAndTriedAgainByWhoIsLoggedInAndNotByAnotherSite() throws Exception {
        DomainEvent event = Events.signedUp(Events.email());
        assertThat(publish(event).statusCode()).isEqualTo(202);
        pipeline.awaitDrained();
        jdbc.sql("UPDATE event_routes.delivery SET status = 'failed', reason = :reason WHERE event_id = :event")
                .param("reason", "<b onclick=\"x\">550</b> & more")
                .param("event", event.id())
                .update();

        String found = ask("GET", "/deliveries?status=failed&event=" + event.id(), pipeline.login())
                .body();
        String id = find("href=\"/deliveries/([0-9a-f-]{36})\"", found);
        assertThat(found).contains("&lt;b onclick").doesNotContain("<b onclick");
        String retry = "/deliveries/" + id + "/retry";
        assertThat(ask("GET", "/deliveries/" + id, pipeline.login()).body()).contains("action=\"" + retry + "\"");

        assertThat(ask("POST", retry, pipeline.login(), "Origin", "http://evil.example")
                        .statusCode())
                .isEqualTo(403);
        assertThat(ask("POST", retry, pipeline.login(), "Sec-Fetch-Site", "cross-site")
                        .statusCode())
                .isEqualTo(403);
        assertThat(status(event)).isEqualTo("failed");

        HttpResponse<String> done = ask("POST", retry, pipeline.login(), "Sec-Fetch-Site", "same-origin");
        assertThat(done.statusCode()).isEqualTo(303);
        await().untilAsserted(() -> assertThat(status(event)).isEqualTo("delivered"));
        assertThat(jdbc.sql("SELECT who FROM event_routes.audit WHERE operation = 'deliveries.retry'"
                                + " AND arguments ->> 'id' = :id")
                        .param("id", id)
                        .query(String.class)
                        .list())
                .containsExactly("operator");
    }

    @Test
    void theOverviewSaysWhatStandsInTheLedger() {
        await().untilAsserted(() -> assertThat(
                        ask("GET", "/", pipeline.login()).body().replaceAll("\\s+", " "))
                .containsPattern("status=failed\">[0-9,]+</a>")
                .contains("position-workers"));
    }

    @Test
    void theSecondKeyIsGoodToo() throws Exception {
        String event =
                EventJson.mapper().valueToTree(Events.signedUp(Events.email())).toString();

        assertThat(pipeline.post(event, "Authorization", "Bearer secret-of-another")
                        .statusCode())
                .isEqualTo(202);
        assertThat(pipeline.post(event, "Authorization", "Bearer secret-of-publishing,secret-of-another")
                        .statusCode())
                .isEqualTo(401);
    }

    @Test
    void noSecretIsInTheLogTheMBeansOrAnyAnswer(CapturedOutput log) throws Exception {
        assertThat(environment.getProperty("management.login.password"))
                .as("the settings are these")
                .isEqualTo(SECRETS.get(0));
        publish(Events.signedUp(Events.email()));
        ask("GET", "/", "Basic b3BlcmF0b3I6d3Jvbmc=");

        assertThat(log.getAll()).contains("Kafka event consumer configuration").doesNotContain(SECRETS);
        for (String path : List.of(
                "/",
                "/observe",
                "/observe/health",
                "/observe/metrics",
                "/observe/consumers",
                "/observe/env",
                "/observe/configprops",
                "/observe/audit",
                "/error")) {
            assertThat(ask("GET", path, pipeline.login()).body()).as(path).doesNotContain(SECRETS);
        }
        MBeanServer beans = ManagementFactory.getPlatformMBeanServer();
        int read = 0;
        for (ObjectName name : beans.queryNames(null, null)) {
            if (name.getDomain().matches("domain-event-routes|org\\.apache\\.camel|com\\.zaxxer\\.hikari|kafka\\..*")) {
                assertThat(attributes(beans, name)).as(name.toString()).doesNotContain(SECRETS);
                read++;
            }
        }
        assertThat(read).as("MBeans").isGreaterThan(20);
    }

    /** All that Jolokia lists and reads, and the routes as it shows them. */
    @Test
    void noSecretIsReadOverJolokia() throws Exception {
        String listed = jolokia(Map.of("type", "list"));
        List<Map<String, Object>> requests = new ArrayList<>();
        EventJson.mapper().readTree(listed).path("value").properties().forEach(domain -> domain.getValue()
                .fieldNames()
                .forEachRemaining(keys -> requests.add(Map.of(
                        "type",
                        "read",
                        "mbean",
                        domain.getKey() + ":" + keys,
                        "config",
                        Map.of("ignoreErrors", true)))));
        for (String operation : List.of("dumpRoutesAsXml()", "dumpRoutesStatsAsXml(boolean,boolean)")) {
            requests.add(Map.of(
                    "type",
                    "exec",
                    "mbean",
                    "org.apache.camel:context=domain-event-routes,type=context,name=\"domain-event-routes\"",
                    "operation",
                    operation,
                    "arguments",
                    operation.endsWith("()") ? List.of() : List.of(true, true)));
        }

        String read = jolokia(requests);

        assertThat(requests).hasSizeGreaterThan(100);
        assertThat(read).contains("exchangesTotal", "HeapMemoryUsage");
        assertThat(listed + read)
                .doesNotContain(SECRETS)
                .doesNotContain(List.of("jdbc:postgresql", "java.class.path", "-javaagent", "-Xmx"));
    }

    private String jolokia(Object body) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://localhost:%s/observe/hawtio/jolokia"
                        .formatted(environment.getProperty("local.management.port"))))
                .header("Authorization", pipeline.login())
                .POST(BodyPublishers.ofString(EventJson.mapper().writeValueAsString(body)))
                .build();
        return http.send(request, BodyHandlers.ofString()).body();
    }

    private static String attributes(MBeanServer beans, ObjectName name) throws JMException {
        StringBuilder all = new StringBuilder(name.toString());
        for (MBeanAttributeInfo attribute : beans.getMBeanInfo(name).getAttributes()) {
            try {
                Object value = attribute.isReadable() ? beans.getAttribute(name, attribute.getName()) : null;
                all.append(value instanceof Object[] some ? Arrays.deepToString(some) : value)
                        .append('\n');
            } catch (JMException | RuntimeException notReadable) {
                all.append(notReadable).append('\n');
            }
        }
        return all.toString();
    }

    private HttpResponse<String> publish(DomainEvent event) throws Exception {
        return pipeline.post(
                EventJson.mapper().valueToTree(event).toString(), "Authorization", "Bearer secret-of-publishing");
    }

    private String status(DomainEvent event) {
        return jdbc.sql("SELECT status FROM event_routes.delivery WHERE event_id = :event")
                .param("event", event.id())
                .query(String.class)
                .single();
    }

    private static String find(String pattern, String text) {
        var matcher = Pattern.compile(pattern).matcher(text);
        assertThat(matcher.find()).as(text).isTrue();
        return matcher.group(1);
    }

    private HttpResponse<String> ask(String method, String path, @Nullable String login, String... headers)
            throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(
                        "http://localhost:%s%s".formatted(environment.getProperty("local.management.port"), path)))
                .method(method, BodyPublishers.noBody());
        if (login != null) {
            request.header("Authorization", login);
        }
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http.send(request.build(), BodyHandlers.ofString());
    }
}
