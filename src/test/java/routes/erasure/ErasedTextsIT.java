package routes.erasure;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import routes.OnPlatform;
import routes.Pipeline;
import routes.TestCampaign;
import routes.event.EventJson;

/** Which texts, dead letters and waiting events name a person, and so are exported and erased, and which name somebody else. */
@OnPlatform
@ExtendWith(TestCampaign.OfEachTest.class)
class ErasedTextsIT {

    @Autowired
    private Pipeline pipeline;

    @Autowired
    private JdbcClient jdbc;

    private TestCampaign campaign;
    private UUID ada;

    @BeforeEach
    void prepare() {
        ada = campaign.person();
    }

    @AfterEach
    void cleanUp() {
        jdbc.sql("DELETE FROM event_routes.erased_person WHERE campaign_id = ?")
                .param(campaign.id().toString())
                .update();
        jdbc.sql("DELETE FROM event_routes.audit WHERE who = 'texts'").update();
    }

    @ParameterizedTest
    @CsvSource({"1,''", "al,' '", "'',bo", "1,2", "'al bo',''"})
    void whatIsNotAFullNameIsNotErasedFromTexts(String first, String last) throws Exception {
        is("first_name", first);
        is("last_name", last);
        String arguments = "{\"count\": 1, \"reason\": \"al bo had 1 2\"}";
        audit(arguments, "1 2");

        JsonNode erased = erasure("erase", "user", ada.toString(), null);

        assertThat(erased.get("rows").toString()).isEqualTo("{}");
        assertThat(audited("CAST(arguments AS text)")).containsExactly(arguments);
    }

    @Test
    void aNameIsErasedWhereItStandsByItselfWhateverSignsItHas() throws Exception {
        is("first_name", "Al\"");
        is("last_name", "Bo\\");
        ObjectNode arguments = EventJson.mapper().createObjectNode().put("count", 1);
        arguments.putArray("reasons").add("AL\" bo\\, Pascal\" Bo\\, Al\" Bo\\x").add("\u5148\u751fAl\" Bo\\\u3055\u3093");
        arguments.putObject("of").put("Al\" Bo\\", true).putNull("nobody");
        audit(arguments.toString(), "done");

        erasure("erase", "user", ada.toString(), null);

        assertThat(EventJson.mapper().readTree(audited("CAST(arguments AS text)").get(0)))
                .isEqualTo(EventJson.mapper()
                        .readTree("""
                                {"count": 1, "reasons": ["erased, Pascal\\" Bo\\\\, Al\\" Bo\\\\x", "\u5148\u751ferased\u3055\u3093"],
                                 "of": {"erased": true, "nobody": null}}
                                """));
    }

    private void is(String column, String value) {
        jdbc.sql("UPDATE waitlist_users SET %s = ? WHERE id = ?".formatted(column))
                .params(value, ada)
                .update();
    }

    private void audit(String arguments, String result) {
        jdbc.sql("""
                        INSERT INTO event_routes.audit (who, operation, arguments, result) VALUES ('texts', 'test', CAST(? AS jsonb), ?)
                        """).params(arguments, result).update();
    }

    private List<String> audited(String what) {
        return jdbc.sql("SELECT %s FROM event_routes.audit WHERE who = 'texts' ORDER BY id".formatted(what))
                .query(String.class)
                .list();
    }

    private JsonNode erasure(String action, String by, String whom, @Nullable String in) throws Exception {
        HttpResponse<String> response = ask(action, by, whom, in);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return EventJson.mapper().readTree(response.body());
    }

    private HttpResponse<String> ask(String action, String by, String whom, @Nullable String in) throws Exception {
        ObjectNode json =
                EventJson.mapper().createObjectNode().put("action", action).put(by, whom);
        if (in != null) {
            json.put("campaign", in);
        }
        return pipeline.operate("erasure", json.toString());
    }
}
