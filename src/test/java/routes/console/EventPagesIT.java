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
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;
import routes.OnPlatform;
import routes.Pipeline;
import routes.TestCampaign;
import routes.dev.Inbox;
import routes.dev.Platform;
import routes.dev.WebhookReceiver;
import routes.event.DomainEvent;
import routes.event.EventData.RewardEarned;
import routes.event.EventPublisher;
import routes.event.Events;
import routes.settings.Statements;

/** An event's story as an operator reads it, and the box that finds any id. */
@OnPlatform
@ExtendWith(TestCampaign.OfEachTest.class)
class EventPagesIT {

    @Autowired
    private Platform platform;

    @Autowired
    private Pipeline pipeline;

    @Autowired
    private EventPublisher publisher;

    @Autowired
    private JdbcClient jdbc;

    @Autowired
    private Statements sql;

    @Autowired
    private TransactionTemplate transaction;

    @Autowired
    private WebhookReceiver webhooks;

    @Autowired
    private Inbox inbox;

    @Value("${local.management.port}")
    private int port;

    private final HttpClient http = HttpClient.newHttpClient();
    private TestCampaign campaign;

    @Test
    void anEventThatTwoGroupsDeliveredIsToldFromItsBeginning() throws Exception {
        DomainEvent event = rewarded();

        String page = get("/events/" + event.id().toUpperCase(Locale.ROOT));

        assertThat(story(page))
                .containsSubsequence("2026-01-01 12:00:00Z happened", "recorded", "delivered")
                .containsOnlyOnce("happened")
                .contains("email-workers attempt 1, took", "reward-workers attempt 1, took")
                .doesNotContain("null");
        assertThat(text(page))
                .contains(
                        "email-workers delivered",
                        "reward-workers delivered",
                        "position-workers passed-over the group does not handle reward.earned",
                        "curl -u 'operator' http://localhost:%d/observe/events/%s".formatted(port, event.id()))
                .doesNotContain("dev-password");
        assertThat(page)
                .contains("href=\"/deliveries/" + delivery(event, "reward-workers") + "\"")
                .doesNotContain("method=\"post\"");
    }

    @Test
    void whatFailedIsRetriedFromTheStory() throws Exception {
        DomainEvent event = Events.signedUp(Events.email());
        publisher.publish(event);
        pipeline.awaitDrained();
        UUID delivery = delivery(event, "email-workers");
        jdbc.sql("UPDATE event_routes.delivery SET status = 'failed', reason = '550 <no>' WHERE id = ?")
                .param(delivery)
                .update();
        String page = get("/events/" + event.id());
        assertThat(story(page)).contains("failed email-workers it is not retried automatically");
        assertThat(text(page)).contains("Delivery failed 550 &lt;no&gt; Retry now in email-workers");
        String form = "action=\"(/deliveries/%s/retry)\"><input type=\"hidden\" name=\"(story)\" value=\"(yes)\">";
        var button = Pattern.compile(form.formatted(delivery)).matcher(page);
        assertThat(button.find()).as(page).isTrue();

        HttpResponse<String> pressed = http.send(
                request(button.group(1))
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(BodyPublishers.ofString(button.group(2) + "=" + button.group(3)))
                        .build(),
                BodyHandlers.ofString());

        assertThat(pressed.statusCode()).isEqualTo(303);
        assertThat(pressed.headers().firstValue("Location")).hasValue("/events/%s?done=retry".formatted(event.id()));
        assertThat(get("/events/%s?done=retry".formatted(event.id())))
                .contains("The retry was requested: it is due at once.");
        await().untilAsserted(() -> assertThat(text(get("/events/" + event.id())))
                .contains("email-workers delivered", "attempt 1, took", "due email-workers retried, by operator")
                .doesNotContain("Retry now"));
    }

    @Test
    void whatAnOperatorGaveAReasonForIsToldOnceWithIt() throws Exception {
        DomainEvent event = campaign.rewardByHand();
        publisher.publish(event);
        pipeline.awaitRead();
        await().untilAsserted(() ->
                assertThat(story(get("/events/" + event.id()))).contains("manual reward-workers attempt 1"));

        pipeline.operation(
                "deliveries/" + delivery(event, "reward-workers"), "{\"action\":\"done\",\"reason\":\"handed over\"}");

        assertThat(story(get("/events/" + event.id())))
                .containsOnlyOnce("delivered reward-workers")
                .contains("delivered reward-workers done by operator: handed over");
    }

    @Test
    void anEventWhoseTimeAPersonEditedHasAStoryAllTheSame() throws Exception {
        DomainEvent event = Events.signedUp(Events.email());
        publisher.publish(event);
        pipeline.awaitDrained();
        for (String time : List.of("\"soon\"", "\"2026-02-30T00:00:00Z\"", "7", "null")) {
            jdbc.sql(
                            "UPDATE event_routes.delivery SET event = jsonb_set(event, '{timestamp}', CAST(? AS jsonb)) WHERE event_id = ?")
                    .params(time, event.id())
                    .update();

            assertThat(story(get("/events/" + event.id()))).as(time).contains("recorded email-workers");
        }
    }

    @Test
    void whyAnEventWaitsIsTheLastLineOfItsStory() throws Exception {
        String id = Events.id();
        record(id, campaign.id().toString(), "now() + interval '1 hour'");

        String page = get("/events/" + id);

        assertThat(page).contains("<li class=\"ahead\">", "Retry now");
        assertThat(story(page)).containsPattern("due email-workers it is due at \\S+ $");
    }

    @Test
    void anEventAmongTheDeadLettersLeadsThereAndBack() throws Exception {
        String id = Events.id();
        pipeline.write("{\"id\":\"%s\",\"type\":\"user.signed_up\"}".formatted(id));
        pipeline.awaitDrained();

        await().untilAsserted(() ->
                assertThat(story(get("/events/" + id))).contains("dead-letter email-workers", ", offset "));

        var letter =
                Pattern.compile("href=\"(/deadletters/email-workers/[^\"]+)\"").matcher(get("/events/" + id));
        assertThat(letter.find()).isTrue();
        assertThat(get(letter.group(1))).contains("href=\"/events/%s\"".formatted(id));
    }

    @Test
    void anEventThatNobodyKnowsIsNotFoundAndTheGroupsSayHowFarTheyHaveRead() throws Exception {
        HttpResponse<String> page = ask("/events/" + Events.id());

        assertThat(page.statusCode()).isEqualTo(404);
        assertThat(text(page.body()))
                .contains(
                        "Nothing is known of the event", "the group has read everything", "Nothing that left a trace");
        assertThat(ask("/events/no%20id").statusCode()).isEqualTo(400);
    }

    @Test
    void anyIdLeadsToItsPage() throws Exception {
        DomainEvent event = rewarded();
        RewardEarned reward = (RewardEarned) event.data();
        UUID byWebhook = delivery(event, "reward-workers");
        UUID byMail = delivery(event, "email-workers");
        String webhook = jdbc.sql("SELECT lane FROM event_routes.delivery WHERE id = ?")
                .param(byWebhook)
                .query(String.class)
                .single();

        assertFound(event.id(), "/events/" + event.id());
        assertFound("  " + event.id().toUpperCase(Locale.ROOT) + " ", "/events/" + event.id());
        assertFound(byMail.toString(), "/deliveries/" + byMail);
        assertFound(String.valueOf(webhooks.list().get(0).headers().get("webhook-id")), "/deliveries/" + byWebhook);
        assertFound(inbox.list().get(0).messageId(), "/deliveries/" + byMail);
        assertFound(inbox.list().get(0).messageId().replaceAll("[<>]", ""), "/deliveries/" + byMail);
        assertFound(reward.userId(), "/deliveries?recipient=" + reward.userId());
        assertFound(reward.userRewardId(), "/deliveries/" + byWebhook);
        assertFound(webhook, "/deliveries?webhook=" + webhook);
        assertFound(campaign.id().toString(), "/deliveries?campaign=" + campaign.id());

        pipeline.operation("positions/" + campaign.id(), "{\"action\":\"recalculate\",\"by\":\"ann\"}");
        assertFound(campaign.id().toString(), "/campaigns/" + campaign.id());
    }

    @Test
    void aMailAddressLeadsToTheDeliveriesOfItsPersonInEachCampaign() throws Exception {
        UUID person = campaign.person();
        String address = campaign.address(person);
        assertThat(searched(address).headers().firstValue("Location")).hasValue("/deliveries?recipient=" + person);
        assertThat(get("/find?q=" + URLEncoder.encode(address, UTF_8)))
                .as("not by a URL, which logs have")
                .contains("Nothing was found for");

        TestCampaign other = TestCampaign.create(jdbc);
        UUID again = other.person();
        jdbc.sql("UPDATE waitlist_users SET email = ? WHERE id = ?")
                .params(address, again)
                .update();

        assertThat(searched(address).body())
                .contains("recipient&#x3D;%s\">person in the campaign %s".formatted(person, campaign.id()))
                .contains("recipient&#x3D;%s\">person in the campaign %s".formatted(again, other.id()));
        other.delete();
    }

    @Test
    void anIdOfSeveralThingsListsThem() throws Exception {
        String id = campaign.id().toString();
        record(id, id, "now() + interval '1 hour'");

        assertThat(get("/find?q=" + id))
                .contains("<a href=\"/events/%s\">event</a>".formatted(id))
                .contains("<a href=\"/deliveries?campaign&#x3D;%s\">campaign</a>".formatted(id));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/find", "/find?q=", "/find?q=%20", "/find?q=ann%40example.com", "/find?q=%3Cscript%3E"})
    void whatIsNotAnIdIsAnsweredWithWhatCanBeSearchedFor(String path) throws Exception {
        assertThat(get(path))
                .contains("Search for the id of an event", "name=\"q\"")
                .doesNotContain("null", "<script>");
    }

    @Test
    void anIdThatTheLedgerDoesNotHaveMayBeThatOfADeadLetter() throws Exception {
        String id = Events.id();

        assertThat(get("/find?q=" + id))
                .contains("Nothing was found for", "href=\"/events/%s\"".formatted(id), "value=\"" + id);
    }

    /** With whatever the planner expects: it has no reason to read a table of millions that it knows an index for. */
    @Test
    void noSearchReadsAWholeTable() {
        String plan = transaction.execute(status -> {
            jdbc.sql("SET LOCAL enable_seqscan = off").update();
            return String.join(
                    "\n",
                    jdbc.sql("EXPLAIN " + sql.text("console/find-ids"))
                            .param("id", Events.id())
                            .param("uuid", UUID.randomUUID())
                            .query(String.class)
                            .list());
        });

        assertThat(plan)
                .contains("delivery_event", "delivery_person", "delivery_campaign", "delivery_of_lane", "delivery_pkey")
                .contains("delivery_consumer_group_idempotency_key_recipient_key")
                .doesNotContain("Seq Scan", "Sort");
    }

    /** A reward by webhook, which its person is told of by mail, too; both are delivered. */
    private DomainEvent rewarded() throws Exception {
        String path = "/webhooks/" + campaign.id();
        campaign.webhook(platform.inboxUrl() + path, "active", TestCampaign.SECRET);
        DomainEvent event = campaign.rewardEarned(platform.inboxUrl() + path);
        publisher.publish(event);
        pipeline.awaitDrained();
        return event;
    }

    private void record(String event, String campaign, String dueAt) {
        jdbc.sql(
                        "INSERT INTO event_routes.delivery (consumer_group, idempotency_key, event_id, event_type, campaign_id, event,"
                                + " status, due_at) VALUES ('email-workers', :id, :id, 'user.signed_up', :campaign, '{}', 'due', "
                                + dueAt + ")")
                .param("id", event)
                .param("campaign", campaign)
                .update();
    }

    private UUID delivery(DomainEvent event, String group) {
        return jdbc.sql("SELECT id FROM event_routes.delivery WHERE event_id = ? AND consumer_group = ?")
                .params(event.id(), group)
                .query(UUID.class)
                .single();
    }

    private HttpResponse<String> searched(String q) throws Exception {
        return http.send(
                request("/find")
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(BodyPublishers.ofString("q=" + URLEncoder.encode(q, UTF_8)))
                        .build(),
                BodyHandlers.ofString());
    }

    private void assertFound(String q, String page) throws Exception {
        HttpResponse<String> found = ask("/find?q=" + URLEncoder.encode(q, UTF_8));
        assertThat(found.statusCode()).as(found.body()).isEqualTo(303);
        assertThat(found.headers().firstValue("Location")).as(q).hasValue(page);
        if (!page.startsWith("/events/")) {
            assertThat(get(page)).doesNotContain("None found.");
        }
    }

    private static String story(String page) {
        var list = Pattern.compile("(?s)<ol class=\"story\">(.*)</ol>").matcher(page);
        return list.find() ? text(list.group(1)) : "";
    }

    private static String text(String page) {
        return page.replaceAll("<[^>]*>", " ").replaceAll("\\s+", " ").replace("&#39;", "'");
    }

    private String get(String path) throws Exception {
        HttpResponse<String> page = ask(path);
        assertThat(page.statusCode()).as(page.body()).isEqualTo(200);
        return page.body();
    }

    private HttpResponse<String> ask(String path) throws Exception {
        return http.send(request(path).build(), BodyHandlers.ofString());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://localhost:%d%s".formatted(port, path)))
                .header("Authorization", pipeline.login());
    }
}
