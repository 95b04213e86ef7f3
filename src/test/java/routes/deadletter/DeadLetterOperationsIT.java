package routes.deadletter;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.lang.management.ManagementFactory;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.FutureTask;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;
import routes.OnPlatform;
import routes.Pipeline;
import routes.TestCampaign;
import routes.dev.Inbox;
import routes.dev.Platform;
import routes.dev.ReceivedMail;
import routes.event.DomainEvent;
import routes.event.EventData.ReferralVerified;
import routes.event.EventData.UserSignedUp;
import routes.event.EventJson;
import routes.event.EventType;
import routes.event.Events;

/** The operation {@code deadletters}: dead letters in the topic, as this service or another program has put them there, and in the table. */
@OnPlatform
class DeadLetterOperationsIT {

    private static final String GROUP = "email-workers";
    private static final String REDRIVE = "{\"action\":\"redrive\",\"by\":\"ann\"}";

    @Autowired
    private Pipeline pipeline;

    @Autowired
    private JdbcClient jdbc;

    @Autowired
    private TransactionTemplate transaction;

    @Autowired
    private Inbox inbox;

    @Autowired
    private OpenLetters open;

    @Autowired
    private DeadLetterTable table;

    @Autowired
    private Platform platform;

    @BeforeEach
    void prepare() {
        pipeline.awaitDrained();
    }

    @Test
    void aLetterIsListedWithWhereItCameFromAndWhatIsWrong() throws Exception {
        String value = "{\"type\":\"user.signed_up\",\"data\":{\"email\":\"grace@example.com\"}}";
        var written = pipeline.write(List.of(new ProducerRecord<>(pipeline.topic(), value.getBytes(UTF_8))))
                .get(0);
        pipeline.awaitDrained();

        JsonNode letter = newest(GROUP);

        assertThat(letter.get("record").get("topic").textValue()).isEqualTo(pipeline.topic());
        assertThat(letter.get("record").get("partition").intValue()).isEqualTo(written.partition());
        assertThat(letter.get("record").get("offset").longValue()).isEqualTo(written.offset());
        assertThat(letter.get("reason").textValue()).contains("data.user_id is missing");
        assertThat(letter.get("size").intValue()).isEqualTo(value.length());
        assertThat(letter.get("state").textValue()).isEqualTo("open");

        JsonNode whole = show(GROUP, id(letter));
        assertThat(whole.get("letter")).isEqualTo(letter);
        assertThat(whole.get("value").get("text").textValue()).isEqualTo(value.replace("grace@", "g***@"));
        assertThat(whole.get("headers").findValuesAsText("name")).contains("dead-letter-reason", "dead-letter-at");
    }

    @Test
    void bytesThatAreNoTextAreShownInBase64AndLongOnesInPart() throws Exception {
        String binary = bury(GROUP, new byte[] {(byte) 0xff, 0}, new RecordHeader("h", "\u00ff".getBytes(ISO_8859_1)));
        String cut = bury(GROUP, ("x" + "é".repeat(100_000)).getBytes(UTF_8), new RecordHeader("none", (byte[]) null));

        assertThat(show(GROUP, binary).get("value")).hasToString("{\"base64\":\"/wA=\",\"size\":2,\"cut\":false}");
        assertThat(show(GROUP, binary).get("headers"))
                .hasToString("[{\"name\":\"h\",\"value\":{\"base64\":\"/w==\",\"size\":1,\"cut\":false}}]");
        JsonNode value = show(GROUP, cut).get("value");
        assertThat(value.get("size").intValue()).isEqualTo(200_001);
        assertThat(value.get("cut").booleanValue()).isTrue();
        assertThat(value.get("text").textValue()).matches("xé{32767}");
    }

    @Test
    void openAreThoseThatNobodyHasHandledWhereverTheyLie() throws Exception {
        open.refresh();
        long before = open.of(GROUP).orElseThrow();
        String discarded = bury(GROUP, "hello".getBytes(UTF_8));
        keepInTable(GROUP, "hello");

        open.refresh();
        assertThat(open.of(GROUP)).hasValue(before + 2);

        pipeline.operation(
                "deadletters/%s/%s".formatted(GROUP, discarded),
                "{\"action\":\"discard\",\"by\":\"ann\",\"reason\":\"a test\"}");
        open.refresh();
        assertThat(open.of(GROUP)).hasValue(before + 1);
    }

    @Test
    void whatWasDoneWithLettersThatAreGoneHidesNoOpenOne() throws Exception {
        bury(GROUP, "hello".getBytes(UTF_8));
        open.refresh();
        long before = open.of(GROUP).orElseThrow();

        for (String gone : List.of("0-999999", "db-999999")) {
            jdbc.sql("INSERT INTO event_routes.dead_letter_action (consumer_group, letter, letter_at, action, who)"
                            + " VALUES (?, ?, now(), 'discarded', 'of-letters-that-are-gone')")
                    .params(GROUP, gone)
                    .update();
        }
        try {
            open.refresh();
            assertThat(open.of(GROUP)).hasValue(before);
        } finally {
            jdbc.sql("DELETE FROM event_routes.dead_letter_action WHERE who = 'of-letters-that-are-gone'")
                    .update();
        }
    }

    /** Kafka deletes whole segments: a letter may be there for longer than the retention. */
    @Test
    void whatWasDoneWithALetterIsKeptAsLongAsTheLetter() throws Exception {
        String group = "position-workers";
        TopicPartition partition = new TopicPartition("%s.%s.dlq".formatted(pipeline.topic(), group), 0);
        long old = System.currentTimeMillis() - Duration.ofDays(40).toMillis();
        var written = pipeline.write(List.of(
                        new ProducerRecord<>(partition.topic(), 0, old, null, "hello".getBytes(UTF_8), List.of())))
                .get(0);
        String letter = "0-" + written.offset();
        deleteBefore(partition, written.offset()); // the first letters of a partition are its oldest
        pipeline.operation(
                "deadletters/%s/%s".formatted(group, letter),
                "{\"action\":\"discard\",\"by\":\"ann\",\"reason\":\"a test\"}");

        table.purge();
        open.refresh();
        assertThat(show(group, letter).get("letter").get("state").textValue()).isEqualTo("discarded");

        deleteBefore(partition, written.offset() + 1);
        open.refresh();
        assertThat(jdbc.sql("SELECT count(*) FROM event_routes.dead_letter_action WHERE letter_at = ?")
                        .param(Instant.ofEpochMilli(old).atOffset(ZoneOffset.UTC))
                        .query(Long.class)
                        .single())
                .isZero();
    }

    @Test
    void pagesHaveEveryLetterOnceTheNewestFirstWhereverItLies() throws Exception {
        List<String> newestFirst = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            newestFirst.add(
                    0,
                    i % 2 == 0
                            ? bury("position-workers", "hello".getBytes(UTF_8))
                            : keepInTable("position-workers", "hello"));
        }

        List<String> paged = new ArrayList<>();
        String before = "";
        while (paged.size() < 5) {
            JsonNode page = pipeline.operation("deadletters/position-workers?limit=2" + before, null);
            paged.addAll(page.get("letters").findValuesAsText("id"));
            before = "&before=" + page.path("next").textValue();
        }

        assertThat(paged.subList(0, 5)).isEqualTo(newestFirst);
    }

    @Test
    void aLetterThatCanBeReadNowIsGivenToItsOwnGroupOnce() throws Exception {
        DomainEvent event = Events.signedUp(Events.email());
        String id = bury(GROUP, EventJson.mapper().writeValueAsBytes(event));
        Map<?, ?> ends = pipeline.ends();

        JsonNode first = redrive(GROUP, id);
        pipeline.awaitDrained();
        JsonNode second = redrive(GROUP, id);
        pipeline.awaitDrained();

        assertThat(first.get("result").textValue()).isEqualTo("due");
        assertThat(second.get("result").textValue()).isEqualTo("duplicate");
        assertThat(second.get("delivery")).isEqualTo(first.get("delivery"));
        assertThat(second.get("status").textValue()).isEqualTo("delivered");
        assertThat(mailsTo(event)).isEqualTo(1);
        assertThat(jdbc.sql("SELECT consumer_group FROM event_routes.delivery WHERE event_id = ?")
                        .param(event.id())
                        .query(String.class)
                        .list())
                .containsExactly(GROUP);
        assertThat(pipeline.ends()).as("the shared topic").isEqualTo(ends);
        JsonNode letter = show(GROUP, id).get("letter");
        assertThat(letter.get("state").textValue()).isEqualTo("redriven");
        assertThat(letter.get("done").get("by").textValue()).isEqualTo("operator");
        assertThat(audit(GROUP, id))
                .containsExactly("operator deadletters.redriven due", "operator deadletters.redriven duplicate");
    }

    @Test
    void aCloudEventInHeadersIsReadWithThem() throws Exception {
        DomainEvent event = Events.signedUp(Events.email());
        JsonNode json = EventJson.mapper().valueToTree(event);
        String id = bury(
                GROUP,
                json.get("data").toString().getBytes(UTF_8),
                header("ce_specversion", "1.0"),
                header("ce_id", event.id()),
                header("ce_type", "user.signed_up"),
                header("ce_time", "2026-01-01T12:00:00Z"));

        assertThat(redrive(GROUP, id).get("result").textValue()).isEqualTo("due");
        pipeline.awaitDrained();
        assertThat(mailsTo(event)).isEqualTo(1);
    }

    @Test
    void positionsAreRecalculatedAsOftenAsTheirLetterIsRedriven() throws Exception {
        TestCampaign campaign = TestCampaign.create(jdbc);
        DomainEvent event = Events.of(new ReferralVerified(
                Events.id(), Events.id(), Events.id(), campaign.id().toString(), 1));
        String id = bury("position-workers", EventJson.mapper().writeValueAsBytes(event));

        for (int i = 1; i <= 2; i++) {
            JsonNode redriven = redrive("position-workers", id);
            pipeline.awaitDrained();

            assertThat(redriven.get("result").textValue()).isEqualTo("due");
            assertThat(pipeline.operation(
                                    "deliveries/" + redriven.get("delivery").textValue(), null)
                            .get("attempts")
                            .findValuesAsText("reason"))
                    .filteredOn("re-driven from a dead letter"::equals)
                    .hasSize(i);
        }
        campaign.delete();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "hello | unreadable | the value is not valid JSON",
                "{'type':'user.signed_up'} | unreadable | id is missing",
                "{'type':'referral.created'} | passes-over | email-workers does not handle its type"
            })
    void aLetterThatStillCannotBeTakenInStaysAsItIs(String value, String result, String reason) throws Exception {
        String id = bury(GROUP, value.replace('\'', '"').getBytes(UTF_8));
        String before = show(GROUP, id).toString();

        JsonNode redriven = redrive(GROUP, id);

        assertThat(redriven.get("result").textValue()).isEqualTo(result);
        assertThat(redriven.get("reason").textValue()).contains(reason);
        assertThat(show(GROUP, id)).hasToString(before);
        assertThat(id(newest(GROUP))).as("the newest letter").isEqualTo(id);
        assertThat(audit(GROUP, id)).isEmpty();
    }

    @Test
    void aLetterThatTheDatabaseRefusesStaysAsItIs() throws Exception {
        DomainEvent event = Events.signedUp(Events.email());
        String id = bury(GROUP, EventJson.mapper().writeValueAsBytes(event));
        jdbc.sql("ALTER TABLE event_routes.delivery ADD CONSTRAINT none CHECK (event_id <> '%s') NOT VALID"
                        .formatted(event.id()))
                .update();
        try {
            JsonNode redriven = redrive(GROUP, id);

            assertThat(redriven.get("result").textValue()).isEqualTo("refused");
            assertThat(redriven.get("reason").textValue()).contains("none");
        } finally {
            jdbc.sql("ALTER TABLE event_routes.delivery DROP CONSTRAINT none").update();
        }
        assertThat(show(GROUP, id).get("letter").get("state").textValue()).isEqualTo("open");
        assertThat(redrive(GROUP, id).get("result").textValue()).isEqualTo("due");
        pipeline.awaitDrained();
    }

    @Test
    void aLetterOfTheTableIsShownAndRedrivenLikeOneOfTheTopic() throws Exception {
        DomainEvent event = Events.signedUp(Events.email());
        String id = keepInTable(GROUP, EventJson.mapper().writeValueAsString(event));

        JsonNode whole = show(GROUP, id);
        JsonNode redriven = redrive(GROUP, id);
        pipeline.awaitDrained();

        assertThat(whole.get("letter").get("record").get("offset").longValue()).isEqualTo(42);
        assertThat(whole.get("headers").get(0)).hasToString("""
                        {"name":"trace","value":{"text":"first","size":5,"cut":false}}""");
        assertThat(whole.get("value").get("text").textValue()).contains("\"p***@example.com\"");
        assertThat(redriven.get("result").textValue()).isEqualTo("due");
        assertThat(mailsTo(event)).isEqualTo(1);
        assertThat(show(GROUP, id).get("letter").get("state").textValue()).isEqualTo("redriven");
    }

    @Test
    void aLetterIsDiscardedWithWhoAndWhy() throws Exception {
        String id = bury(GROUP, "hello".getBytes(UTF_8));
        String discard = "{\"action\":\"discard\",\"by\":\"ann\",\"reason\":\"a test of grace@example.com\"}";

        JsonNode discarded = pipeline.operation("deadletters/%s/%s".formatted(GROUP, id), discard);
        HttpResponse<String> again = pipeline.operate("deadletters/%s/%s".formatted(GROUP, id), discard);

        assertThat(discarded.get("state").textValue()).isEqualTo("discarded");
        assertThat(discarded.get("done").get("by").textValue()).isEqualTo("operator");
        assertThat(discarded.get("done").get("reason").textValue()).isEqualTo("a test of g***@example.com");
        assertThat(again.statusCode()).isEqualTo(409);
        assertThat(again.body()).contains("the dead letter is already discarded, by operator");
        assertThat(audit(GROUP, id)).containsExactly("operator deadletters.discarded discarded");
    }

    @Test
    void aLetterThatIsBeingRedrivenIsNotDiscarded() throws Exception {
        String id = bury(GROUP, "hello".getBytes(UTF_8));
        String keptAt = show(GROUP, id).get("letter").get("kept_at").textValue();
        FutureTask<HttpResponse<String>> discarding = new FutureTask<>(() -> pipeline.operate(
                "deadletters/%s/%s".formatted(GROUP, id),
                "{\"action\":\"discard\",\"by\":\"ann\",\"reason\":\"a test\"}"));

        transaction.executeWithoutResult(status -> {
            jdbc.sql("INSERT INTO event_routes.dead_letter_action (consumer_group, letter, letter_at, action, who)"
                            + " VALUES (?, ?, CAST(? AS timestamptz), 'redriven', 'bob')")
                    .params(GROUP, id, keptAt)
                    .update();
            new Thread(discarding).start();
            await().until(() -> jdbc.sql("SELECT count(*) FROM pg_stat_activity"
                                    + " WHERE wait_event_type = 'Lock' AND query LIKE '%dead_letter_action%'")
                            .query(Integer.class)
                            .single()
                    > 0);
        });

        assertThat(discarding.get().statusCode()).isEqualTo(409);
        assertThat(discarding.get().body()).contains("the dead letter is already redriven, by bob");
        assertThat(show(GROUP, id).get("letter").get("state").textValue()).isEqualTo("redriven");
        assertThat(audit(GROUP, id)).isEmpty();
    }

    @Test
    void allOpenLettersOfAGroupAreCountedAndThenRedriven() throws Exception {
        String rewards = "reward-workers";
        pipeline.operation("deadletters/" + rewards, "{\"action\":\"redrive\",\"by\":\"ann\",\"dryRun\":\"false\"}");
        pipeline.awaitDrained();
        JsonNode before = pipeline.operation("deadletters/" + rewards, REDRIVE);
        DomainEvent event = Events.any(EventType.REWARD_EARNED);
        byte[] readable = EventJson.mapper().writeValueAsBytes(event);
        String open = bury(rewards, readable);
        bury(rewards, "hello".getBytes(UTF_8));
        keepInTable(rewards, new String(readable, UTF_8));
        String discarded = bury(rewards, EventJson.mapper().writeValueAsBytes(Events.any(EventType.REWARD_EARNED)));
        pipeline.operation(
                "deadletters/%s/%s".formatted(rewards, discarded),
                "{\"action\":\"discard\",\"by\":\"ann\",\"reason\":\"why not\"}");

        JsonNode plan = pipeline.operation("deadletters/" + rewards, REDRIVE);
        assertThat(plan.get("dry_run").booleanValue()).isTrue();
        assertThat(plan.get("complete").booleanValue()).isTrue();
        assertThat(plan.get("letters").intValue() - before.get("letters").intValue())
                .isEqualTo(3);
        assertThat(plan.get("results").get("readable").intValue()).isEqualTo(2);
        assertThat(show(rewards, open).get("letter").get("state").textValue()).isEqualTo("open");

        JsonNode done = pipeline.operation(
                "deadletters/" + rewards, "{\"action\":\"redrive\",\"by\":\"ann\",\"dryRun\":false}");
        pipeline.awaitDrained();
        assertThat(done.get("results").get("due").intValue()).isEqualTo(1);
        assertThat(done.get("results").get("duplicate").intValue()).isEqualTo(1);
        assertThat(show(rewards, open).get("letter").get("state").textValue()).isEqualTo("redriven");
        assertThat(show(rewards, discarded).get("letter").get("state").textValue())
                .isEqualTo("discarded");
        assertThat(pipeline.operation("deadletters/" + rewards, REDRIVE)
                        .get("results")
                        .has("readable"))
                .isFalse();
    }

    @Test
    void whatWasDoneWithALetterOfATopicThatIsNoMoreIsNothingAboutTheOneInItsPlace() throws Exception {
        String id = bury(GROUP, "hello".getBytes(UTF_8));
        open.refresh();
        long before = open.of(GROUP).orElseThrow();

        for (int days : List.of(1, 40)) { // 40: longer than letters are kept
            jdbc.sql("INSERT INTO event_routes.dead_letter_action (consumer_group, letter, letter_at, action, who)"
                            + " VALUES (?, ?, now() - make_interval(days => ?), 'redriven', 'of-another-topic')")
                    .params(GROUP, id, days)
                    .update();
        }
        open.refresh();

        assertThat(show(GROUP, id).get("letter").get("state").textValue()).isEqualTo("open");
        assertThat(open.of(GROUP)).hasValue(before);
        assertThat(jdbc.sql("SELECT now() - letter_at < interval '2 days' FROM event_routes.dead_letter_action"
                                + " WHERE who = 'of-another-topic'")
                        .query(Boolean.class)
                        .list())
                .as("what is older than the letters is forgotten")
                .containsExactly(true);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "deadletters/nobody | | 400 | group is unknown: write email-workers or",
                "deadletters/email-workers?limit=0 | | 400 | limit must be a whole number from 1 to 500",
                "deadletters/email-workers?before=0 | | 400 | before is not an id of a dead letter, such as 0-17 or db-5",
                "deadletters/email-workers/x | | 400 | id is not an id of a dead letter",
                "deadletters/email-workers/0-999999 | | 404 | email-workers has no dead letter 0-999999",
                "deadletters/email-workers/7-0 | | 404 | email-workers has no dead letter 7-0",
                "deadletters/email-workers/db-999999 | | 404 | email-workers has no dead letter db-999999",
                "deadletters/email-workers/0-999999 | {'action':'redrive','by':'ann'} | 404 | email-workers has no",
                "deadletters/email-workers/0-0 | {'action':'discard','by':'ann'} | 400 | reason is missing",
                "deadletters/email-workers | {'action':'discard','by':'ann'} | 400 | action is unknown: write redrive",
                "deadletters/email-workers | {'action':'redrive','by':'ann','dryRun':'no'} | 400 | dryRun is unknown: write true or false"
            })
    void whatIsAskedWronglyIsToldWithTheFieldAndWhatToWrite(String path, String body, int status, String message)
            throws Exception {
        HttpResponse<String> response = pipeline.operate(path, body == null ? null : body.replace('\'', '"'));

        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        assertThat(EventJson.mapper().readTree(response.body()).get("detail").textValue())
                .startsWith(message);
    }

    @Test
    void theSameIsThereOverJmx() throws Exception {
        String id = bury(GROUP, "hello".getBytes(UTF_8));
        MBeanServer server = ManagementFactory.getPlatformMBeanServer();
        ObjectName name = server.queryNames(
                        new ObjectName("domain-event-routes:type=Endpoint,name=Deadletters,*"), null)
                .iterator()
                .next();

        Object whole = server.invoke(
                name, "show", new Object[] {GROUP, id}, new String[] {"java.lang.String", "java.lang.String"});

        assertThat(whole).asString().contains("state=open", "text=hello");
    }

    private void deleteBefore(TopicPartition partition, long offset) throws Exception {
        try (Admin admin = Admin.create(Map.of(
                CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, platform.kafka().brokers()))) {
            admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(offset)))
                    .all()
                    .get();
        }
    }

    /** Puts a record into the dead letters of a group; answers the letter's id. */
    private String bury(String group, byte[] value, Header... headers) throws Exception {
        String topic = "%s.%s.dlq".formatted(pipeline.topic(), group);
        byte[] key = group.getBytes(UTF_8);
        var written = pipeline.write(List.of(new ProducerRecord<>(topic, 0, key, value, List.of(headers))))
                .get(0);
        return "%d-%d".formatted(written.partition(), written.offset());
    }

    private String keepInTable(String group, String value) {
        return "db-"
                + jdbc.sql("""
                                INSERT INTO event_routes.dead_letter (consumer_group, topic, partition, record_offset,
                                    record_timestamp, record_timestamp_type, value, header_names, header_values, reason)
                                VALUES (:group, :topic, 3, 42, :timestamp, 'CreateTime', :value,
                                    ARRAY[CAST('trace' AS bytea), 'nothing'], ARRAY[CAST('first' AS bytea), NULL], 'too large')
                                RETURNING id
                                """)
                        .param("group", group)
                        .param("topic", UUID.randomUUID().toString())
                        .param("timestamp", System.currentTimeMillis())
                        .param("value", value.getBytes(UTF_8))
                        .query(Long.class)
                        .single();
    }

    private static Header header(String name, String value) {
        return new RecordHeader(name, value.getBytes(UTF_8));
    }

    private JsonNode newest(String group) throws Exception {
        return pipeline.operation("deadletters/%s?limit=1".formatted(group), null)
                .get("letters")
                .get(0);
    }

    private static String id(JsonNode letter) {
        return letter.get("id").textValue();
    }

    private JsonNode show(String group, String id) throws Exception {
        return pipeline.operation("deadletters/%s/%s".formatted(group, id), null);
    }

    private JsonNode redrive(String group, String id) throws Exception {
        return pipeline.operation("deadletters/%s/%s".formatted(group, id), REDRIVE);
    }

    private long mailsTo(DomainEvent event) {
        String email = ((UserSignedUp) event.data()).email();
        return inbox.list().stream().map(ReceivedMail::to).filter(email::equals).count();
    }

    /** What the audit says of a letter, without the deliveries. */
    private List<String> audit(String group, String id) {
        return jdbc.sql("SELECT who || ' ' || operation || ' ' || split_part(result, ':', 1) FROM event_routes.audit"
                        + " WHERE operation LIKE 'deadletters.%' AND arguments ->> 'group' = ? AND arguments ->> 'id' = ?"
                        + " ORDER BY id")
                .params(group, id)
                .query(String.class)
                .list();
    }
}
