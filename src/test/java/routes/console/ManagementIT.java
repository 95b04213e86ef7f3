package routes.console;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static routes.console.Html.find;

import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.servlet.Filter;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.apache.camel.CamelContext;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.Environment;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.test.context.DynamicPropertyRegistrar;
import org.springframework.test.context.TestPropertySource;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.RouterFunctions;
import org.springframework.web.servlet.function.ServerResponse;
import routes.OnPlatform;
import routes.Pipeline;
import routes.TestCampaign;
import routes.dev.EmbeddedDatabase;
import routes.dev.Platform;
import routes.event.DomainEvent;
import routes.event.EventData.CampaignMilestoneReached;
import routes.event.EventData.RewardEarned;
import routes.event.EventJson;
import routes.event.Events;

/** The management port: its login, its pages, and no secret anywhere. The context is its own, so that its whole log is read. */
@OnPlatform
@ExtendWith(TestCampaign.OfEachTest.class)
@Import({ManagementIT.DatabasePassword.class, ManagementIT.BrokenFile.class})
@ExtendWith(OutputCaptureExtension.class)
@TestPropertySource(
        properties = {
            "management.login.password=secret-of-management",
            "management.login.users[0].name=vic",
            "management.login.users[0].password=" + ManagementIT.SECRET_OF_VIC,
            "management.login.users[0].role=viewer",
            "publishing.api-key=secret-of-publishing,secret-of-another",
            "mail.username=somebody",
            "mail.password=secret-of-smtp",
            "camel.component.kafka.sasl-jaas-config=org.apache.kafka.common.security.plain.PlainLoginModule required username=\"u\" password=\"secret-of-kafka\";"
        })
class ManagementIT {

    static final String SECRET_OF_VIC = "secret-of-viewer";

    private static final Map<String, String> SETTINGS = Map.of(
            "management.login.password", "secret-of-management",
            "publishing.api-key", "secret-of-publishing,secret-of-another",
            "camel.component.kafka.sasl-jaas-config", "secret-of-kafka",
            "mail.password", "secret-of-smtp",
            "spring.datasource.password", DatabasePassword.SECRET);

    private static final List<String> SECRETS = List.of(
            "secret-of-management",
            SECRET_OF_VIC,
            "secret-of-publishing",
            "secret-of-another",
            "secret-of-kafka",
            "secret-of-smtp",
            DatabasePassword.SECRET);

    @TestConfiguration(proxyBeanMethods = false)
    static class DatabasePassword {

        static final String SECRET = "secret-of-database";

        /** The embedded server takes any password; a container takes its own alone, a word that stands everywhere. */
        @Bean
        DynamicPropertyRegistrar databasePassword(Platform platform) {
            return registry -> {
                if (platform.database() instanceof EmbeddedDatabase) {
                    registry.add("spring.datasource.password", () -> SECRET);
                }
            };
        }
    }

    /** A file which the database fails after some lines. */
    static class BrokenFile implements Tab {

        @Override
        public RouterFunction<ServerResponse> routes() {
            return RouterFunctions.route()
                    .GET(
                            "/broken/{lines}",
                            request -> Requests.csv("broken", out -> {
                                out.write("a line\r\n"
                                        .repeat(Integer.parseInt(request.pathVariable("lines")))
                                        .getBytes(UTF_8));
                                throw new DataAccessResourceFailureException("down");
                            }))
                    .build();
        }
    }

    @Autowired
    private Platform platform;

    @Autowired
    private Pipeline pipeline;

    @Autowired
    private JdbcClient jdbc;

    @Autowired
    private Environment environment;

    @Autowired
    private ApplicationContext service;

    @Autowired
    private CamelContext camel;

    private final HttpClient http = HttpClient.newHttpClient();
    private final Instant begun = Instant.now();
    private TestCampaign campaign;

    @AfterEach
    void cleanUp() throws Exception {
        camel.getRouteController().startRoute("due-deliveries");
    }

    @Test
    void operationsAndPagesNeedTheLoginAndHealthAndMetricsDoNot() throws Exception {
        for (String path : List.of(
                "/",
                "/look.css",
                "/style.css",
                "/live.js",
                "/times.js",
                "/deliveries",
                "/observe",
                "/observe/deliveries",
                "/nothing")) {
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
                "/find",
                "/find?q=nothing",
                "/deadletters",
                "/deadletters?group=reward-workers",
                "/rewards",
                "/rewards?action=void&campaign=c0ffee00-0000-4000-8000-000000000001",
                "/campaigns",
                "/campaigns/rehearsal",
                "/progress",
                "/suppressions",
                "/webhooks",
                "/webhooks?state=failing",
                "/groups",
                "/history",
                "/history?span=day",
                "/outbox",
                "/audit"
            })
    void everyPageIsShownAndMayLoadNothingFromElsewhere(String path) throws Exception {
        HttpResponse<String> page = ask("GET", path, pipeline.login());

        assertThat(page.statusCode()).as(page.body()).isEqualTo(200);
        assertThat(withoutItsScripts(page))
                .contains("<h1>")
                .doesNotContain("<script", "style=\"", "src=", "href=\"http", "action=\"http");
        assertThat(page.headers().firstValue("Content-Security-Policy").orElse(""))
                .contains("default-src 'none'", "frame-ancestors 'none'");
    }

    private static String withoutItsScripts(HttpResponse<String> page) {
        return page.body()
                .replace("<script src=\"/live.js\" defer></script>", "")
                .replace("<script src=\"/times.js\" defer></script>", "");
    }

    @Test
    void theHistoryPlotsWhatAGroupDidAndSaysWhyDeliveriesFailed() throws Exception {
        Instant minute = Instant.ofEpochSecond(Instant.now().getEpochSecond() / 600 * 600 - 600);
        jdbc.sql("""
                        INSERT INTO event_routes.history VALUES (?, 'plotted-workers', 1234, 0, 0, 7, 3, 42, '{0,0,0,0,0,1}'),
                                                                (?, 'plotted-workers', 10, 0, 0, 0, 0, NULL, '{}')
                        """)
                .params(minute.atOffset(ZoneOffset.UTC), minute.plusSeconds(60).atOffset(ZoneOffset.UTC))
                .update();
        jdbc.sql("""
                        INSERT INTO event_routes.delivery (consumer_group, idempotency_key, event_id, event_type, campaign_id, event, status, reason)
                        VALUES ('email-workers', :id, :id, 'user.signed_up', :campaign, '{}', 'failed', 'the plot <thickens>')
                        """)
                .param("id", UUID.randomUUID().toString())
                .param("campaign", campaign.id().toString())
                .update();

        String page = ask("GET", "/history", pipeline.login()).body();

        String time = minute.toString().substring(11, 16);
        assertThat(page)
                .contains(
                        "plotted-workers",
                        "Handled per minute: delivered at most 1,234, failed at most 7, retry at most 3",
                        "<title>" + time + "Z: delivered 1,234, failed 7, retry 3</title>",
                        "<title>" + time + "Z: p99 10 ms, p50 10 ms</title>",
                        "<title>" + time + "Z: lag 42</title>",
                        "the plot &lt;thickens&gt;",
                        "because&#x3D;the+plot+%3Cthickens%3E");
        assertThat(ask("GET", "/history?span=day", pipeline.login()).body())
                .contains("Handled per minute: delivered at most 124, failed at most 0.7");
    }

    @Test
    void theHistoryIsShownEvenIfTheReasonsTakeTooLongToCount() throws Exception {
        try (Connection application = platform.database().dataSource().getConnection();
                Statement statement = application.createStatement()) {
            application.setAutoCommit(false);
            statement.execute("LOCK TABLE event_routes.delivery");

            HttpResponse<String> page = ask("GET", "/history", pipeline.login());

            assertThat(page.statusCode()).as(page.body()).isEqualTo(200);
            assertThat(page.body()).contains("<h1>History", "The reasons take too long to count");
        }
    }

    @Test
    void thePublicPortKnowsNothingOfThisLogin() throws Exception {
        assertThat(service.getBeanNamesForType(SecurityFilterChain.class)).isEmpty();
        assertThat(service.getBeanNamesForType(Filter.class))
                .noneMatch(name -> name.toLowerCase(Locale.ROOT).contains("security"));

        HttpResponse<String> published = publish(Events.signedUp(Events.email()));

        assertThat(published.statusCode()).isEqualTo(202);
        assertThat(published.headers().map()).doesNotContainKeys("x-frame-options", "x-content-type-options");
    }

    @Test
    void aViewerSeesAllPagesWithoutAButtonThatChangesAndIsRefusedWhenPressingNonetheless() throws Exception {
        String viewer = basic("vic", SECRET_OF_VIC);
        String announcement = "/progress/announcements/" + fanOut();
        String letter = bury("email-workers", "hello".getBytes(UTF_8));
        campaign.rewardByHand();
        String rewards = "/rewards?action=void&campaign=" + campaign.id();
        String event = jdbc.sql(
                        "SELECT '/events/' || event_id FROM event_routes.delivery WHERE campaign_id = ? LIMIT 1")
                .param(campaign.id().toString())
                .query(String.class)
                .single();
        long row = jdbc.sql(
                        "INSERT INTO event_routes.event_outbox (event, refused_because) VALUES ('7', 'a test') RETURNING id")
                .query(Long.class)
                .single();
        for (String path : List.of(
                "/",
                "/deliveries",
                event,
                "/deadletters",
                letter,
                rewards,
                "/progress",
                announcement,
                "/webhooks",
                "/campaigns/rehearsal?campaign=" + campaign.id(),
                "/groups",
                "/outbox",
                "/outbox/" + row,
                "/audit")) {
            HttpResponse<String> page = ask("GET", path, viewer);
            assertThat(page.statusCode()).as(path).isEqualTo(200);
            assertThat(page.body()).as(path).contains("vic (viewer)").doesNotContain("method=\"post\"");
        }
        assertThat(get(announcement)).contains("method=\"post\"");
        assertThat(get(event)).contains("method=\"post\"", "Retry now");
        assertThat(get(rewards)).contains("method=\"post\"");

        assertThat(get("/suppressions")).contains("action=\"/suppressions/add\"");
        assertThat(ask("GET", "/suppressions", viewer).body())
                .contains("action=\"/suppressions/search\"")
                .doesNotContain("/suppressions/add", "/suppressions/import", "/suppressions/lift");
        assertThat(ask("POST", "/suppressions/search", viewer).statusCode()).isEqualTo(200);
        assertThat(ask("GET", "/suppressions/export", viewer).statusCode()).isEqualTo(200);

        for (String path : List.of(
                letter + "/redrive",
                letter + "/discard",
                announcement,
                "/progress/replays",
                "/groups/email-workers",
                "/webhooks/" + UUID.randomUUID() + "/enable",
                "/webhooks/" + UUID.randomUUID() + "/retry",
                "/campaigns/" + campaign.id() + "/recalculate",
                "/campaigns/rehearsal",
                "/observe/rehearsals/" + campaign.id(),
                "/outbox/" + row,
                "/suppressions/add",
                "/suppressions/import?dryRun=false",
                "/observe/suppressions",
                "/observe/consumers/email-workers",
                "/observe/erasure")) {
            HttpResponse<String> refused = ask("POST", path, viewer);
            assertThat(refused.statusCode()).as(path).isEqualTo(403);
            assertThat(refused.body()).contains("vic is a viewer", "needs the role operator");
        }
        assertThat(jdbc.sql("SELECT count(*) FROM event_routes.audit WHERE who = 'vic'")
                        .query(Integer.class)
                        .single())
                .isZero();
        jdbc.sql("DELETE FROM event_routes.event_outbox WHERE id = ?")
                .param(row)
                .update();
    }

    @Test
    void theOpenApiDocumentIsServedToWhoeverIsLoggedIn() throws Exception {
        assertThat(ask("GET", "/observe/openapi", null).statusCode()).isEqualTo(401);

        HttpResponse<String> document = ask("GET", "/observe/openapi", basic("vic", SECRET_OF_VIC));

        assertThat(document.headers().firstValue("Content-Type")).hasValue("application/json");
        assertThat(document.body()).isEqualTo(Files.readString(Path.of("docs/operations/openapi.json")));
    }

    @Test
    void healthSaysUpOrDownToEverybodyAndWhyToWhoIsLoggedIn() throws Exception {
        String open = ask("GET", "/observe/health", null).body();
        assertThat(open)
                .contains("\"status\"", "\"db\"", "\"email-workers\"")
                .doesNotContain("details", "verdict", "path", "total", "PostgreSQL", "lag");
        assertThat(ask("GET", "/observe/health", basic("vic", SECRET_OF_VIC)).body())
                .contains("details", "verdict", "PostgreSQL");
        assertThat(ask("GET", "/observe/health/consumers/email-workers", null).body())
                .contains("status")
                .doesNotContain("verdict");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                "a/b",
                "a/b/c",
                "db/b/c",
                "ready/a",
                "ready/a/b",
                "consumers/a",
                "consumers/email-workers/b/c"
            })
    void healthOfWhatIsNotThereIsNotFoundAndNotLogged(String path, CapturedOutput log) throws Exception {
        int before = log.getAll().length();

        assertThat(ask("GET", "/observe/health/" + path, null).statusCode()).isEqualTo(404);

        assertThat(log.getAll().substring(before)).doesNotContain("Exception");
    }

    private static String basic(String user, String password) {
        return "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(UTF_8));
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
                .doesNotContain("<script>");
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
    void whatFailedForAReasonIsRetriedFromThePagesAfterAPlan() throws Exception {
        DomainEvent event = Events.signedUp(Events.email());
        assertThat(publish(event).statusCode()).isEqualTo(202);
        pipeline.awaitDrained();
        jdbc.sql("UPDATE event_routes.delivery SET status = 'failed', reason = :reason WHERE event_id = :event")
                .param("reason", "=421 <busy>, & \"so on\"")
                .param("event", event.id())
                .update();

        String found = get("/deliveries?event=" + event.id());
        assertThat(found).contains("<h2>1 found</h2>", "&#x3D;421 &lt;busy&gt;", "Retry all");
        String narrower = find("<a href=\"(\\?[^\"]*because&#x3D;[^\"]*)\"", found)
                .replace("&amp;", "&")
                .replace("&#x3D;", "=");
        assertThat(get("/deliveries" + narrower)).contains("1 found");
        assertThat(get("/deliveries/csv?event=" + event.id()))
                .startsWith("recorded,id,group")
                .contains(event.id(), "\"'=421 <busy>, & \"\"so on\"\"\"");

        String form = "action=retry&event=" + event.id();
        String plan = post("/deliveries/change", form).body();
        assertThat(plan).contains("Retry all?", "name=\"before\"", ">Retry 1<");
        assertThat(status(event)).isEqualTo("failed");
        String before = find("name=\"before\" value=\"([^\"]*)\"", plan);

        assertThat(post("/deliveries/change", form + "&expected=1&before=" + before)
                        .body())
                .contains("Now due: 1", "Left of the plan: 0");
        await().untilAsserted(() -> assertThat(status(event)).isEqualTo("delivered"));
        assertThat(post("/deliveries/change", "action=retry").body()).contains("the filter is empty");
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/html,*/*;q=0.8", "*/*"})
    void aFileThatBreaksHalfwayDoesNotEndAsIfItWereWhole(String accept) {
        assertThatThrownBy(() -> ask("GET", "/broken/10000", pipeline.login(), "Accept", accept))
                .isInstanceOf(IOException.class);
    }

    @Test
    void aFileThatBreaksAtItsBeginningIsAPageThatSaysWhy() throws Exception {
        HttpResponse<String> page = ask("GET", "/broken/1", pipeline.login());

        assertThat(page.statusCode()).isEqualTo(503);
        assertThat(page.headers().firstValue("Content-Disposition")).isEmpty();
        assertThat(page.body()).contains("the database is unavailable").doesNotContain("a line");
    }

    @Test
    void aDeadLetterIsReDrivenFromItsPage() throws Exception {
        DomainEvent event = Events.signedUp(Events.email());
        String readable = bury("email-workers", EventJson.mapper().writeValueAsBytes(event));
        String redrive = readable + "/redrive";
        assertThat(get(readable)).contains("action=\"" + redrive + "\"", event.id());

        assertThat(post(redrive, "", "Origin", "http://evil.example").statusCode())
                .isEqualTo(403);
        assertThat(deliveries(event)).isZero();
        assertThat(followed(post(redrive, "")))
                .contains("Its event is due in the ledger.", "redriven</span> by operator");
        await().untilAsserted(() -> assertThat(status(event)).isEqualTo("delivered"));

        String hopeless = bury("email-workers", "hello".getBytes(UTF_8));
        assertThat(followed(post(hopeless + "/redrive", ""))).contains("It is still not a valid event");
    }

    @Test
    void allDeadLettersOfAGroupAreReDrivenAfterItWasSaidWhatWouldCome() throws Exception {
        DomainEvent event = Events.signedUp(Events.email());
        bury("email-workers", EventJson.mapper().writeValueAsBytes(event));
        String all = "/deadletters/email-workers/redrive";

        String asked = post(all, "").body();
        assertThat(asked).contains("would be re-driven", "readable", "name=\"sure\"");
        assertThat(deliveries(event)).isZero();

        assertThat(post(all, "sure=yes").body()).contains("due</li>").doesNotContain("name=\"sure\"");
        await().untilAsserted(() -> assertThat(status(event)).isEqualTo("delivered"));
        assertThat(post("/deadletters/no-workers/redrive", "sure=yes").statusCode())
                .isEqualTo(400);
    }

    @Test
    void rewardsAreVoidedFromTheirPageAfterItHasShownWhich() throws Exception {
        String earned = ((RewardEarned) campaign.rewardByHand().data()).userRewardId();
        campaign.rewardByMail();
        String chosen = "&campaign=" + campaign.id();
        assertThat(get("/rewards?action=void" + chosen))
                .contains(
                        "To void: 2<",
                        ">Void 2<",
                        "name=\"expected\" value=\"2\"",
                        "not-recorded",
                        earned,
                        "type=\"hidden\" name=\"campaign\" value=\"" + campaign.id() + "\"",
                        "name=\"reason\"")
                .doesNotContain("type=\"hidden\" name=\"person\"");

        assertThat(post("/rewards", "action=void&reason=a+cheat" + chosen, "Origin", "http://evil.example")
                        .statusCode())
                .isEqualTo(403);
        assertThat(post("/rewards", "action=void" + chosen).body()).contains("reason is missing");
        assertThat(post("/rewards", "action=void&reason=a+cheat").body()).contains("choose the rewards");
        assertThat(post("/rewards", "action=pay" + chosen).statusCode()).isEqualTo(400);
        assertThat(post("/rewards", "action=void&reason=a+cheat&expected=1" + chosen)
                        .body())
                .contains("2 match, and 1 were shown: look again");
        assertThat(rewardStatus(earned)).isEqualTo("pending");

        assertThat(post("/rewards", "action=void&reason=a+cheat" + chosen).body())
                .contains("2 changed (void).", " 0 left.", "To void: 0<");
        assertThat(rewardStatus(earned)).isEqualTo("voided");
    }

    @Test
    void aCampaignIsRehearsedFromItsPage() throws Exception {
        campaign.rewardEarned("https://hooks.example.com/<b>?key=secret");
        String page = "/campaigns/rehearsal";
        assertThat(get(page + "?campaign=" + campaign.id()))
                .contains("name=\"campaign\" value=\"" + campaign.id() + "\"", "method=\"post\"")
                .doesNotContain("Results");
        String form = "campaign=" + campaign.id() + "&person=&to=ops%40operator.example";

        assertThat(post(page, form + "&reason=a+look", "Origin", "http://evil.example")
                        .statusCode())
                .isEqualTo(403);
        assertThat(post(page, form).body()).contains("reason is missing");
        assertThat(post(page, "to=ops%40operator.example&reason=a+look").body()).contains("campaign is missing");
        assertThat(get("/audit?operation=rehearsals"))
                .doesNotContain(campaign.id().toString());

        assertThat(post(page, form + "&reason=a+look").body())
                .contains(
                        "user.signed_up",
                        "badge sent",
                        "its code is made up",
                        "https://hooks.example.com/&lt;b&gt;",
                        "badge refused",
                        "only a reward names its URL",
                        "name=\"to\" value=\"ops@operator.example\"")
                .doesNotContain("<b>", "key=secret");
        assertThat(get("/audit?operation=rehearsals"))
                .contains(campaign.id().toString(), "rehearsals.rehearse", "began with 7 attempts", "a look")
                .doesNotContain("ops@operator.example");
    }

    private String rewardStatus(String id) {
        return jdbc.sql("SELECT status FROM user_rewards WHERE id = CAST(? AS uuid)")
                .param(id)
                .query(String.class)
                .single();
    }

    @Test
    void aDisabledWebhookIsEnabledFromItsPage() throws Exception {
        campaign.webhook("https://user:pw@example.com/%3Cb%3E?key=<b>1", "active", TestCampaign.SECRET);
        String webhook = jdbc.sql("SELECT id FROM webhooks WHERE campaign_id = ?")
                .param(campaign.id())
                .query(String.class)
                .single();
        jdbc.sql(
                        "INSERT INTO event_routes.webhook_endpoint (id, failing_since, failures, last_error, disabled_at, disabled_because)"
                                + " VALUES (CAST(? AS uuid), now(), 3, '<b>410</b>', now(), 'it answered 410 Gone')")
                .param(webhook)
                .update();
        String enable = "/webhooks/" + webhook + "/enable";
        assertThat(get("/webhooks?state=disabled"))
                .contains(
                        "action=\"" + enable + "\"",
                        "https://example.com/%3Cb%3E",
                        "&lt;b&gt;410",
                        "it answered 410 Gone")
                .doesNotContain("user:pw", "?key", "<b>410");

        assertThat(post(enable, "", "Sec-Fetch-Site", "cross-site").statusCode())
                .isEqualTo(403);
        assertThat(post(enable, "").statusCode()).isEqualTo(303);

        assertThat(get("/webhooks?state=disabled")).doesNotContain(webhook);
        assertThat(audited(webhook)).containsExactly("operator webhooks.enable: was disabled");
    }

    @Test
    void anAnnouncementIsPausedResumedAndCancelledFromItsPage() throws Exception {
        String page = "/progress/announcements/" + fanOut();
        assertThat(get("/progress")).contains("href=\"" + page + "\"");
        assertThat(get(page)).contains("value=\"pause\"").doesNotContain("value=\"resume\"");

        assertThat(post(page, "action=pause", "Sec-Fetch-Site", "same-site").statusCode())
                .isEqualTo(403);
        assertThat(followed(post(page, "action=pause")))
                .contains("It is paused", "paused by operator", "<dt>held</dt><dd>2</dd>", "value=\"resume\"");
        assertThat(followed(post(page, "action=resume"))).contains("<dt>due</dt><dd>2</dd>", "value=\"pause\"");

        assertThat(post(page, "action=cancel").body()).contains("reason is missing");
        assertThat(post(page, "action=cancel&reason=a%0D%0Aline+of+its+own").statusCode())
                .isEqualTo(400);
        assertThat(post(page, "action=%0D%0A").statusCode()).isEqualTo(400);
        assertThat(followed(post(page, "action=cancel&reason=the+%3Cb%3Ewrong%3C%2Fb%3E+one")))
                .contains("cancelled by operator: the &lt;b&gt;wrong", "<dt>skipped</dt><dd>2</dd>")
                .doesNotContain("method=\"post\"");
        assertThat(post(page, "action=resume").statusCode()).isEqualTo(409);
        assertThat(audited(page.substring(page.lastIndexOf('/') + 1)))
                .containsExactly(
                        "operator fanouts.pause: paused",
                        "operator fanouts.resume: running",
                        "operator fanouts.cancel: cancelled",
                        "operator fanouts.resume: is cancelled");
    }

    @Test
    void announcementsAndSuppressedAddressesAreOperatedOverJmxToo() throws Exception {
        String fanOut = fanOut().toString();
        assertThat(jmx("Fanouts", "change", fanOut, "pause", "ann", null)).contains("mails=2", "paused by ann");
        assertThat(jmx("Fanouts", "list", "1")).contains(fanOut);
        assertThat(jmx("Fanouts", "show", fanOut)).contains("of=2", "held=2");
        assertThat(jmx("Fanouts", "change", fanOut, "cancel", "ann", "a test")).contains("cancelled by ann: a test");

        String address = UUID.randomUUID().toString().replace("-", "").repeat(2);
        jdbc.sql("INSERT INTO event_routes.mail_suppression (address, cause, reason) VALUES (?, 'bounce', '550')")
                .param(address)
                .update();
        assertThat(jmx("Suppressions", "list", "1", null)).contains(address, "550");
        assertThat(jmx("Suppressions", "change", "lift", "ann", address, null, null, null, null))
                .contains(address);
        assertThat(jmx("Suppressions", "list", "500", null)).doesNotContain(address);
        assertThatThrownBy(() -> jmx("Suppressions", "change", "lift", "ann", address, null, null, null, null))
                .hasStackTraceContaining("the address is not suppressed");
    }

    @Test
    void aReplayIsStartedFromItsPageWithTheEffectsThatItHasShown() throws Exception {
        DomainEvent event = Events.signedUp(Events.email());
        assertThat(publish(event).statusCode()).isEqualTo(202);
        pipeline.awaitDrained();
        String page = "/progress/replays/" + planned(event);
        assertThat(get("/progress")).contains("href=\"" + page + "\"");
        assertThat(get(page)).contains("1 user.signed_up: delivered", "name=\"expected\" value=\"1\"");

        assertThat(post(page, "action=start&expected=1", "Origin", "null").statusCode())
                .isEqualTo(403);
        assertThat(post(page, "action=start&expected=2").statusCode()).isEqualTo(409);
        assertThat(post(page, "action=start").body()).contains("different number of effects");
        assertThat(followed(post(page, "action=start&expected=1"))).contains("It was started");

        await().untilAsserted(() -> assertThat(get(page))
                .contains(">done</span>", "1 user.signed_up: recorded")
                .doesNotContain("method=\"post\""));
    }

    @Test
    void aReplayIsCancelledFromItsPage() throws Exception {
        String page = "/progress/replays/" + planned(Events.signedUp(Events.email()));

        assertThat(followed(post(page, "action=cancel")))
                .contains("It is cancelled", ">cancelled</span>", "by operator")
                .doesNotContain("method=\"post\"");
        assertThat(post(page, "action=cancel").statusCode()).isEqualTo(409);
        assertThat(ask("GET", "/progress/replays/" + UUID.randomUUID(), pipeline.login())
                        .statusCode())
                .isEqualTo(404);
    }

    @Test
    void whatIsWrittenToHarmAPageIsShownAsItIsWritten() throws Exception {
        String hostile = "\"'><script>alert(1)</script>{{user}}\r\nSet-Cookie: a=b";
        UUID person = campaign.person();
        jdbc.sql("UPDATE waitlist_users SET first_name = ? WHERE id = ?")
                .params(hostile, person)
                .update();
        jdbc.sql("UPDATE campaigns SET name = ? WHERE id = ?")
                .params(hostile, campaign.id())
                .update();
        pipeline.operation("positions/" + campaign.id(), "{\"action\":\"recalculate\",\"by\":\"ann\"}");
        UUID delivery = UUID.randomUUID();
        jdbc.sql(
                        "INSERT INTO event_routes.delivery (id, consumer_group, idempotency_key, recipient, event_id, event_type,"
                                + " campaign_id, event, status, reason) VALUES (:id, 'email-workers', :text, :text, :event, :text,"
                                + " :campaign, jsonb_build_object('id', CAST(:text AS text)), 'failed', :text)")
                .param("id", delivery)
                .param("event", delivery.toString())
                .param("campaign", campaign.id().toString())
                .param("text", hostile)
                .update();
        jdbc.sql(
                        "INSERT INTO event_routes.fan_out (delivery_id, recipients, state, because) VALUES (?, 1, 'paused', ?)")
                .params(delivery, hostile)
                .update();
        String letter =
                bury("reward-workers", hostile.getBytes(UTF_8), new RecordHeader(hostile, hostile.getBytes(UTF_8)));

        for (String path : List.of(
                "/campaigns",
                "/campaigns/" + campaign.id(),
                "/deliveries?event=" + delivery,
                "/events/" + delivery,
                "/find?q=" + URLEncoder.encode(hostile.replaceAll("\\R", ""), UTF_8),
                "/deliveries/" + delivery,
                "/",
                "/progress",
                "/progress/announcements/" + delivery,
                "/deadletters?group=reward-workers",
                letter,
                "/deliveries?campaign=" + URLEncoder.encode(hostile.replaceAll("\\R", ""), UTF_8),
                "/deliveries?recipient=" + URLEncoder.encode(hostile, UTF_8),
                "/deadletters?group=" + URLEncoder.encode(hostile, UTF_8),
                "/deadletters/email-workers%0D%0ASet-Cookie:%20a=b/0-0",
                "/progress/replays/" + URLEncoder.encode(hostile, UTF_8))) {
            HttpResponse<String> page = ask("GET", path, pipeline.login());
            assertThat(withoutItsScripts(page)).as(path).doesNotContain("<script", "'><", "\"'>");
            assertThat(page.headers().firstValue("Set-Cookie")).as(path).isEmpty();
        }
        for (String path :
                List.of("/campaigns", "/campaigns/" + campaign.id(), "/deliveries/" + delivery, "/progress", letter)) {
            assertThat(get(path)).as(path).contains("&lt;script&gt;", "{{user}}");
        }
        assertThat(post("/deliveries/" + delivery + "%0D%0ASet-Cookie:a=b/retry", "")
                        .statusCode())
                .isEqualTo(400);
        assertThat(post("/webhooks/%0D%0ASet-Cookie:a=b/enable", "").statusCode())
                .isEqualTo(400);
        assertThat(post("/deadletters/email-workers%0D%0ASet-Cookie:a=b/0-0/redrive", "")
                        .statusCode())
                .isEqualTo(400);
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
        assertThat(SETTINGS).allSatisfy((setting, secret) -> {
            if (platform.database() instanceof EmbeddedDatabase || !secret.equals(DatabasePassword.SECRET)) {
                assertThat(environment.getProperty(setting)).as(setting).contains(secret);
            }
        });
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
        new ObjectMapper().readTree(listed).path("value").properties().forEach(domain -> domain.getValue()
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

    private static String jmx(String endpoint, String operation, @Nullable String... arguments) throws JMException {
        MBeanServer beans = ManagementFactory.getPlatformMBeanServer();
        ObjectName name = beans
                .queryNames(new ObjectName("domain-event-routes:type=Endpoint,name=%s,*".formatted(endpoint)), null)
                .stream()
                .findFirst()
                .orElseThrow();
        String[] signature = new String[arguments.length];
        Arrays.fill(signature, String.class.getName());
        return String.valueOf(beans.invoke(name, operation, arguments, signature));
    }

    private static String attributes(MBeanServer beans, ObjectName name) throws JMException {
        StringBuilder all = new StringBuilder(name.toString());
        MBeanAttributeInfo[] attributes;
        try {
            attributes = beans.getMBeanInfo(name).getAttributes();
        } catch (InstanceNotFoundException gone) { // with a client of Kafka that was closed meanwhile
            return all.toString();
        }
        for (MBeanAttributeInfo attribute : attributes) {
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

    /** Puts a record into the dead letters of a group; answers its page. */
    private String bury(String group, byte[] value, Header... headers) throws Exception {
        var written = pipeline.write(List.of(new ProducerRecord<>(
                        "%s.%s.dlq".formatted(pipeline.topic(), group),
                        0,
                        group.getBytes(UTF_8),
                        value,
                        List.of(headers))))
                .get(0);
        return "/deadletters/%s/%d-%d".formatted(group, written.partition(), written.offset());
    }

    /** An announcement to two people that is due, and not carried out. */
    private UUID fanOut() throws Exception {
        List<UUID> people = List.of(campaign.person(), campaign.person());
        camel.getRouteController().stopRoute("due-deliveries");
        DomainEvent event = Events.of(new CampaignMilestoneReached(campaign.id().toString(), Events.id(), 1000));
        assertThat(publish(event).statusCode()).isEqualTo(202);
        await().until(() -> deliveries(event) == 1 + people.size());
        return jdbc.sql("SELECT id FROM event_routes.delivery WHERE event_id = ? AND recipient = ''")
                .param(event.id())
                .query(UUID.class)
                .single();
    }

    /** A forced replay of one event, planned; answers its id. */
    private String planned(DomainEvent event) throws Exception {
        String id = pipeline.operation(
                        "replays",
                        "{\"group\":\"email-workers\",\"policy\":\"force\",\"from\":\"%s\",\"event\":\"%s\",\"by\":\"ann\"}"
                                .formatted(begun, event.id()))
                .get("id")
                .asText();
        await().until(() ->
                pipeline.operation("replays/" + id, null).get("state").asText().equals("planned"));
        return id;
    }

    private int deliveries(DomainEvent event) {
        return jdbc.sql("SELECT count(*) FROM event_routes.delivery WHERE event_id = ?")
                .param(event.id())
                .query(Integer.class)
                .single();
    }

    private List<String> audited(String id) {
        return jdbc.sql("SELECT who || ' ' || operation || ': ' || result FROM event_routes.audit"
                        + " WHERE arguments ->> 'id' = ? ORDER BY id")
                .param(id)
                .query(String.class)
                .list();
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

    private String get(String path) throws Exception {
        HttpResponse<String> page = ask("GET", path, pipeline.login());
        assertThat(page.statusCode()).as(page.body()).isEqualTo(200);
        return page.body();
    }

    /** Sends a form of a page. */
    private HttpResponse<String> post(String path, String form, String... headers) throws Exception {
        HttpRequest.Builder request = request(path)
                .header("Authorization", pipeline.login())
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString(form));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http.send(request.build(), BodyHandlers.ofString());
    }

    /** The page that a browser shows after a form was sent. */
    private String followed(HttpResponse<String> sent) throws Exception {
        assertThat(sent.statusCode()).as(sent.body()).isEqualTo(303);
        return get(sent.headers().firstValue("Location").orElseThrow());
    }

    private HttpResponse<String> ask(String method, String path, @Nullable String login, String... headers)
            throws Exception {
        HttpRequest.Builder request = request(path).method(method, BodyPublishers.noBody());
        if (login != null) {
            request.header("Authorization", login);
        }
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http.send(request.build(), BodyHandlers.ofString());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(
                URI.create("http://localhost:%s%s".formatted(environment.getProperty("local.management.port"), path)));
    }
}
