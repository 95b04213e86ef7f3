package routes.console;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.simple.JdbcClient;
import routes.OnPlatform;
import routes.Pipeline;
import routes.TestCampaign;
import routes.dev.Platform;
import routes.dev.WebhookReceiver;
import routes.dev.WebhookReceiver.Answer;
import routes.event.DomainEvent;
import routes.event.EventPublisher;
import routes.event.Events;

/** What an operator begins, a page can end: each scenario in the pages alone, as a browser sends it. */
@OnPlatform
@ExtendWith(TestCampaign.OfEachTest.class)
class ActionPagesIT {

    private static final String PATH = "/webhooks/action-pages";

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
    private Environment environment;

    @Autowired
    private CamelContext camel;

    private final HttpClient http = HttpClient.newHttpClient();
    private final Instant begun = Instant.now();
    private TestCampaign campaign;

    @AfterEach
    void cleanUp() throws Exception {
        camel.getRouteController().startRoute("email-workers");
        pipeline.awaitDrained(); // a call that fails writes a row
        jdbc.sql("DELETE FROM event_routes.webhook_endpoint").update();
        jdbc.sql("DELETE FROM event_routes.event_outbox WHERE refused_because IS NOT NULL")
                .update();
    }

    @Test
    void aGroupIsStoppedAndStartedFromItsPage() throws Exception {
        String group = "/groups/email-workers";
        assertThat(get("/groups"))
                .contains("id=\"email-workers\"", "Other instances take over its partitions", "value=\"stop\"")
                .doesNotContain("value=\"start\"");
        assertThat(post(group, "action=stop", "Sec-Fetch-Site", "cross-site").statusCode())
                .isEqualTo(403);
        assertThat(post(group, "action=pause").body()).contains("action is unknown: write stop or start");

        assertThat(followed(post(group, "action=stop")))
                .contains("This instance no longer reads for email-workers.", "<dd>stopped</dd>", "value=\"start\"");
        DomainEvent event = publishSignUp();
        await().untilAsserted(() -> assertThat(get("/groups")).contains("badge stopped", "<dd>1 <small>"));
        assertThat(deliveries(event)).isZero();
        assertThat(get("/")).contains("email-workers is stopped", "href=\"/groups#email-workers\"");

        assertThat(followed(post(group, "action=start")))
                .contains("This instance reads for email-workers again")
                .doesNotContain("value=\"start\"");
        await().until(() -> deliveries(event) == 1);
        assertThat(get("/audit?operation=consumers&who=operator"))
                .contains("consumers.stop", "consumers.start", "group <code>email-workers</code>", "was stopped");
    }

    @Test
    void aDeadLetterThatCannotBeReadIsNotReDrivenButDiscarded() throws Exception {
        String letter = bury("reward-workers", "hello");
        assertThat(get(letter))
                .contains("Re-driving would change nothing: ", "name=\"reason\"")
                .doesNotContain("/redrive");

        assertThat(post(letter + "/discard", "").body()).contains("reason is missing");
        assertThat(followed(post(letter + "/discard", "reason=the+%3Cb%3Epublisher")))
                .contains("It is discarded", "discarded</span> by operator", "the &lt;b&gt;publisher")
                .doesNotContain("<form method=\"post\"");
        assertThat(post(letter + "/discard", "reason=again").statusCode()).isEqualTo(409);
    }

    @Test
    void aReplayIsPlannedAndStartedFromItsPages() throws Exception {
        DomainEvent event = publishSignUp();
        pipeline.awaitDrained();
        assertThat(get("/progress")).contains("action=\"/progress/replays\"", "<option>force</option>");
        assertThat(post("/progress/replays", "group=email-workers&policy=force").body())
                .contains("from is missing");

        HttpResponse<String> planned = post(
                "/progress/replays",
                "group=email-workers&policy=force&to=&types=&from=%s&event=%s"
                        .formatted(URLEncoder.encode(begun.toString(), UTF_8), event.id()));
        assertThat(followed(planned)).contains("nothing happens until you start it");
        String page = location(planned).replaceAll("\\?.*", "");
        await().untilAsserted(() ->
                assertThat(get(page)).contains("1 user.signed_up: delivered", "name=\"expected\" value=\"1\""));
        assertThat(followed(post(page, "action=start&expected=1"))).contains("It was started");
        await().untilAsserted(() -> assertThat(get(page)).contains(">done</span>", "1 user.signed_up: recorded"));
    }

    @Test
    void aWebhookIsEnabledAndWhatItMissedIsRetried() throws Exception {
        webhooks.answer(PATH, Answer.of(410), Answer.of(200));
        String url = platform.inboxUrl() + PATH;
        campaign.webhook(url, "active", TestCampaign.SECRET);
        DomainEvent reward = campaign.rewardEarned(url);
        publisher.publish(List.of(reward));
        pipeline.awaitDrained();
        String page = "/webhooks/"
                + jdbc.sql("SELECT id FROM webhooks WHERE campaign_id = ?")
                        .param(campaign.id())
                        .query(UUID.class)
                        .single();
        assertThat(get("/")).contains("href=\"" + page + "\"");
        assertThat(get(page))
                .contains("it answered 410 Gone", "1 failed", "action=\"" + page + "/enable\"")
                .doesNotContain(page + "/retry");

        assertThat(followed(post(page + "/enable", "")))
                .contains("It is enabled", "badge ok", "Retry 1 failed")
                .doesNotContain(page + "/enable");
        assertThat(get(page)).contains("name=\"expected\" value=\"1\"");
        assertThat(post(page + "/retry", "expected=0").statusCode()).isEqualTo(409);
        assertThat(followed(post(page + "/retry", "expected=1"))).contains("Its failed deliveries are due");

        pipeline.awaitDrained();
        assertThat(get(page)).contains("0 failed", "badge delivered").doesNotContain("method=\"post\"");
        assertThat(status(reward)).isEqualTo("delivered");
        assertThat(get("/webhooks/" + UUID.randomUUID(), 404)).contains("there is no webhook");
    }

    @Test
    void positionsAreCheckedAndRecalculatedFromTheirCampaign() throws Exception {
        UUID person = campaign.person();
        pipeline.operation("positions/" + campaign.id(), "{\"action\":\"recalculate\"}");
        jdbc.sql("UPDATE waitlist_users SET position = 77 WHERE id = ?")
                .param(person)
                .update();
        String page = "/campaigns/" + campaign.id();

        assertThat(get(page)).contains("Check positions").doesNotContain("that differ");
        assertThat(get(page + "?check=yes"))
                .contains("that differ from a full recalculation as of now: 1.", "<td class=\"n\">77</td>");
        assertThat(followed(post(page + "/recalculate", ""))).contains("The board was recalculated", "as of now: 0.");
    }

    @Test
    void aRowOfTheOutboxIsCorrectedOrDroppedFromItsPage() throws Exception {
        DomainEvent event = Events.signedUp(Events.email());
        String right = Events.json(event, json -> {}).toString();
        String mended = "/outbox/" + refused(right.replace("user.signed_up", "user.signed_in"));
        String dropped = "/outbox/" + refused("{\"type\": \"no.such\", \"email\": \"ada@example.com\"}");
        await().untilAsserted(() -> assertThat(get("/outbox"))
                .contains("href=\"" + mended + "\"", "href=\"" + dropped + "\"", "type is not one of user.signed_up"));
        assertThat(get(dropped)).contains("a***@example.com").doesNotContain("ada@example.com");
        assertThat(get("/outbox/0", 400)).contains("is not a row id");

        assertThat(post(mended, "action=retry").body()).contains("the row is still not a valid event");
        assertThat(followed(post(mended, "action=retry&event=" + URLEncoder.encode(right, UTF_8))))
                .contains("will be published in a moment")
                .doesNotContain(mended);
        await().until(() -> deliveries(event) == 1);

        assertThat(post(dropped, "action=drop").body()).contains("reason is missing");
        assertThat(followed(post(dropped, "action=drop&reason=a+test"))).contains("No row is refused.");
        assertThat(get("/audit?operation=outbox.drop")).contains("reason <code>a test</code>", "was dropped");
        assertThat(get("/audit?operation=outbox.drop&who=nobody")).contains("None found.");
        assertThat(get("/audit?before=1")).contains("None found.");
    }

    @Test
    void aWrongPathIsAPageForABrowserAndAProblemForAScript() throws Exception {
        HttpResponse<String> page = send(request("/nothing%3Cb%3E").header("Accept", "text/html,*/*;q=0.8"));
        assertThat(page.statusCode()).isEqualTo(404);
        assertThat(page.body())
                .contains("<h1>Not found</h1>", "there is no page /nothing%3Cb%3E", "href=\"/deliveries\"")
                .doesNotContain("<b>");

        for (String path : List.of("/nothing", "/observe/nothing")) {
            String accept = path.equals("/nothing") ? "*/*" : "text/html,*/*;q=0.8";
            HttpResponse<String> answer = send(request(path).header("Accept", accept));
            assertThat(answer.statusCode()).as(path).isEqualTo(404);
            assertThat(answer.body()).as(path).doesNotContain("<h1>Not found");
        }
    }

    @Test
    void aPageAboutAMistakeLeadsBackToThePageOfThisPortFromWhichOneCame() throws Exception {
        String wrong = "/deliveries?from=yesterday";
        URI here = request(wrong).build().uri().resolve("/");

        assertThat(refused(wrong, here + "deliveries?status=failed")).isEqualTo("/deliveries?status&#x3D;failed");
        assertThat(refused(wrong, "https://elsewhere.example/deliveries")).isEqualTo("/");
        assertThat(refused(wrong, here + "/elsewhere.example/"))
                .as("never another host")
                .isEqualTo("/elsewhere.example/");
        assertThat(refused(wrong, here + "deliveries/change"))
                .as("which is only there after a form")
                .isEqualTo("/deliveries");
        assertThat(refused(wrong, here.toString().replace("http:", "https:") + "audit"))
                .as("a proxy speaks TLS")
                .isEqualTo("/audit");
        assertThat(refused(wrong, null)).isEqualTo("/");
    }

    /** Where the page leads back to. */
    private String refused(String path, @Nullable String referer) throws Exception {
        HttpRequest.Builder request = request(path);
        if (referer != null) {
            request.header("Referer", referer);
        }
        HttpResponse<String> page = send(request);
        assertThat(page.statusCode()).isEqualTo(400);
        var back = Pattern.compile("<a href=\"([^\"]*)\">Back</a>").matcher(page.body());
        assertThat(back.find()).as(page.body()).isTrue();
        return back.group(1);
    }

    private DomainEvent publishSignUp() throws Exception {
        DomainEvent event = Events.signedUp(Events.email());
        publisher.publish(List.of(event));
        return event;
    }

    /** Puts a record into the dead letters of a group; answers its page. */
    private String bury(String group, String value) throws Exception {
        var written = pipeline.write(List.of(new ProducerRecord<>(
                        "%s.%s.dlq".formatted(pipeline.topic(), group), 0, new byte[1], value.getBytes(UTF_8))))
                .get(0);
        return "/deadletters/%s/%d-%d".formatted(group, written.partition(), written.offset());
    }

    private long refused(String event) {
        return jdbc.sql("INSERT INTO event_routes.event_outbox (event) VALUES (CAST(? AS jsonb)) RETURNING id")
                .param(event)
                .query(Long.class)
                .single();
    }

    private int deliveries(DomainEvent event) {
        return jdbc.sql("SELECT count(*) FROM event_routes.delivery WHERE event_id = ?")
                .param(event.id())
                .query(Integer.class)
                .single();
    }

    private String status(DomainEvent event) {
        return jdbc.sql(
                        "SELECT status FROM event_routes.delivery WHERE event_id = ? AND consumer_group = 'reward-workers'")
                .param(event.id())
                .query(String.class)
                .single();
    }

    private String get(String path) throws Exception {
        return get(path, 200);
    }

    private String get(String path, int status) throws Exception {
        HttpResponse<String> page = send(request(path));
        assertThat(page.statusCode()).as(page.body()).isEqualTo(status);
        return page.body();
    }

    /** Sends a form of a page. */
    private HttpResponse<String> post(String path, String form, String... headers) throws Exception {
        HttpRequest.Builder request = request(path)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString(form));
        return send(headers.length == 0 ? request : request.headers(headers));
    }

    /** The page that a browser shows after a form was sent. */
    private String followed(HttpResponse<String> sent) throws Exception {
        assertThat(sent.statusCode()).as(sent.body()).isEqualTo(303);
        return get(location(sent));
    }

    private static String location(HttpResponse<String> sent) {
        return sent.headers().firstValue("Location").orElseThrow();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(
                        "http://localhost:%s%s".formatted(environment.getProperty("local.management.port"), path)))
                .header("Authorization", pipeline.login());
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return http.send(request.build(), BodyHandlers.ofString());
    }
}
