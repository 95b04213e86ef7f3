package routes.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.apache.camel.ProducerTemplate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.support.StaticListableBeanFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import routes.HesitantReceiver;
import routes.OnPlatform;
import routes.Pipeline;
import routes.SignedRequests;
import routes.TestCampaign;
import routes.dev.Inbox;
import routes.dev.Platform;
import routes.dev.ReceivedMail;
import routes.dev.ReceivedMail.Recipient;
import routes.dev.ReceivedWebhook;
import routes.dev.WebhookReceiver;
import routes.dev.WebhookReceiver.Answer;
import routes.event.DomainEvent;
import routes.event.EventData.CampaignMilestoneReached;
import routes.event.EventJson;
import routes.event.EventPublisher;
import routes.mail.Mails;
import routes.mail.smtp.Suppressions;
import routes.operation.Audit;
import routes.settings.Statements;
import routes.webhook.Webhooks;

/** A rehearsal of a campaign: all its mails to one operator, a ping to each receiver, and nothing else. */
@OnPlatform
@ExtendWith(TestCampaign.OfEachTest.class)
class RehearsalIT {

    private static final String PATH = "/webhooks/rehearsal";
    private static final String OPERATOR = "ops@operator.example";

    /** All that work leaves behind. */
    private static final List<String> TABLES = List.of(
            "event_routes.delivery",
            "event_routes.delivery_attempt",
            "event_routes.fan_out",
            "event_routes.mail_report",
            "event_routes.mail_suppression",
            "event_routes.outcome_event",
            "event_routes.position_window",
            "event_routes.reward_hold",
            "event_routes.webhook_endpoint",
            "user_rewards",
            "waitlist_users",
            "webhooks");

    @Autowired
    private Platform platform;

    @Autowired
    private Pipeline pipeline;

    @Autowired
    private EventPublisher publisher;

    @Autowired
    private JdbcClient jdbc;

    @Autowired
    private Inbox inbox;

    @Autowired
    private WebhookReceiver webhooks;

    @Autowired
    private Statements statements;

    @Autowired
    private Audit audit;

    @Autowired
    private Suppressions suppressions;

    @Autowired
    private ProducerTemplate template;

    private TestCampaign campaign;

    /** A deployment whose campaigns have templates, with mails in German, and a link of the service's own to unsubscribe. */
    @DynamicPropertySource
    static void settings(DynamicPropertyRegistry registry) throws IOException {
        Path own = Files.createDirectories(Path.of("target", "rehearsal-it-sql", "mail"));
        Path file = Path.of("examples/sql/mail/campaign-template.sql");
        Files.copy(file, own.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
        registry.add("sql.location", () -> own.getParent().toUri().toString());
        registry.add("mail.templates", () -> "examples/mail");
        registry.add("mail.unsubscribe-url", () -> "https://waitlist.example.com");
        registry.add("mail.secrets", () -> "a-secret-of-32-characters-or-more");
    }

    @Test
    void everyMailGoesToTheOperatorAndEachReceiverGetsASignedPingAndNothingElseIsChanged() throws Exception {
        campaign.rewardByMail();
        publisher.publish(
                DomainEvent.now(new CampaignMilestoneReached(campaign.id().toString(), "500_participants", 512)));
        pipeline.awaitDrained();
        inbox.clear();
        campaign.webhook(platform.inboxUrl() + PATH, "active", TestCampaign.SECRET);
        emailConfig("""
                {"locale": "de", "unsubscribe_url": "https://app.example/unsubscribe/{user_id}"}""");
        Map<String, String> before = tables();

        JsonNode report = rehearse("");

        assertThat(of(report, "mails"))
                .containsExactly(
                        "user.signed_up sent",
                        "user.verified sent",
                        "referral.verified sent",
                        "reward.earned sent",
                        "campaign.milestone_reached sent",
                        "reward.delivered sent, its code is made up");
        assertThat(report.get("left_out")).isEmpty();
        assertThat(inbox.list()).hasSize(6).allSatisfy(mail -> {
            assertThat(mail.recipients()).extracting(Recipient::address).containsExactly(OPERATOR);
            assertThat(mail.subject()).startsWith("[Rehearsal] ");
            assertThat(mail.headers())
                    .contains("X-Rehearsal: ", "List-Unsubscribe: <https://rehearsal.invalid/unsubscribe>")
                    .doesNotContain("app.example");
            assertThat(mail.text()).doesNotContain("app.example");
            assertThat(mail.html()).doesNotContain("app.example");
        });
        assertThat(mail("user.signed_up").headers()).contains("Content-Language: de");
        assertThat(mail("campaign.milestone_reached").text()).contains("512");
        assertThat(mail("reward.delivered").text()).contains("A reward", "EXAMPLE-CODE");
        assertThat(of(report, "receivers"))
                .containsExactly(platform.inboxUrl() + PATH + " sent, the receiver answered 200");
        ReceivedWebhook ping = webhooks.list().get(0);
        SignedRequests.verify(ping, TestCampaign.SECRET);
        SignedRequests.requireNoOtherHeaders(ping); // those of a reward
        assertThat(ping.headers().get("webhook-id")).startsWith("msg_");
        assertThat(ping.body())
                .contains("\"type\":\"ping\"", "\"test\":true", campaign.id().toString());
        assertThat(webhooks.list()).hasSize(1);
        assertThat(tables()).isEqualTo(before);
        assertThat(audited())
                .containsExactly(
                        "operator rehearsals.rehearse o***@operator.example before the launch: began with 7 attempts");
    }

    @Test
    void theServicesOwnLinkToUnsubscribeIsNotThePersonsEither() throws Exception {
        campaign.person();

        rehearse("");

        assertThat(inbox.list()).hasSize(6).allSatisfy(mail -> assertThat(mail.headers() + mail.text() + mail.html())
                .contains("https://rehearsal.invalid/unsubscribe")
                .doesNotContain("waitlist.example.com"));
    }

    @Test
    void whatIsWrongIsSaidInTheWordsOfTheLedgerAndTheRestIsTriedNonetheless() throws Exception {
        campaign.rewardEarned("https://hooks.example.com/nobody-registered-it?key=secret");
        emailConfig("{\"templates\": {\"user.verified\": {\"html\": \"{{frist_name}}\"}}}");
        String url = platform.inboxUrl() + PATH;
        campaign.webhook("http://10.1.2.3:8080/hook?key=secret", "active", TestCampaign.SECRET);
        campaign.webhook(url + "/down", "active", TestCampaign.SECRET);
        campaign.webhook(url + "/moved", "active", TestCampaign.SECRET);
        campaign.webhook(url + "/closed", "disabled", TestCampaign.SECRET);
        campaign.webhook(url + "/unsigned", "active", "whsec_short");
        campaign.webhook("http://127.0.0.1:1/nobody", "active", TestCampaign.SECRET);
        webhooks.answer(PATH + "/down", Answer.of(503));
        webhooks.answer(PATH + "/moved", new Answer(302, Map.of("Location", url + "/secret"), Duration.ZERO));
        Map<String, String> before = tables();

        JsonNode report = rehearse("");

        assertThat(of(report, "mails")).hasSize(6).anySatisfy(mail -> assertThat(mail)
                .startsWith(
                        "user.verified refused, the campaign's own template: user.verified/body.html.mustache, line 1")
                .contains("write one of campaign_name"));
        assertThat(inbox.list()).hasSize(5);
        assertThat(of(report, "receivers"))
                .contains(
                        "http://10.1.2.3:8080/hook refused, the webhook's host 10.1.2.3 has the address 10.1.2.3,"
                                + " which is not public (see WEBHOOK_ALLOWED_NETWORKS)",
                        url + "/down refused, the receiver answered 503",
                        url + "/moved refused, the receiver answered 302",
                        url + "/closed refused, the webhook is disabled",
                        "https://hooks.example.com/nobody-registered-it refused,"
                                + " the webhook is not registered: only a reward names its URL")
                .anySatisfy(its -> assertThat(its)
                        .startsWith(url + "/unsigned refused, a secret of the webhook is neither whsec_"))
                .anySatisfy(its ->
                        assertThat(its).startsWith("http://127.0.0.1:1/nobody failed, no connection to the receiver"))
                .hasSize(7);
        assertThat(webhooks.list())
                .extracting(ReceivedWebhook::path)
                .containsExactlyInAnyOrder(PATH + "/down", PATH + "/moved");
        assertThat(tables()).isEqualTo(before);
        assertThat(pipeline.operation("webhooks?campaign=" + campaign.id(), null)
                        .get("webhooks"))
                .allSatisfy(its -> assertThat(its.at("/here/state").asText()).isEqualTo("closed"));
    }

    @Test
    void whatACampaignDoesNotHaveIsMadeUpAndSaidSo() throws Exception {
        campaign.person();

        JsonNode report = rehearse("");

        assertThat(of(report, "mails"))
                .contains(
                        "reward.earned sent, made up: the campaign has no rewards",
                        "reward.delivered sent, made up: the campaign has no rewards",
                        "campaign.milestone_reached sent, made up: the ledger has no milestone of the campaign");
        assertThat(mail("reward.earned").text()).contains("Example reward");
        assertThat(report.get("receivers")).isEmpty();
    }

    @Test
    void whoIsNamedIsShownEvenIfMailsToThisPersonWouldBeRefused() throws Exception {
        campaign.person();
        UUID blocked = campaign.person();
        jdbc.sql("UPDATE waitlist_users SET status = 'blocked' WHERE id = ?")
                .param(blocked)
                .update();

        JsonNode report = rehearse("\"person\":\"%s\",".formatted(blocked));

        assertThat(report.get("person").asText()).isEqualTo(blocked.toString());
        assertThat(of(report, "mails")).hasSize(6).allSatisfy(mail -> assertThat(mail)
                .contains(" refused, the person is blocked"));
        assertThat(inbox.list()).isEmpty();
    }

    @Test
    void anOperatorWhoseAddressIsSuppressedIsToldSo() throws Exception {
        campaign.person();
        pipeline.operation(
                "suppressions", "{\"action\":\"add\",\"address\":\"%s\",\"reason\":\"a test\"}".formatted(OPERATOR));
        try {
            assertThat(of(rehearse(""), "mails")).hasSize(6).allSatisfy(mail -> assertThat(mail)
                    .contains(" refused, suppressed for good (manual"));
        } finally {
            pipeline.operation("suppressions", "{\"action\":\"lift\",\"address\":\"%s\"}".formatted(OPERATOR));
        }
        assertThat(inbox.list()).isEmpty();
    }

    @Test
    void aReceiverThatHangsCostsTenSecondsAndNobodyRehearsesMeanwhile() throws Exception {
        campaign.person();
        try (HesitantReceiver receiver = HesitantReceiver.start()) {
            campaign.webhook(receiver.url(), "active", TestCampaign.SECRET);

            CompletableFuture<JsonNode> hanging = CompletableFuture.supplyAsync(() -> {
                try {
                    return rehearse("");
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            await().until(() -> receiver.requests() == 1);
            long asked = System.nanoTime();
            HttpResponse<String> second = send(campaign.id().toString(), "");

            assertThat(second.statusCode()).isEqualTo(409);
            assertThat(second.body()).contains("a rehearsal is under way");
            assertThat(of(hanging.get(60, TimeUnit.SECONDS), "receivers"))
                    .containsExactly(receiver.url() + " failed, no result within 10 s; it may still arrive");
            assertThat(Duration.ofNanos(System.nanoTime() - asked))
                    .as("not for as long as a webhook may take, which is 15 s")
                    .isLessThan(Duration.ofSeconds(14));
            assertThat(audited()).hasSize(1);
            receiver.answer();
            await().until(() -> send(campaign.id().toString(), "").statusCode() == 200);
        }
    }

    @Test
    void noMoreThanTenReceiversAreTried() throws Exception {
        for (int n = 0; n < 12; n++) {
            campaign.webhook(platform.inboxUrl() + PATH + "/" + n, "active", TestCampaign.SECRET);
        }

        JsonNode report = rehearse("");

        assertThat(report.get("receivers")).hasSize(10);
        assertThat(webhooks.list()).hasSize(10);
        assertThat(report.get("left_out").toString())
                .isEqualTo("[\"mails: nobody takes part in the campaign yet; sign yourself up first\","
                        + "\"receivers: those after the first 10, in order of id\"]");
    }

    /** As on an instance with the role position. */
    @Test
    void anInstanceWithoutTheRolesSaysWhatItCannotTry() throws Exception {
        var nothing = new StaticListableBeanFactory();
        var elsewhere = new RehearsalOperations(
                statements,
                audit,
                nothing.getBeanProvider(Mails.class),
                nothing.getBeanProvider(Webhooks.class),
                suppressions,
                template);
        campaign.person();

        assertThat(elsewhere
                        .rehearse(campaign.id().toString(), null, OPERATOR, "operator", "a look")
                        .leftOut())
                .containsExactly(
                        "mails: this instance has neither the role email nor reward",
                        "receivers: this instance does not have the role reward");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    400 | CAMPAIGN | {"reason":"x"}                                   | to is missing
                    400 | CAMPAIGN | {"to":"nobody","reason":"x"}                     | to cannot be used: it is not an email address
                    400 | CAMPAIGN | {"to":"a@example.com,b@example.com","reason":"x"} | to cannot be used: it is not exactly one mail address
                    400 | CAMPAIGN | {"to":"a@example.com"}                           | reason is missing
                    400 | all      | {"to":"a@example.com","reason":"x"}              | campaign is not a UUID
                    400 | CAMPAIGN | {"to":"a@example.com","reason":"x","person":"ada"} | person is not a UUID
                    404 | 00000000-0000-4000-8000-00000000dead | {"to":"a@example.com","reason":"x"} | there is no campaign
                    404 | CAMPAIGN | {"to":"a@example.com","reason":"x","person":"00000000-0000-4000-8000-00000000dead"} | there is no person
                    """)
    void whatIsAskedWronglySendsNothing(int status, String path, String body, String message) throws Exception {
        campaign.person();
        HttpResponse<String> refused = pipeline.operate(
                "rehearsals/" + path.replace("CAMPAIGN", campaign.id().toString()), body);

        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(status);
        assertThat(refused.body()).contains(message);
        assertThat(inbox.list()).isEmpty();
        assertThat(audited()).isEmpty();
    }

    @Test
    void lookingRehearsesNothing() throws Exception {
        assertThat(pipeline.operate("rehearsals/" + campaign.id(), null).statusCode())
                .isEqualTo(405);
    }

    private JsonNode rehearse(String more) throws Exception {
        HttpResponse<String> response = send(campaign.id().toString(), more);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return EventJson.mapper().readTree(response.body());
    }

    private HttpResponse<String> send(String id, String more) throws Exception {
        return pipeline.operate(
                "rehearsals/" + id,
                "{%s\"to\":\"Ops <%s>\",\"reason\":\"before the launch\"}".formatted(more, OPERATOR));
    }

    /** The verdicts, a line each. */
    private static List<String> of(JsonNode report, String part) {
        return StreamSupport.stream(report.get(part).spliterator(), false)
                .map(its -> {
                    assertThat(its.get("duration_ms").asLong()).isBetween(0L, 10_000L);
                    String why = its.path("reason").asText();
                    return its.get("of").asText() + " " + its.get("result").asText()
                            + (why.isEmpty() ? "" : ", " + why);
                })
                .toList();
    }

    private ReceivedMail mail(String type) {
        return inbox.list().stream()
                .filter(mail -> mail.headers().contains("X-Rehearsal: " + type))
                .findFirst()
                .orElseThrow();
    }

    private void emailConfig(String json) {
        jdbc.sql("UPDATE campaigns SET email_config = CAST(? AS jsonb) WHERE id = ?")
                .params(json, campaign.id())
                .update();
    }

    private Map<String, String> tables() {
        return TABLES.stream().collect(Collectors.toMap(table -> table, table -> jdbc.sql(
                        "SELECT count(*) || ' ' || coalesce(md5(string_agg(t::text, ';' ORDER BY t::text)), '') FROM "
                                + table + " t")
                .query(String.class)
                .single()));
    }

    private List<String> audited() {
        return jdbc.sql("""
                        SELECT concat(who, ' ', operation, ' ', arguments ->> 'to', ' ', arguments ->> 'reason', ': ', result)
                        FROM event_routes.audit
                        WHERE arguments ->> 'campaign' = ?
                        ORDER BY id
                        """).param(campaign.id().toString()).query(String.class).list();
    }
}
