package routes.erasure;

import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import routes.OnPlatform;
import routes.TestCampaign;
import routes.dev.Platform;
import routes.event.EventJson;
import routes.mail.smtp.Suppressions;

/** Which texts, dead letters and waiting events name a person, and so are exported and erased, and which name somebody else. */
@OnPlatform
@ExtendWith(TestCampaign.OfEachTest.class)
class ErasedTextsIT extends AsksForErasure {

    /** What names whose address is in the place of %s. */
    private static final List<String> THEIRS = List.of(
            "%s",
            "'%s'",
            "asked by %s.",
            "<%s>, mailto:%s",
            "...%s...",
            "/people?address=%s&all",
            "to=%s|%s",
            "\"%s\"\n%s\t%s",
            "\u201c%s\u201d",
            "\u90ae\u7bb1%s\u7684");

    /** What names others, whose addresses contain it. */
    private static final List<String> OF_OTHERS = List.of(
            "jo%s",
            "jo.%s", "jo-%s", "jo+%s", "jo__%s", "o'%s", "jo&%s", "%sm", "%s.uk", "%s-x.com", "x%s and <jo.%s>");

    @Autowired
    private JdbcClient jdbc;

    @Autowired
    private Platform platform;

    @Autowired
    private Suppressions suppressions;

    private TestCampaign campaign;
    private UUID ada;
    private String address;

    @BeforeEach
    void prepare() {
        ada = campaign.person();
        address = "ada-%s@example.co".formatted(UUID.randomUUID().toString().substring(0, 8));
        is("email", address);
    }

    @AfterEach
    void cleanUp() {
        jdbc.sql("DELETE FROM event_routes.erased_person WHERE campaign_id = ?")
                .param(campaign.id().toString())
                .update();
        jdbc.sql("DELETE FROM event_routes.dead_letter WHERE topic = 'texts'").update();
        jdbc.sql("DELETE FROM event_routes.event_outbox WHERE refused_because = 'a test'")
                .update();
        jdbc.sql("DELETE FROM event_routes.audit WHERE who = 'texts'").update();
    }

    @Test
    void anAddressIsErasedHoweverItIsWrittenAndNotAsAPartOfAnother() throws Exception {
        List<String> texts = Stream.concat(THEIRS.stream(), OF_OTHERS.stream()).toList();
        for (int i = 0; i < texts.size(); i++) {
            String text = texts.get(i).replace("%s", address.toUpperCase(Locale.ROOT));
            String json = json(campaign, text);
            audit(EventJson.mapper().createObjectNode().put("reason", text).toString(), text);
            waiting(i, json);
            letter(0, i, json.getBytes(UTF_8));
            letter(1, i, escaped(json).getBytes(UTF_8));
        }
        List<Integer> others =
                IntStream.range(THEIRS.size(), texts.size()).boxed().toList();

        JsonNode exported = erasure("export", "address", address, null);
        JsonNode erased = erasure("erase", "address", address, null);

        assertThat(erased.get("rows")).isEqualTo(exported.get("rows"));
        assertThat(erased.at("/rows/audit").intValue()).isEqualTo(THEIRS.size());
        List<String> left = Stream.concat(
                        THEIRS.stream().map(text -> text.replace("%s", "erased")),
                        OF_OTHERS.stream().map(text -> text.replace("%s", address.toUpperCase(Locale.ROOT))))
                .toList();
        assertThat(audited("arguments ->> 'reason'")).isEqualTo(left);
        assertThat(audited("result")).isEqualTo(left);
        assertThat(waiting()).isEqualTo(others);
        assertThat(letters(0)).isEqualTo(others);
        assertThat(letters(1)).isEqualTo(others);
    }

    @Test
    void aDeadLetterIsErasedInWhateverWayItSpellsTheAddress() throws Exception {
        String name = address.replaceAll("@.*", "");
        is("email", name + "@m\u00fcller.example");
        String here = "," + campaign.id();
        List<String> theirs = List.of(
                name + "@m\u00fcller.example" + here,
                name + "@M\u00dcLLER.example" + here,
                name + "\\u0040m\\u00fcller.example" + here,
                name + "@M\\u00DCLLER.example" + here,
                name + "@xn--mller-kva.example" + here,
                "=3C" + name + "=40m=C3=BCller.example=3E" + here,
                "?to=%20" + name + "%40m%C3%BCller.example" + here);
        List<String> others = List.of(
                name + "@muller.example" + here,
                name + "@m\u00f6ller.example" + here,
                name + "@m\u00fcller.example.com" + here,
                "\u00e9ric." + name + "@m\u00fcller.example" + here,
                "\\u0061" + name + "@m\\u00fcller.example" + here);
        for (int i = 0; i < theirs.size(); i++) {
            letter(0, i, theirs.get(i).getBytes(UTF_8));
        }
        for (int i = 0; i < others.size(); i++) {
            letter(1, i, others.get(i).getBytes(UTF_8));
        }
        letter(2, 0, (name + "@xn--mller-kva.example" + here).getBytes(UTF_16LE));

        JsonNode erased = erasure("erase", "user", ada.toString(), null);

        assertThat(letters(0)).isEmpty();
        assertThat(letters(1)).hasSameSizeAs(others);
        assertThat(letters(2)).isEmpty();
        assertThat(erased.at("/rows/dead_letters").intValue()).isEqualTo(theirs.size() + 1);
    }

    @Test
    void whatIsOfAnotherCampaignStaysUnlessAllAreMeant() throws Exception {
        TestCampaign other = TestCampaign.create(jdbc);
        jdbc.sql("UPDATE waitlist_users SET email = upper(?) WHERE id = ?")
                .params(address, other.person())
                .update();
        suppressions.suppress(
                suppressions.digest(address), other.id().toString(), "complaint", null, "said so", null, null);
        for (TestCampaign some : List.of(campaign, other)) {
            int number = some == campaign ? 0 : 1;
            waiting(number, json(some, address));
            letter(0, number, json(some, address).getBytes(UTF_8));
        }
        waiting(2, json(other, ada.toString()).replace(other.id().toString(), "nowhere"));

        JsonNode here = erasure("export", "address", address, campaign.id().toString());
        JsonNode erased = erasure("erase", "address", address, null);

        assertThat(erased.get("rows").toString()).isEqualTo("{\"dead_letters\":1,\"outbox\":2}");
        assertThat(here.get("rows")).isEqualTo(erased.get("rows"));
        assertThat(waiting()).containsExactly(1);
        assertThat(letters(0)).containsExactly(1);

        erased = erasure("erase", "address", address, "all");

        assertThat(erased.get("rows").toString()).isEqualTo("{\"dead_letters\":1,\"outbox\":1,\"suppressions\":1}");
        other.delete();
    }

    @Test
    void anIdThatMayBeAnyWordIsOneOnlyBesideItsCampaign() throws Exception {
        TestCampaign other = TestCampaign.create(jdbc);
        jdbc.sql("""
                        INSERT INTO event_routes.delivery (consumer_group, idempotency_key, event_id, event_type, campaign_id, event, status)
                        VALUES ('email-workers', 'user.verified:' || :campaign || '/1', 'e', 'user.verified', :campaign,
                                '{"timestamp": "2026-01-01T12:00:00Z", "data": {"user_id": "1"}}', 'delivered')
                        """).param("campaign", campaign.id().toString()).update();
        waiting(0, json(campaign, "1"));
        waiting(1, json(other, "1"));

        erasure("erase", "user", "1", "all");

        assertThat(waiting()).containsExactly(1);
        other.delete();
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
        arguments
                .putArray("reasons")
                .add("AL\" bo\\, Pascal\" Bo\\, Al\" Bo\\x")
                .add("\u5148\u751fAl\" Bo\\\u3055\u3093");
        arguments.putObject("of").put("Al\" Bo\\", true).putNull("nobody");
        audit(arguments.toString(), "done");

        erasure("erase", "user", ada.toString(), null);

        assertThat(EventJson.mapper()
                        .readTree(audited("CAST(arguments AS text)").get(0)))
                .isEqualTo(EventJson.mapper().readTree("""
                                {"count": 1, "reasons": ["erased, Pascal\\" Bo\\\\, Al\\" Bo\\\\x", "\u5148\u751ferased\u3055\u3093"],
                                 "of": {"erased": true, "nobody": null}}
                                """));
    }

    /** As pg_dump does until it ends. */
    @Test
    void whileALockIsHeldItIsUnavailableAndNothingIsChanged() throws Exception {
        audit("{}", "for " + address);
        try (Connection dump = platform.database().dataSource().getConnection();
                Statement lock = dump.createStatement()) {
            dump.setAutoCommit(false);
            lock.execute("LOCK TABLE event_routes.erased_person IN ACCESS SHARE MODE");

            HttpResponse<String> response = ask("erase", "address", address, null);

            assertThat(response.statusCode()).as(response.body()).isEqualTo(503);
            assertThat(response.body()).contains("the database is busy");
            dump.rollback();
        }
        assertThat(audited("result")).containsExactly("for " + address);
    }

    private void is(String column, String value) {
        jdbc.sql("UPDATE waitlist_users SET %s = ? WHERE id = ?".formatted(column))
                .params(value, ada)
                .update();
    }

    private static String json(TestCampaign of, String text) throws Exception {
        return EventJson.mapper()
                .writeValueAsString(EventJson.mapper()
                        .createObjectNode()
                        .put("to", text)
                        .put("campaign_id", of.id().toString()));
    }

    /** With every sign of its texts escaped that may be. */
    private static String escaped(String json) throws Exception {
        String ascii = EventJson.mapper()
                .writer()
                .with(JsonWriteFeature.ESCAPE_NON_ASCII)
                .writeValueAsString(EventJson.mapper().readTree(json));
        for (char sign : "'&+<>@=/".toCharArray()) {
            ascii = ascii.replace(String.valueOf(sign), "\\u%04X".formatted((int) sign));
        }
        return ascii;
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

    private void waiting(int number, String json) {
        jdbc.sql("""
                        INSERT INTO event_routes.event_outbox (event, refused_because)
                        VALUES (CAST(? AS jsonb) || jsonb_build_object('number', ?), 'a test')
                        """).params(json, number).update();
    }

    private List<Integer> waiting() {
        return jdbc.sql(
                        "SELECT CAST(event ->> 'number' AS integer) FROM event_routes.event_outbox WHERE refused_because = 'a test' ORDER BY 1")
                .query(Integer.class)
                .list();
    }

    private void letter(int partition, int offset, byte[] value) {
        jdbc.sql("""
                        INSERT INTO event_routes.dead_letter (consumer_group, topic, partition, record_offset, record_timestamp,
                                                              record_timestamp_type, value, header_names, header_values, reason)
                        VALUES ('email-workers', 'texts', ?, ?, 0, 'CreateTime', ?, '{}', '{}', 'bad JSON')
                        """).params(partition, offset, value).update();
    }

    /** The offsets of those that have a content. */
    private List<Integer> letters(int partition) {
        return jdbc.sql(
                        "SELECT record_offset FROM event_routes.dead_letter WHERE topic = 'texts' AND partition = ? AND value IS NOT NULL ORDER BY 1")
                .param(partition)
                .query(Integer.class)
                .list();
    }
}
