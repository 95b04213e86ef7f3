package routes.outbox;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.management.ManagementFactory;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.apache.camel.CamelContext;
import org.apache.camel.ProducerTemplate;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.TestPropertySource;
import org.springframework.transaction.support.TransactionTemplate;
import routes.OnPlatform;
import routes.Pipeline;
import routes.event.DomainEvent;
import routes.event.EventData.ReferralCreated;
import routes.event.EventJson;
import routes.event.EventPublisher;
import routes.event.EventType;
import routes.event.Events;
import routes.settings.Statements;

/** Events that the application writes to {@code event_outbox} in its own transaction. */
@OnPlatform
@TestPropertySource(properties = {"outbox.interval=20ms", "outbox.batch-size=10"})
class OutboxIT {

    private static final String WAITING =
            "SELECT count(*) FROM event_routes.event_outbox WHERE refused_because IS NULL";

    @Autowired
    private Pipeline pipeline;

    @Autowired
    private JdbcClient jdbc;

    @Autowired
    private TransactionTemplate transaction;

    @Autowired
    private ProducerTemplate template;

    @Autowired
    private Outbox outbox;

    @Autowired
    private Statements statements;

    @Autowired
    private EventPublisher publisher;

    @Autowired
    private OutboxSettings settings;

    @Autowired
    private CamelContext camel;

    private Map<TopicPartition, Long> ends = Map.of();

    @BeforeEach
    void rememberWhereTheTopicEnds() throws Exception {
        ends = pipeline.ends();
    }

    @AfterEach
    void leaveNothing() {
        jdbc.sql("DELETE FROM event_routes.event_outbox WHERE refused_because IS NOT NULL")
                .update();
        await().until(() -> count(WAITING) == 0);
        pipeline.awaitDrained();
    }

    /** A stream of rows that nobody closed kept one each time, and after {@code DB_POOL_SIZE} looks nothing worked any more. */
    @Test
    void looksAtInvalidRowsKeepNoConnection() throws Exception {
        for (int look = 0; look < 25; look++) {
            pipeline.operation("outbox", null);
        }

        assertThat(jdbc.sql(WAITING).query(Integer.class).single()).isZero();
    }

    @Test
    void eachCampaignKeepsItsOrderWhileSeveralWriteAndTwoRelay() throws Exception {
        AtomicBoolean writing = new AtomicBoolean(true);
        CompletableFuture<Void> second = CompletableFuture.runAsync(() -> {
            while (writing.get() || count(WAITING) > 0) {
                template.sendBody("direct:relay-outbox", "");
            }
        });
        List<String> campaigns = List.of(Events.id(), Events.id(), Events.id());
        CompletableFuture.allOf(campaigns.stream()
                        .map(campaign -> CompletableFuture.runAsync(() -> write(campaign, 60)))
                        .toArray(CompletableFuture[]::new))
                .get(120, TimeUnit.SECONDS);
        writing.set(false);
        second.get(120, TimeUnit.SECONDS);

        Map<String, List<Integer>> published = publishedByCampaign();
        for (String campaign : campaigns) {
            assertThat(published.get(campaign)).hasSize(60).isSorted();
        }
    }

    private void write(String campaign, int count) {
        for (int i = 0; i < count; i++) {
            insert(referral(campaign, i));
        }
    }

    @Test
    void whatIsWrittenAfterTheClockOfTheDatabaseWasSetBackKeepsItsOrder() throws Exception {
        String campaign = Events.id();
        transaction.executeWithoutResult(status -> {
            for (int i = 1; i <= 3; i++) {
                insert(referral(campaign, i));
            }
            jdbc.sql("UPDATE event_routes.event_outbox SET created_at = created_at - id * interval '1 millisecond'"
                            + " WHERE event ->> 'campaign_id' = ?")
                    .param(campaign)
                    .update();
        });

        awaitRelayed();

        assertThat(publishedByCampaign()).containsEntry(campaign, List.of(1, 2, 3));
    }

    @Test
    void aTransactionThatIsRolledBackHasPublishedNothing() throws Exception {
        String campaign = Events.id();
        transaction.executeWithoutResult(status -> {
            insert(referral(campaign, 1));
            status.setRollbackOnly();
        });
        insert(referral(campaign, 2));

        awaitRelayed();

        assertThat(publishedByCampaign()).containsEntry(campaign, List.of(2));
    }

    /** Its row has a lower id than those that were published meanwhile: a mark on the last one published would pass it over. */
    @Test
    void aTransactionThatCommitsLateLeavesNoGap() throws Exception {
        String campaign = Events.id();
        CountDownLatch inserted = new CountDownLatch(1);
        CountDownLatch commit = new CountDownLatch(1);
        CompletableFuture<Void> late = CompletableFuture.runAsync(() -> transaction.executeWithoutResult(status -> {
            insert(referral(campaign, 1));
            inserted.countDown();
            waitFor(commit);
        }));
        waitFor(inserted);
        insert(referral(campaign, 2));
        awaitRelayed();
        assertThat(publishedByCampaign()).containsEntry(campaign, List.of(2));

        commit.countDown();
        late.get(60, TimeUnit.SECONDS);
        awaitRelayed();

        assertThat(publishedByCampaign()).containsEntry(campaign, List.of(2, 1));
    }

    @Test
    void aRowThatIsNoEventBlocksNobodyAndIsPublishedWhenItWasCorrected() throws Exception {
        String campaign = Events.id();
        long wrong = insert(referral(campaign, 1).replace("referral.created", "referral.made"));
        insert(referral(campaign, 2));

        awaitRelayed();

        assertThat(publishedByCampaign()).containsEntry(campaign, List.of(2));
        assertThat(jdbc.sql("SELECT refused_because FROM event_routes.event_outbox WHERE id = ?")
                        .param(wrong)
                        .query(String.class)
                        .single())
                .startsWith("type is not one of user.signed_up, ");
        outbox.measure();
        assertThat(pipeline.operate("metrics", null).body()).containsPattern("domain_events_outbox_refused\\{.*} 1.0");

        jdbc.sql("""
                        UPDATE event_routes.event_outbox
                        SET event = jsonb_set(event, '{type}', '"referral.created"'), refused_because = NULL
                        WHERE id = ?
                        """).param(wrong).update();
        awaitRelayed();

        assertThat(publishedByCampaign()).containsEntry(campaign, List.of(2, 1));
    }

    /** As after the clock of the database was set. Whoever publishes has a clock of its own, and refused the whole batch. */
    @Test
    void rowsFromDaysAheadBlockNobody() throws Exception {
        String campaign = Events.id();
        DomainEvent later = Events.of(new ReferralCreated("r-1", Events.id(), Events.id(), campaign));
        long wrong = insertAhead(Events.json(
                        later,
                        event -> event.put(
                                "timestamp",
                                Instant.now().plus(2, ChronoUnit.DAYS).toString()))
                .toString());
        insertAhead("""
                {"specversion": "1.0", "id": "%s", "source": "/test", "type": "referral.created", "data":
                 {"referral_id": "r-2", "referrer_id": "%s", "referred_id": "%s", "campaign_id": "%s"}}
                """.formatted(Events.id(), Events.id(), Events.id(), campaign));
        insert(referral(campaign, 3));

        awaitRelayed();

        assertThat(publishedByCampaign()).containsEntry(campaign, List.of(2, 3));
        assertThat(pipeline.operation("outbox/" + wrong, null)
                        .at("/row/refused_because")
                        .asText())
                .isEqualTo("timestamp is more than a day ahead");
        assertThat(operate("outbox/" + wrong, Map.of("action", "retry")))
                .as("it would be refused again")
                .isEqualTo(409);
    }

    /** As after a machine came back with the clock of a day before yesterday. All that was written since was set aside for good. */
    @Test
    void aRelayWhoseClockIsDaysBehindRefusesNoRowThatTheDatabasesClockHasReached() throws Exception {
        String campaign = Events.id();
        InstantSource behind = InstantSource.offset(InstantSource.system(), Duration.ofDays(-2));
        Outbox late = new Outbox(statements, Events.reader(behind), publisher, settings, new SimpleMeterRegistry());
        camel.getRouteController().stopRoute("outbox");
        try {
            insert(Events.json(
                            Events.of(new ReferralCreated("r-1", Events.id(), Events.id(), campaign)),
                            event -> event.put("timestamp", Instant.now().toString()))
                    .toString());

            assertThatThrownBy(late::next)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("more than a day ahead of this machine's clock")
                    .hasMessageContaining("set the clock that is wrong");
        } finally {
            camel.getRouteController().startRoute("outbox");
        }
        awaitRelayed();

        assertThat(publishedByCampaign()).containsEntry(campaign, List.of(1));
    }

    @Test
    void whatTheTableDoesNotTakeIsRefusedWithTheReason() throws Exception {
        long wrong = insert("7");
        awaitRelayed();
        DomainEvent event = Events.any(EventType.USER_VERIFIED);

        assertThat(mend(wrong, Events.json(event, json -> json.put("more", "x".repeat(70_000)))))
                .contains("has more than 64 KiB");
        assertThat(mend(wrong, Events.json(event, json -> json.put("more", "a\0b"))))
                .contains("has a NUL character")
                .doesNotContain("64 KiB");
    }

    private String mend(long id, JsonNode event) throws Exception {
        return pipeline.operate(
                        "outbox/" + id,
                        EventJson.mapper()
                                .writeValueAsString(
                                        Map.of("action", "retry", "by", "a test", "event", event.toString())))
                .body();
    }

    @Test
    void aRowThatIsSetAsideIsNotReadAgain() throws Exception {
        String campaign = Events.id();
        long wrong = insert(referral(campaign, 1).replace("referral.created", "referral.made"));
        awaitRelayed();
        jdbc.sql("UPDATE event_routes.event_outbox SET refused_because = 'ann looks after it' WHERE id = ?")
                .param(wrong)
                .update();

        insert(referral(campaign, 2));
        awaitRelayed();

        assertThat(publishedByCampaign()).containsEntry(campaign, List.of(2));
        assertThat(jdbc.sql("SELECT refused_because FROM event_routes.event_outbox WHERE id = ?")
                        .param(wrong)
                        .query(String.class)
                        .single())
                .isEqualTo("ann looks after it");
    }

    @Test
    void whoOperatesSeesRowsThatAreNoEventsAndMendsRetriesOrDropsThem() throws Exception {
        String campaign = Events.id();
        String wrong = referral(campaign, 1).replace("referral.created", "referral.made");
        long mended = insert(wrong);
        long dropped = insert("{\"type\": \"no.such\", \"email\": \"ada@example.com\"}");
        awaitRelayed();

        JsonNode page = pipeline.operation("outbox?limit=1", null);
        assertThat(page.at("/rows/0/id").asLong()).isEqualTo(mended);
        assertThat(page.at("/rows/0/type").asText()).isEqualTo("referral.made");
        assertThat(page.at("/rows/0/refused_because").asText()).startsWith("type is not one of ");
        assertThat(pipeline.operation("outbox?after=" + page.path("next").asText(), null)
                        .findValuesAsText("id"))
                .containsExactly(String.valueOf(dropped));
        assertThat(pipeline.operation("outbox/" + dropped, null)
                        .at("/event/email")
                        .asText())
                .isEqualTo("a***@example.com");
        outbox.measure();
        assertThat(pipeline.operation("health/outbox", null))
                .hasToString(
                        "{\"details\":{\"because\":\"2 rows are not valid events, and wait to be corrected or dropped\","
                                + "\"waiting\":0,\"lag_seconds\":0.0,\"refused\":2},\"status\":\"UP\"}");

        assertThat(operate("outbox/" + mended, Map.of("action", "retry"))).isEqualTo(409);
        assertThat(operate("outbox/" + mended, Map.of("action", "retry", "event", wrong)))
                .isEqualTo(400);
        assertThat(operate("outbox/" + mended, Map.of("action", "retry", "event", referral(campaign, 7))))
                .isEqualTo(200);
        awaitRelayed();
        assertThat(publishedByCampaign()).containsEntry(campaign, List.of(7));
        assertThat(operate("outbox/" + mended, Map.of("action", "retry")))
                .as("published, so no longer there")
                .isEqualTo(404);

        assertThat(operate("outbox/" + dropped, Map.of("action", "drop")))
                .as("without a reason")
                .isEqualTo(400);
        assertThat(operate("outbox/" + dropped, Map.of("action", "drop", "reason", "a test")))
                .isEqualTo(200);
        assertThat(pipeline.operation("outbox", null).path("rows")).isEmpty();
        assertThat(pipeline.operation("audit?operation=outbox&limit=2", null).findValuesAsText("operation"))
                .containsExactly("outbox.drop", "outbox.mend");
    }

    /** The bounds of events are not those of rows, which hold what exceeds them. What is far too deep is shown as text. */
    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', delimiter = '|', textBlock = """
            100  | "to":"a***@example.com"
            3000 | \\"to\\": \\"a***@example.com\\"
            """)
    void aRowThatExceedsTheBoundsOfEventsIsShown(int depth, String masked) throws Exception {
        long row = insert("{\"to\": \"ada@example.com\", \"many\": 1e5000, \"deep\": %s%s}"
                .formatted("[".repeat(depth), "]".repeat(depth)));
        awaitRelayed();

        HttpResponse<String> shown = pipeline.operate("outbox/" + row, null);

        assertThat(shown.statusCode()).as(shown.body()).isEqualTo(200);
        assertThat(shown.body())
                .contains(masked, "1" + "0".repeat(5_000), "[".repeat(depth))
                .doesNotContain("ada@");
    }

    @Test
    void manyRowsThatWereRefusedAreChangedAtOnceAfterADryRunOverJmxToo() throws Exception {
        String campaign = Events.id();
        insert(referral(campaign, 1).replace("referral.created", "referral.made"));
        insert(referral(campaign, 2).replace("referral.created", "referral.done"));
        insert("7");
        awaitRelayed();
        jdbc.sql("""
                        UPDATE event_routes.event_outbox SET event = jsonb_set(event, '{type}', '"referral.created"')
                        WHERE event ->> 'type' = 'referral.made'
                        """).update();

        assertThat(overJmx("retry", null, null)).hasToString("{action=retry, dry_run=true, rows=1, refused=2, left=0}");
        assertThat(overJmx("retry", null, "false"))
                .hasToString("{action=retry, dry_run=false, rows=1, refused=2, left=0}");
        awaitRelayed();
        assertThat(publishedByCampaign()).containsEntry(campaign, List.of(1));

        assertThat(overJmx("drop", "referral.done", null))
                .hasToString("{action=drop, dry_run=true, rows=1, refused=0, left=0}");
        assertThat(overJmx("drop", "referral.done", "false"))
                .hasToString("{action=drop, dry_run=false, rows=1, refused=0, left=0}");
        assertThat(pipeline.operation("outbox", null).path("rows"))
                .singleElement()
                .satisfies(row -> assertThat(row.has("type")).isFalse());
    }

    @Test
    void rowsThatStayInvalidKeepNoOtherFromBeingRetried() throws Exception {
        String campaign = Events.id();
        jdbc.sql("""
                        INSERT INTO event_routes.event_outbox (event, refused_because)
                        SELECT '{"type": "no.such"}', 'a test' FROM generate_series(1, 1001)
                        """).update();
        for (int i = 1; i <= 1001; i++) {
            refused(referral(campaign, i));
        }

        assertThat(overJmx("retry", null, null))
                .hasToString("{action=retry, dry_run=true, rows=1000, refused=1001, left=1}");
        assertThat(overJmx("retry", null, "false"))
                .hasToString("{action=retry, dry_run=false, rows=1000, refused=1001, left=1}");
        assertThat(overJmx("retry", null, "false"))
                .hasToString("{action=retry, dry_run=false, rows=1, refused=1001, left=0}");
        awaitRelayed();

        assertThat(publishedByCampaign().get(campaign)).hasSize(1001);
    }

    /** A row that a relay has set aside, and that is a valid event by now. */
    private void refused(String event) {
        jdbc.sql("INSERT INTO event_routes.event_outbox (event, refused_because) VALUES (CAST(? AS jsonb), 'a test')")
                .param(event)
                .update();
    }

    /** The answer's status. */
    private int operate(String path, Map<String, String> change) throws Exception {
        Map<String, String> all = new HashMap<>(change);
        all.put("by", "a test");
        return pipeline.operate(path, EventJson.mapper().writeValueAsString(all))
                .statusCode();
    }

    private static Object overJmx(String action, @Nullable String type, @Nullable String dryRun) throws Exception {
        MBeanServer beans = ManagementFactory.getPlatformMBeanServer();
        ObjectName name =
                beans.queryNames(new ObjectName("domain-event-routes:type=Endpoint,name=Outbox,*"), null).stream()
                        .findFirst()
                        .orElseThrow();
        String text = String.class.getName();
        return beans.invoke(name, "changeAll", new Object[] {action, "a test", type, "a test", dryRun}, new String[] {
            text, text, text, text, text
        });
    }

    @Test
    void whatTheBrokersRefuseStaysAndIsPublishedWhenTheyTakeIt() throws Exception {
        String campaign = Events.id();
        limitRecords("100");
        try {
            insert(referral(campaign, 1));
            insert(referral(campaign, 2));

            await().untilAsserted(() -> {
                outbox.measure();
                assertThat(pipeline.operate("metrics", null).body())
                        .containsPattern("domain_events_outbox_waiting\\{.*} 2.0")
                        .doesNotContainPattern("domain_events_outbox_lag_seconds\\{.*} 0.0");
            });
            await("the first row is seen again and again").until(() -> {
                outbox.measure();
                return outbox.first().stuck().toMillis() > 500;
            });
            assertThat(publishedByCampaign()).doesNotContainKey(campaign);
        } finally {
            limitRecords("1048588");
        }
        awaitRelayed();

        // The second may have been taken alone once, at the moment in which the limit was lifted; nothing else is
        // repeated.
        assertThat(publishedByCampaign().get(campaign)).isIn(List.of(1, 2), List.of(2, 1, 2));
    }

    @Test
    void theStatementsForTheApplicationPublish() throws Exception {
        String script = Files.readString(Path.of("examples/sql/outbox/insert-event.sql"));
        pipeline.awaitDrained();

        transaction.executeWithoutResult(status -> {
            for (String statement : script.replaceAll("(?m)^--.*$", "").split(";", -1)) {
                if (!statement.isBlank() && !statement.strip().matches("BEGIN|COMMIT")) {
                    jdbc.sql(statement).update();
                }
            }
            jdbc.sql("DEALLOCATE referral_verified").update();
            status.setRollbackOnly();
        });
        long before = records().size();
        assertThat(before).as("what was rolled back").isZero();

        transaction.executeWithoutResult(status -> {
            for (String statement : script.replaceAll("(?m)^--.*$", "").split(";", -1)) {
                if (!statement.isBlank() && !statement.strip().matches("BEGIN|COMMIT|UPDATE (?s:.*)")) {
                    jdbc.sql(statement).update();
                }
            }
            jdbc.sql("DEALLOCATE referral_verified").update();
        });
        awaitRelayed();

        assertThat(records()).singleElement().satisfies(record -> assertThat(
                        EventJson.mapper().readTree(record.value()).path("type").textValue())
                .isEqualTo("referral.verified"));
    }

    /** A driver sends text as {@code varchar}, or without a type. */
    @ParameterizedTest
    @ValueSource(ints = {Types.VARCHAR, Types.OTHER})
    void theStatementsOfThePagesTakeTheParametersOfAnyDriver(int type) throws Exception {
        String campaign = Events.id();
        var signUp = jdbc.sql(documented("docs/guides/outbox.md").replaceAll("\\$(\\d)", ":p$1"));
        List<String> values = List.of(Events.id(), campaign, Events.id(), Events.email());
        for (int i = 0; i < values.size(); i++) {
            signUp = signUp.param("p" + (i + 1), values.get(i), type);
        }

        signUp.update();
        jdbc.sql(documented("README.md"))
                .param("the_event_as_json", referral(campaign, 1), type)
                .update();
        awaitRelayed();

        assertThat(records())
                .filteredOn(record -> campaign.equals(new String(record.key(), UTF_8)))
                .hasSize(2);
    }

    /** The statement by which a page writes to the outbox. */
    private static String documented(String page) throws Exception {
        Matcher statement = Pattern.compile("INSERT INTO event_routes\\.event_outbox[^;]*")
                .matcher(Files.readString(Path.of(page)));
        assertThat(statement.find()).isTrue();
        return statement.group();
    }

    @Test
    void whatIsTooLargeFailsInTheTransactionThatWritesIt() {
        assertThatThrownBy(() -> insert(
                        Events.json(Events.any(EventType.USER_VERIFIED), json -> json.put("more", "x".repeat(70_000)))
                                .toString()))
                .isInstanceOf(DataIntegrityViolationException.class)
                .hasMessageContaining("event_outbox_event_is_small");
    }

    private long insert(String event) {
        return jdbc.sql("INSERT INTO event_routes.event_outbox (event) VALUES (CAST(? AS jsonb)) RETURNING id")
                .param(event)
                .query(Long.class)
                .single();
    }

    private long insertAhead(String event) {
        return jdbc.sql("""
                        INSERT INTO event_routes.event_outbox (event, created_at)
                        VALUES (CAST(? AS jsonb), now() + interval '3 days') RETURNING id
                        """).param(event).query(Long.class).single();
    }

    /** An event that says which of its campaign it is. */
    private static String referral(String campaign, int number) {
        return Events.json(
                        Events.of(new ReferralCreated(
                                "r-" + number,
                                UUID.randomUUID().toString(),
                                UUID.randomUUID().toString(),
                                campaign)),
                        json -> {})
                .toString();
    }

    private void awaitRelayed() {
        await().until(() -> count(WAITING) == 0);
    }

    private int count(String sql) {
        return jdbc.sql(sql).query(Integer.class).single();
    }

    /** The numbers of the events that were published since the test began, in the order of their partition. */
    private Map<String, List<Integer>> publishedByCampaign() throws Exception {
        Map<String, List<Integer>> numbers = new HashMap<>();
        for (ConsumerRecord<byte[], byte[]> record : records()) {
            var event = EventJson.mapper().readTree(record.value());
            numbers.computeIfAbsent(new String(record.key(), UTF_8), campaign -> new ArrayList<>())
                    .add(Integer.valueOf(
                            event.path("data").path("referral_id").textValue().substring(2)));
        }
        return numbers;
    }

    private List<ConsumerRecord<byte[], byte[]>> records() throws Exception {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (var end : pipeline.ends().entrySet()) {
            long start = ends.getOrDefault(end.getKey(), 0L);
            if (end.getValue() > start) {
                pipeline.read(pipeline.topic(), end.getKey().partition()).stream()
                        .filter(record -> record.offset() >= start)
                        .forEach(records::add);
            }
        }
        return records;
    }

    private void limitRecords(String bytes) throws Exception {
        ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, pipeline.topic());
        try (Admin admin = Admin.create(pipeline.brokers())) {
            admin.incrementalAlterConfigs(Map.of(
                            topic,
                            List.of(new AlterConfigOp(
                                    new ConfigEntry("max.message.bytes", bytes), AlterConfigOp.OpType.SET))))
                    .all()
                    .get();
        }
    }

    private static void waitFor(CountDownLatch latch) {
        try {
            assertThat(latch.await(120, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
