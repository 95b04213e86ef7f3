package routes.console;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static routes.console.Html.find;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.jdbc.core.simple.JdbcClient;
import routes.OnPlatform;
import routes.Pipeline;
import routes.TestCampaign;

/** Where the links of long lists lead, and what is said of what a list does not show. */
@OnPlatform
@ExtendWith(TestCampaign.OfEachTest.class)
class ListPagesIT {

    @Autowired
    private Pipeline pipeline;

    @Autowired
    private JdbcClient jdbc;

    @Value("${local.management.port}")
    private int port;

    private final HttpClient http = HttpClient.newHttpClient();
    private TestCampaign campaign;

    @AfterEach
    void cleanUp() {
        jdbc.sql("DELETE FROM event_routes.delivery WHERE campaign_id = ?")
                .param(campaign.id().toString())
                .update();
        jdbc.sql("DELETE FROM campaigns WHERE slug = 'one-of-many'").update();
        jdbc.sql("DELETE FROM event_routes.dead_letter WHERE topic = 'of-large-offsets'")
                .update();
        jdbc.sql("TRUNCATE event_routes.mail_suppression").update();
    }

    @Test
    void theWayBackFromAPlanHasTheFiltersThatWereGivenAndNoEnd() throws Exception {
        failed(1);
        String form = "action=cancel&reason=a+test&campaign=" + campaign.id();
        String before = find("name=\"before\" value=\"([^\"]*)\"", sent("/deliveries/change", form));

        String done = sent("/deliveries/change", form + "&expected=1&before=" + before);

        assertThat(done)
                .contains(
                        "Now skipped: 1",
                        "<a href=\"/deliveries?campaign&#x3D;%s\">Back to the deliveries".formatted(campaign.id()));
    }

    @Test
    void anEndThatWasGivenIsAmongTheFilters() throws Exception {
        assertThat(get("/deliveries?before=2026-01-01")).contains("name=\"before\" value=\"2026-01-01\"");
        assertThat(get("/deliveries")).doesNotContain("name=\"before\"");
    }

    @Test
    void afterAnImportOlderSuppressionsAreOnTheirOwnPage() throws Exception {
        String lines =
                IntStream.range(0, 51).mapToObj(n -> "a" + n + "@example.com\n").collect(joining());
        HttpRequest.Builder imported = request("/suppressions/import?dryRun=false")
                .header("Accept", "text/html")
                .POST(BodyPublishers.ofString("address,campaign,cause,reason,since,until\n" + lines));

        String page = http.send(imported.build(), BodyHandlers.ofString()).body();

        String older = find("<a href=\"([^\"]*)\">Older</a>", page)
                .replace("&#x3D;", "=")
                .replace("&amp;", "&");
        assertThat(get(older)).contains("<h1>Suppressions").containsOnlyOnce("<td class=\"t\"><code title=");
    }

    @Test
    void barsAreAsLongAsNumbersOfAnySizeSay() throws Exception {
        failed(1_234);

        assertThat(get("/history"))
                .contains("<td class=\"n\">1,234</td>", "<meter min=\"0\" max=\"1234\" value=\"1234\"");
    }

    @Test
    void anOffsetIsShownAsToolsOfKafkaTakeIt() throws Exception {
        long letter = jdbc.sql("""
                        INSERT INTO event_routes.dead_letter (consumer_group, topic, partition, record_offset,
                            record_timestamp, record_timestamp_type, value, header_names, header_values, reason)
                        VALUES ('email-workers', 'of-large-offsets', 3, 1234567, 0, 'CreateTime', '', '{}', '{}', 'a test')
                        RETURNING id
                        """).query(Long.class).single();

        assertThat(get("/deadletters/email-workers/db-" + letter)).contains("partition 3, offset 1234567");
        assertThat(get("/deadletters?group=email-workers")).contains("of-large-offsets 3:1234567");
    }

    @Test
    void aBoardGoesOnAfterItsLastPersonOfAPageWasBanned() throws Exception {
        IntStream.range(0, 51).forEach(n -> campaign.person());
        pipeline.operation("positions/" + campaign.id(), "{\"action\":\"recalculate\"}");
        String next = find("<a href=\"(\\?[^\"]*)\">Next page", get("/campaigns/" + campaign.id()))
                .replace("&#x3D;", "=");
        jdbc.sql("UPDATE waitlist_users SET status = 'blocked' WHERE campaign_id = ? AND position <= 50")
                .param(campaign.id())
                .update();
        pipeline.operation("positions/" + campaign.id(), "{\"action\":\"recalculate\"}");

        assertThat(get("/campaigns/" + campaign.id() + next)).contains("<h1>Leaderboard");
        assertThat(answer(request("/campaigns/" + campaign.id() + "?after=me")).statusCode())
                .isEqualTo(400);
    }

    @Test
    void moreCampaignsThanAreShownAreMentioned() throws Exception {
        assertThat(get("/campaigns")).doesNotContain("There are more than these");
        jdbc.sql("""
                        INSERT INTO campaigns (id, account_id, name, slug)
                        SELECT gen_random_uuid(), gen_random_uuid(), 'One of many', 'one-of-many' FROM generate_series(1, 201)
                        """).update();

        assertThat(get("/campaigns")).contains("There are more than these 200");
    }

    private void failed(int deliveries) {
        jdbc.sql("""
                        INSERT INTO event_routes.delivery (consumer_group, idempotency_key, event_id, event_type, campaign_id, event, status, reason)
                        SELECT 'email-workers', id, id, 'user.signed_up', :campaign, '{"data": {}}', 'failed', 'a test of lists'
                        FROM (SELECT CAST(gen_random_uuid() AS text) AS id FROM generate_series(1, :deliveries)) ids
                        """)
                .param("campaign", campaign.id().toString())
                .param("deliveries", deliveries)
                .update();
    }

    private String get(String path) throws Exception {
        HttpResponse<String> page = answer(request(path));
        assertThat(page.statusCode()).as(page.body()).isEqualTo(200);
        return page.body();
    }

    private String sent(String path, String form) throws Exception {
        return answer(request(path)
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(BodyPublishers.ofString(form)))
                .body();
    }

    private HttpResponse<String> answer(HttpRequest.Builder request) throws Exception {
        return http.send(request.build(), BodyHandlers.ofString());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://localhost:%d%s".formatted(port, path)))
                .header("Authorization", pipeline.login());
    }
}
