package routes.position;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.apache.camel.ProducerTemplate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.simple.JdbcClient;
import routes.OnPlatform;
import routes.Pipeline;
import routes.TestCampaign;
import routes.dev.Platform;
import routes.event.EventJson;

/** A campaign's leaderboard over HTTP, and the operation {@code positions}. */
@OnPlatform
class LeaderboardIT {

    private final HttpClient http = HttpClient.newHttpClient();

    @Autowired
    private JdbcClient jdbc;

    @Autowired
    private ProducerTemplate template;

    @Autowired
    private Pipeline pipeline;

    @Autowired
    private Environment environment;

    private TestCampaign campaign;
    private final List<String> people = new ArrayList<>();

    @BeforeEach
    void createACampaignOfFive() {
        campaign = TestCampaign.create(jdbc);
        @Nullable
        String[][] names = {{"Ada", "Lovelace"}, {"Grace", "Hopper"}, {"Edsger", null}, {null, null}, {"Alan", "Turing"}
        };
        for (int i = 0; i < names.length; i++) {
            UUID person = campaign.person();
            jdbc.sql("UPDATE waitlist_users SET first_name = ?, last_name = ?, original_position = ? WHERE id = ?")
                    .params(names[i][0], names[i][1], 10 * (i + 1), person)
                    .update();
            people.add(person.toString());
        }
        recalculate();
    }

    @AfterEach
    void delete() {
        campaign.delete();
    }

    @Test
    void theBoardIsInTheOrderOfTheScoreWithNamesCutToAnInitial() throws Exception {
        count(4, 45); // Alan: 50 - 45

        JsonNode board = json(get("", true));

        assertThat(board.findValuesAsText("user_id"))
                .containsExactly(people.get(4), people.get(0), people.get(1), people.get(2), people.get(3));
        assertThat(board.at("/standings/0").toString())
                .isEqualTo(
                        "{\"position\":5,\"user_id\":\"%s\",\"name\":\"Alan T.\",\"score\":5,\"verified_referrals\":45}"
                                .formatted(people.get(4)));
        assertThat(board.at("/standings/1/name").asText()).isEqualTo("Ada L.");
        assertThat(board.at("/standings/3/name").asText()).isEqualTo("Edsger");
        assertThat(board.at("/standings/4/name").isNull()).isTrue();
        assertThat(board.has("next")).isFalse();
    }

    @Test
    void pagesFollowEachOtherWithoutAGap() throws Exception {
        List<String> seen = new ArrayList<>();
        JsonNode page = json(get("?limit=2", true));
        seen.addAll(page.findValuesAsText("user_id"));
        while (page.has("next")) {
            page = json(get("?limit=2&after=" + page.get("next").asText(), true));
            seen.addAll(page.findValuesAsText("user_id"));
        }

        assertThat(seen).containsExactlyElementsOf(people);
    }

    @Test
    void aPageFollowsAlsoOneWhoseLastPersonWasBannedOrHasLeft() throws Exception {
        String next = json(get("?limit=2", true)).get("next").asText();
        jdbc.sql("UPDATE waitlist_users SET status = 'blocked' WHERE id = ?")
                .param(UUID.fromString(people.get(1)))
                .update();
        assertThat(json(get("?after=" + next, true)).findValuesAsText("user_id"))
                .as("before the next recalculation")
                .containsExactlyElementsOf(people.subList(2, 5));
        assertThat(json(get("?after=" + people.get(1), true)).findValuesAsText("user_id"))
                .containsExactlyElementsOf(people.subList(2, 5));

        recalculate();

        assertThat(json(get("?after=" + next, true)).findValuesAsText("user_id"))
                .containsExactlyElementsOf(people.subList(2, 5));
    }

    @Test
    void aPersonsIdIsTheBeginningOfAPageToo() throws Exception {
        assertThat(json(get("?after=" + people.get(2), true)).findValuesAsText("user_id"))
                .containsExactly(people.get(3), people.get(4));
    }

    @Test
    void anIdIsTheSameInUpperCase() throws Exception {
        String grace = people.get(1).toUpperCase(Locale.ROOT);

        assertThat(json(get("/" + grace, true)).get("name").asText()).isEqualTo("Grace H.");
        assertThat(json(get("?limit=1&after=" + grace, true)).findValuesAsText("user_id"))
                .containsExactly(people.get(2));
        assertThat(json(get(campaign.id().toString().toUpperCase(Locale.ROOT), "?limit=1", true))
                        .findValuesAsText("user_id"))
                .containsExactly(people.get(0));
    }

    @Test
    void whoHasNoPlaceYetIsPassedOverWithoutEndingTheBoard() throws Exception {
        jdbc.sql("UPDATE event_routes.standing SET position = 0 WHERE user_id IN (?, ?)")
                .params(UUID.fromString(people.get(1)), UUID.fromString(people.get(2)))
                .update();

        List<List<String>> pages = new ArrayList<>();
        JsonNode page = json(get("?limit=1", true));
        while (page.has("next")) {
            pages.add(page.findValuesAsText("user_id"));
            page = json(get("?limit=1&after=" + page.get("next").asText(), true));
        }

        assertThat(pages)
                .containsExactly(
                        List.of(people.get(0)), List.of(), List.of(), List.of(people.get(3)), List.of(people.get(4)));
        assertThat(get("/" + people.get(1), true).statusCode()).isEqualTo(404);
    }

    @Test
    void onePersonsPlaceIsAskedForAlone() throws Exception {
        JsonNode grace = json(get("/" + people.get(1), true));

        assertThat(grace.get("position").asInt()).isEqualTo(20);
        assertThat(grace.get("name").asText()).isEqualTo("Grace H.");
    }

    @Test
    void whoHasLeftOrIsBlockedIsNotShownAlsoBeforeTheNextRecalculation() throws Exception {
        jdbc.sql("UPDATE waitlist_users SET deleted_at = now() WHERE id = ?")
                .param(UUID.fromString(people.get(0)))
                .update();
        jdbc.sql("UPDATE waitlist_users SET status = 'blocked' WHERE id = ?")
                .param(UUID.fromString(people.get(1)))
                .update();

        assertThat(json(get("", true)).findValuesAsText("user_id")).containsExactlyElementsOf(people.subList(2, 5));
        assertThat(get("/" + people.get(0), true).statusCode()).isEqualTo(404);
    }

    @ParameterizedTest
    @CsvSource({
        "?limit=0, 400, limit must be between 1 and 100.",
        "?after=me, 400, after is neither the next of a page nor a UUID.",
        "?after=00000000-0000-4000-8000-000000000000, 404, The board has nobody with the id 00000000-0000-4000-8000-000000000000.",
        "/ada, 400, The person's id is not a UUID."
    })
    void whatIsAskedWronglyIsAProblemThatSaysWhat(String rest, int status, String detail) throws Exception {
        HttpResponse<String> answer = get(rest, true);

        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(json(answer).get("detail").asText()).isEqualTo(detail);
    }

    @Test
    void withoutTheKeyThereIsNoBoard() throws Exception {
        assertThat(get("", false).statusCode()).isEqualTo(401);
    }

    @Test
    void theOperationTellsWhatIsWrongAndMendsIt() throws Exception {
        jdbc.sql("UPDATE waitlist_users SET position = 99 WHERE id = ?")
                .param(UUID.fromString(people.get(2)))
                .update();

        JsonNode verified = json(manage(null));
        assertThat(verified.get("differences").asInt()).isEqualTo(1);
        assertThat(verified.at("/people/0/user_id").asText()).isEqualTo(people.get(2));
        assertThat(verified.at("/people/0/position").asInt()).isEqualTo(99);
        assertThat(verified.at("/people/0/expected").asInt()).isEqualTo(30);

        JsonNode mended = json(manage("{\"action\": \"recalculate\", \"by\": \"ann\"}"));
        assertThat(mended.get("differences_before").asInt()).isEqualTo(1);
        assertThat(json(manage(null)).get("differences").asInt()).isZero();
        assertThat(jdbc.sql(
                                "SELECT who || ': ' || result FROM event_routes.audit WHERE operation = 'positions.recalculate'"
                                        + " AND arguments ->> 'campaign' = ?")
                        .param(campaign.id().toString())
                        .query(String.class)
                        .list())
                .containsExactly("operator: 1 positions were wrong");
    }

    @Test
    void theOperationSaysWhenThereIsNoSuchCampaign() throws Exception {
        campaign.delete();
        assertThat(manage(null).statusCode()).isEqualTo(404);
        campaign = TestCampaign.create(jdbc);
    }

    private void count(int person, int referrals) {
        jdbc.sql("UPDATE waitlist_users SET verified_referral_count = ? WHERE id = ?")
                .params(referrals, UUID.fromString(people.get(person)))
                .update();
        recalculate();
    }

    private void recalculate() {
        template.sendBody(
                "direct:recalculate-positions",
                CampaignEvents.whole(campaign.id().toString()));
    }

    private HttpResponse<String> get(String rest, boolean withKey) throws Exception {
        return get(campaign.id().toString(), rest, withKey);
    }

    private HttpResponse<String> get(String board, String rest, boolean withKey) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://localhost:%s/campaigns/%s/leaderboard%s"
                .formatted(environment.getProperty("local.server.port"), board, rest)));
        if (withKey) {
            request.header("Authorization", "Bearer " + Platform.API_KEY);
        }
        return http.send(request.build(), BodyHandlers.ofString());
    }

    /** Asks the operation; with a body it is to change something. */
    private HttpResponse<String> manage(@Nullable String body) throws Exception {
        return pipeline.operate("positions/" + campaign.id(), body);
    }

    private static JsonNode json(HttpResponse<String> answer) throws Exception {
        return EventJson.mapper().readTree(answer.body());
    }
}
