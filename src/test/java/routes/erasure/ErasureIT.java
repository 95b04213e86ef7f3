package routes.erasure;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.lang.management.ManagementFactory;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.FutureTask;
import java.util.regex.Pattern;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.jdbc.core.simple.JdbcClient;
import routes.OnPlatform;
import routes.TestCampaign;
import routes.delivery.Delivery;
import routes.delivery.DeliveryLedger;
import routes.delivery.DeliveryRecorder;
import routes.dev.Inbox;
import routes.dev.ReceivedMail;
import routes.event.DomainEvent;
import routes.event.EventData.CampaignMilestoneReached;
import routes.event.EventData.ReferralVerified;
import routes.event.EventData.UserSignedUp;
import routes.event.EventJson;
import routes.event.EventPublisher;
import routes.event.Events;
import routes.mail.smtp.Suppressions;

/** The operation {@code erasure}: what it shows of a person, what of them is left, and what comes of their events that are read again. */
@OnPlatform
@ExtendWith(OutputCaptureExtension.class)
class ErasureIT extends AsksForErasure {

    /** It deletes what it has told. */
    private static final String TELLS_LATER = "stray-deliveries";

    /** By statement: rows that name a person, of each kind that no event of a test brings about. */
    private static final List<String> ROWS = List.of(
            """
            INSERT INTO event_routes.delivery (id, consumer_group, idempotency_key, event_id, event_type, campaign_id, event, status, reason, attempts)
            VALUES (:failed, 'email-workers', 'reward.earned:r1/' || :campaign || '/' || :user || '/r', 'e1-' || :user, 'reward.earned', :campaign,
                    jsonb_build_object('timestamp', '2026-01-01T12:00:00Z', 'data', jsonb_build_object('user_id', :user)), 'failed',
                    '550 no ' || :name, 1)
            """,
            """
            INSERT INTO event_routes.delivery_attempt (delivery_id, attempt, ended_at, outcome, code, reason)
            VALUES (:failed, 1, now(), 'failed', '550', '550 no ' || :name)
            """,
            """
            INSERT INTO event_routes.delivery (id, consumer_group, idempotency_key, event_id, event_type, campaign_id, event, status, due_at)
            SELECT id, 'email-workers', 'referral.verified:' || id || '/' || :campaign || '/' || :user, 'e2', 'referral.verified', :campaign,
                   jsonb_build_object('timestamp', '2026-01-01T12:00:00Z', 'data', jsonb_build_object('referrer_id', :user)), 'due', due_at
            FROM (VALUES (CAST(:due AS uuid), now() + interval '1 hour'), (CAST(:held AS uuid), NULL)) v (id, due_at)
            """,
            """
            WITH another AS (
                INSERT INTO event_routes.delivery (consumer_group, idempotency_key, event_id, event_type, campaign_id, event, status, reason)
                VALUES ('reward-workers', md5(:user), 'e4', 'reward.earned', :campaign,
                        jsonb_build_object('timestamp', '2026-01-01T12:00:00Z', 'data', jsonb_build_object('user_id', 'a-friend')), 'skipped',
                        'voided by an operator: invited by ' || :name || ', twice')
                RETURNING id)
            INSERT INTO event_routes.delivery_change (delivery_id, attempt, status, what, who)
            SELECT id, 0, 'skipped', 'voided', 'ann' FROM another
            """,
            """
            INSERT INTO event_routes.position_window (delivery_id, leader, campaign_id, referrer_id)
            VALUES (:due, :due, :campaign, :user), (:held, :due, :campaign, :user)
            """,
            "INSERT INTO event_routes.untold_outcome (delivery_id, attempt, to_others) VALUES (:failed, 1, :name)",
            """
            INSERT INTO event_routes.delivery (id, consumer_group, idempotency_key, recipient, event_id, event_type, campaign_id, event, status)
            SELECT id, 'email-workers', 'campaign.milestone_reached:' || :campaign || '/' || CAST(:milestone AS text), recipient, 'e3', 'campaign.milestone_reached',
                   :campaign, '{"timestamp": "2026-01-01T12:00:00Z", "data": {}}', 'delivered'
            FROM (VALUES (CAST(:milestone AS uuid), ''), (CAST(:announced AS uuid), :user)) v (id, recipient)
            """,
            """
            INSERT INTO event_routes.fan_out (delivery_id, recipients, because, reached, expanded_at)
            VALUES (:milestone, 1, 'paused for ' || :name, :address, now())
            """,
            """
            INSERT INTO event_routes.dead_letter (consumer_group, topic, partition, record_offset, record_timestamp, record_timestamp_type, key, value,
                                                  header_names, header_values, reason)
            VALUES ('email-workers', 'erased', 0, :offset, 0, 'CreateTime', convert_to(:campaign, 'UTF8'),
                    convert_to('{"e": "' || replace(:address, '@', '\\u0040') || '"', 'UTF8') || '\\xff00', '{}', '{}', 'bad JSON'),
                   ('email-workers', 'erased', 1, :offset, 0, 'CreateTime', NULL, NULL, ARRAY[convert_to('of', 'UTF8')],
                    ARRAY[convert_to(upper(:user), 'UTF8')], 'no value')
            """,
            """
            INSERT INTO event_routes.dead_letter_action (consumer_group, letter, letter_at, action, who, reason)
            VALUES ('email-workers', '0-' || :offset, now(), 'discarded', 'ann', 'about ' || lower(:name))
            """,
            """
            INSERT INTO event_routes.event_outbox (event, refused_because)
            VALUES (jsonb_build_object('userId', :user), 'type is missing'), (jsonb_build_object('to', :address), 'type is missing')
            """,
            "INSERT INTO event_routes.mail_suppression (address, cause, reason) VALUES (:hash, 'complaint', 'no ' || :name)",
            """
            INSERT INTO event_routes.mail_report (source, id, delivery_id, attempt, kind, address, reason)
            VALUES ('test', md5(:user), CAST(:failed AS uuid), 1, 'complaint', :hash, 'by ' || :name)
            """,
            """
            INSERT INTO event_routes.standing (user_id, campaign_id, score, created_at, position)
            VALUES (CAST(:user AS uuid), CAST(:campaign AS uuid), 1, now(), 1)
            """,
            "INSERT INTO event_routes.recent_people (people, due_at) VALUES (ARRAY[CAST(:user AS uuid)], now() + interval '1 hour')",
            """
            INSERT INTO event_routes.leaderboard (campaign_id, mode, points, people, compared_to)
            VALUES (:board, 'formula', 1, 1, :address)
            """,
            """
            INSERT INTO event_routes.replay (id, consumer_group, policy, range_from, types, rate, planned_by, state)
            VALUES (:replay, 'nobody', 'missing', '0', '{user.signed_up}', 1, 'ann', 'planning')
            """,
            """
            INSERT INTO event_routes.replay_subject (replay_id, subject, topic_partition, record_offset)
            VALUES (:replay, 'user.signed_up:' || :campaign || '/' || :user, 0, 0)
            """,
            """
            INSERT INTO event_routes.audit (who, operation, arguments, result)
            VALUES ('ann', 'deliveries.cancel', jsonb_build_object('reason', 'asked by ' || :name || ' (' || :address || ')'), 'of ' || :user),
                   ('ann', 'suppressions.lift', jsonb_build_object('address', :hash), 'lifted')
            """,
            """
            INSERT INTO event_routes.webhook_endpoint (id, failing_since, last_error)
            VALUES (:webhook, now(), '404: nobody with id ' || :user)
            """);

    @Autowired
    private EventPublisher publisher;

    @Autowired
    private DeliveryRecorder recorder;

    @Autowired
    private DeliveryLedger ledger;

    @Autowired
    private JdbcClient jdbc;

    @Autowired
    private Inbox inbox;

    @Autowired
    private Suppressions suppressions;

    @Autowired
    private CamelContext camel;

    private TestCampaign campaign;
    private Somebody ada;
    private Somebody bob;

    /** A person with rows in every table. */
    private record Somebody(UUID id, String address, String firstName, String lastName, DomainEvent signedUp) {

        String name() {
            return firstName + " " + lastName;
        }
    }

    @BeforeEach
    void prepare() throws Exception {
        pipeline.awaitDrained();
        inbox.clear();
        camel.getRouteController().stopRoute(TELLS_LATER);
        campaign = TestCampaign.create(jdbc);
        ada = somebody("Ada");
        bob = somebody("Bob");
        publisher.publish(List.of(ada.signedUp(), bob.signedUp()));
        pipeline.awaitDrained();
        inbox.clear();
    }

    @AfterEach
    void cleanUp() throws Exception {
        camel.getRouteController().startRoute(TELLS_LATER);
        jdbc.sql("DELETE FROM event_routes.delivery_change WHERE delivery_id IN"
                        + " (SELECT id FROM event_routes.delivery WHERE campaign_id = ?)")
                .param(campaign.id().toString())
                .update();
        for (String table : List.of("delivery", "erased_person")) {
            jdbc.sql("DELETE FROM event_routes." + table + " WHERE campaign_id = ?")
                    .param(campaign.id().toString())
                    .update();
        }
        jdbc.sql("DELETE FROM event_routes.dead_letter WHERE topic = 'erased'").update();
        jdbc.sql("DELETE FROM event_routes.dead_letter_action WHERE who = 'ann'")
                .update();
        jdbc.sql("DELETE FROM event_routes.replay WHERE range_from = '0'").update();
        jdbc.sql("DELETE FROM event_routes.event_outbox WHERE refused_because = 'type is missing'")
                .update();
        jdbc.sql("DELETE FROM event_routes.webhook_endpoint WHERE last_error LIKE '404: nobody with id %'")
                .update();
        jdbc.sql("DELETE FROM event_routes.leaderboard WHERE compared_to IS NOT NULL")
                .update();
        jdbc.sql("DELETE FROM event_routes.recent_people WHERE due_at > now()").update();
        campaign.delete();
    }

    @Test
    void nothingNamesAPersonWhoWasErasedAndAllThatNamesOthersStays(CapturedOutput output) throws Exception {
        rowsOf(ada);
        rowsOf(bob);
        Map<String, Integer> before = naming(bob);
        assertThat(naming(ada))
                .as("each table that can name somebody")
                .hasSize(16)
                .isEqualTo(before);

        JsonNode exported = erasure("export", "address", ada.address(), "all");
        assertThat(exported.get("data").toString())
                .contains(ada.address(), ada.id().toString(), ada.name());
        assertThat(exported.get("rows").properties())
                .extracting(Map.Entry::getKey)
                .containsExactly(
                        "announcements",
                        "audit",
                        "boards",
                        "dead_letter_actions",
                        "dead_letters",
                        "deliveries",
                        "delivery_reasons",
                        "outbox",
                        "replay_subjects",
                        "standings",
                        "suppressions",
                        "webhooks");
        assertThat(exported.at("/rows/deliveries").intValue()).isEqualTo(5);
        assertThat(exported.get("complete").booleanValue()).isTrue();
        assertThat(naming(ada)).as("an export changes nothing").isEqualTo(before);

        leaves(ada);
        JsonNode erased = erasure("erase", "address", ada.address().toUpperCase(Locale.ROOT), "all");

        assertThat(erased.get("rows")).isEqualTo(exported.get("rows"));
        assertThat(erased.has("data")).isFalse();
        assertThat(erased.get("remains").toString()).contains("Kafka: domain-events", "the application");
        await().until(() -> naming(ada), Map::isEmpty); // the board, by position-workers
        assertThat(naming(bob)).isEqualTo(before);
        assertThat(suppressed(ada)).isTrue();
        assertThat(statuses())
                .isEqualTo(Map.of(
                        "delivered erased",
                        2L,
                        "skipped erased",
                        3L,
                        "delivered",
                        2L,
                        "failed",
                        1L,
                        "due",
                        2L,
                        "skipped",
                        2L));
        assertThat(output.getAll()).doesNotContain(ada.address(), ada.name());
        assertThat(audited("erasure.%"))
                .containsExactly("operator erasure.export deliveries=5", "operator erasure.erase deliveries=5");
    }

    /** The bounds of events are not those of rows: just what exceeds them is a dead letter, or a row that is refused. */
    @Test
    void whatIsTooLargeOrTooDeepForAnEventIsExported() throws Exception {
        rowsOf(ada);
        jdbc.sql("UPDATE event_routes.dead_letter SET value = value || convert_to(repeat('x', 300000), 'UTF8')"
                        + " WHERE topic = 'erased' AND value IS NOT NULL")
                .update();
        jdbc.sql("UPDATE event_routes.event_outbox SET event = event || jsonb_build_object('deep', CAST(? AS jsonb))"
                        + " WHERE event ->> 'to' = ?")
                .params("[".repeat(3_000) + "]".repeat(3_000), ada.address())
                .update();

        HttpResponse<String> exported = ask("export", "address", ada.address(), "all");

        assertThat(exported.statusCode()).as(exported.body()).isEqualTo(200);
        assertThat(exported.body())
                .contains("x".repeat(300_000), "[".repeat(3_000))
                .as("the one as JSON, the other as text")
                .contains("\"topic\":\"erased\"", "\\\"deep\\\"")
                .doesNotContain("\\\"topic\\\"");
    }

    @Test
    void whatIsReadAgainHasNoEffectForThemButForOthersAndWhatIsNewHas() throws Exception {
        DomainEvent referral = referral(ada, 1);
        publisher.publish(referral);
        pipeline.awaitDrained();
        leaves(ada);
        erasure("erase", "user", ada.id().toString(), null);
        inbox.clear();

        JsonNode missing = replay("missing");
        assertThat(missing.get("effects").longValue()).isZero();
        assertThat(missing.at("/plan/user.signed_up/erased").intValue()).isEqualTo(1);
        assertThat(missing.at("/plan/referral.verified/erased").intValue()).isEqualTo(1);
        assertThat(run(missing).at("/result/user.signed_up/recorded").intValue())
                .isZero();
        run(replay("force"));
        publisher.publish(List.of(ada.signedUp(), referral)); // as a group reads it whose offsets were set back
        publisher.publish(Events.of(ada.signedUp().data())); // before, and read for the first time
        pipeline.awaitDrained();

        assertThat(recipients()).containsExactly(bob.address());
        await().until(() -> naming(ada), Map::isEmpty); // positions were recalculated

        publisher.publish(
                DomainEvent.now(new UserSignedUp(Events.id(), campaign.id().toString(), ada.address())));
        pipeline.awaitDrained();

        assertThat(recipients()).containsExactlyInAnyOrder(bob.address(), ada.address());
    }

    /** A group that reads everything from the beginning gets days in a batch. */
    @Test
    void whatIsNewIsNotTakenForWhatWasBeforeInTheSameBatch() throws Exception {
        DomainEvent before = Events.of(ada.signedUp().data());
        erasure("erase", "user", ada.id().toString(), null);
        DomainEvent after = DomainEvent.now(ada.signedUp().data());

        List<Delivery> recorded = recorder.record("email-workers", List.of(before, after), (event, reason) -> {});

        assertThat(recorded).extracting(Delivery::event).containsExactly(after);
        ledger.release(recorded);
    }

    @Test
    void aMilestoneFromBeforeIsNotAnnouncedToThem() throws Exception {
        DomainEvent milestone =
                Events.of(new CampaignMilestoneReached(campaign.id().toString(), Events.id(), 2));
        erasure("erase", "user", ada.id().toString(), null);

        publisher.publish(milestone);
        await().until(() -> recipients().contains(bob.address()));
        pipeline.awaitDrained();

        assertThat(recipients()).containsExactly(bob.address());
    }

    @Test
    void aDeadLetterAboutThemIsNotDoneWhenItIsRedriven() throws Exception {
        erasure("erase", "user", ada.id().toString(), null);
        long letter = jdbc.sql("""
                        INSERT INTO event_routes.dead_letter (consumer_group, topic, partition, record_offset, record_timestamp,
                                                              record_timestamp_type, value, header_names, header_values, reason)
                        VALUES ('email-workers', 'erased', 2, 0, 0, 'CreateTime', ?, '{}', '{}', 'refused') RETURNING id
                        """)
                .param(EventJson.mapper().writeValueAsBytes(ada.signedUp()))
                .query(Long.class)
                .single();

        JsonNode redriven =
                pipeline.operation("deadletters/email-workers/db-" + letter, "{\"action\":\"redrive\",\"by\":\"ann\"}");

        assertThat(redriven.get("result").textValue()).isEqualTo("erased");
        pipeline.awaitDrained();
        assertThat(recipients()).isEmpty();
    }

    @Test
    void erasingTwiceIsTheSameAsOnceAlsoWhenTheApplicationHasForgottenThem() throws Exception {
        erasure("erase", "user", ada.id().toString(), null);
        jdbc.sql("DELETE FROM waitlist_users WHERE id = ?").param(ada.id()).update();

        JsonNode again = erasure("erase", "user", ada.id().toString().toUpperCase(Locale.ROOT), null);

        assertThat(again.get("rows").toString()).isEqualTo("{}");
        assertThat(again.get("remains")).hasSize(1);
        assertRefused("erase", "address", ada.address(), null, 404, "there is no such person");
    }

    @Test
    void anAttemptThatIsUnderWayIsWaitedForAndWhatIsOnlyInAQueueIsNotBegun() throws Exception {
        UUID begun = UUID.randomUUID();
        leased(begun, 1);

        assertRefused("erase", "user", ada.id().toString(), null, 409, "an attempt is under way for this person");

        assertThat(naming(ada)).isNotEmpty();
        assertThat(jdbc.sql("SELECT count(*) FROM event_routes.erased_person WHERE campaign_id = ?")
                        .param(campaign.id().toString())
                        .query(Integer.class)
                        .single())
                .isZero();
        jdbc.sql("DELETE FROM event_routes.delivery WHERE id = ?").param(begun).update();

        UUID queued = UUID.randomUUID();
        leased(queued, 0);
        erasure("erase", "user", ada.id().toString(), null);

        assertThat(jdbc.sql("SELECT status || ' ' || lease FROM event_routes.delivery WHERE id = ?")
                        .param(queued)
                        .query(String.class)
                        .single())
                .isEqualTo("skipped 2");
    }

    @Test
    void whatIsRecordedMeanwhileIsErasedToo() throws Exception {
        List<DomainEvent> events = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            events.add(referral(ada, i));
        }
        leaves(ada);
        FutureTask<Integer> producer = new FutureTask<>(() -> {
            for (DomainEvent event : events) {
                publisher.publish(event);
            }
            return events.size();
        });
        new Thread(producer, "producer").start();

        await().until(() -> ask("erase", "user", ada.id().toString(), null).statusCode() == 200);
        assertThat(producer.get()).isEqualTo(300);
        pipeline.awaitDrained();

        await().until(() -> naming(ada), Map::isEmpty);
    }

    @Test
    void aDeliveryOfThemIsNotTriedAgain() throws Exception {
        rowsOf(ada);
        erasure("erase", "user", ada.id().toString(), null);
        String delivery = jdbc.sql(
                        "SELECT CAST(id AS text) FROM event_routes.delivery WHERE campaign_id = ? AND reason = 'erased' AND status = 'skipped' LIMIT 1")
                .param(campaign.id().toString())
                .query(String.class)
                .single();

        HttpResponse<String> one = pipeline.operate("deliveries/" + delivery, "{\"action\":\"retry\",\"by\":\"ann\"}");
        JsonNode all = pipeline.operation("deliveries", """
                {"action":"retry","by":"ann","group":"email-workers","status":"skipped","campaign":"%s","dryRun":false}
                """.formatted(campaign.id()));

        assertThat(one.statusCode()).isEqualTo(409);
        assertThat(one.body()).contains("the delivery's person was erased");
        assertThat(all.get("deliveries").intValue()).isZero();
        assertThat(all.get("left").intValue()).isZero();
        assertThat(pipeline.operation("deliveries/" + delivery, null)
                        .get("event")
                        .toString())
                .isEqualTo("{}");
    }

    @Test
    void whomSeveralCampaignsKnowIsErasedFromOneOrFromAll() throws Exception {
        TestCampaign other = TestCampaign.create(jdbc);
        UUID there = other.person();
        jdbc.sql("UPDATE waitlist_users SET email = ? WHERE id = ?")
                .params(ada.address(), there)
                .update();
        DomainEvent signedUp =
                Events.of(new UserSignedUp(there.toString(), other.id().toString(), ada.address()));
        publisher.publish(signedUp);
        pipeline.awaitDrained();

        assertRefused("erase", "address", ada.address(), null, 409, "2 campaigns know this person (");
        assertRefused("erase", "user", ada.id().toString(), other.id().toString(), 404, "in campaign " + other.id());
        erasure("erase", "address", ada.address(), campaign.id().toString());
        assertThat(erasure("export", "address", ada.address(), other.id().toString())
                        .at("/rows/deliveries")
                        .intValue())
                .isEqualTo(1);

        erasure("erase", "address", ada.address(), "all");

        assertThat(naming(ada)).isEmpty();
        other.delete();
    }

    @Test
    void whoseIdAnotherCampaignUsesTooIsErasedFromTheNamedOneAlone() throws Exception {
        TestCampaign other = TestCampaign.create(jdbc);
        DomainEvent there =
                Events.of(new UserSignedUp(ada.id().toString(), other.id().toString(), ada.address()));
        publisher.publish(there);
        pipeline.awaitDrained();

        erasure("erase", "user", ada.id().toString(), campaign.id().toString());

        assertThat(jdbc.sql("SELECT count(*) FROM event_routes.delivery WHERE event_id = ?")
                        .param(there.id())
                        .query(Integer.class)
                        .single())
                .isEqualTo(1);
        erasure("erase", "user", ada.id().toString(), "all");
        other.delete();
    }

    @Test
    void whoseIdIsAWordIsErasedWithoutHarmToWhatHasThatWord() throws Exception {
        DomainEvent event = DomainEvent.now(new UserSignedUp("1", campaign.id().toString(), Events.email()));
        publisher.publish(event);
        pipeline.awaitDrained();
        rowsOf(bob);
        Map<String, Integer> before = naming(bob);

        erasure("erase", "user", "1", campaign.id().toString());

        assertThat(naming(bob)).isEqualTo(before);
        assertThat(jdbc.sql("SELECT count(*) FROM event_routes.delivery WHERE event_id = ?")
                        .param(event.id())
                        .query(Integer.class)
                        .single())
                .isZero();
    }

    @Test
    void somebodyWithTenThousandDeliveriesIsErasedWithoutALookForEach() throws Exception {
        jdbc.sql("""
                        INSERT INTO event_routes.delivery (consumer_group, idempotency_key, event_id, event_type, campaign_id, event, status)
                        SELECT 'email-workers', 'referral.verified:' || n || '/' || :campaign || '/' || :user, 'e' || n, 'referral.verified',
                               :campaign, jsonb_build_object('timestamp', '2026-01-01T12:00:00Z', 'data',
                                   jsonb_build_object('referrer_id', :user, 'referred_id', n)), 'delivered'
                        FROM generate_series(1, 10000) n
                        """)
                .param("campaign", campaign.id().toString())
                .param("user", ada.id().toString())
                .update();
        Instant begin = Instant.now();

        JsonNode erased = erasure("erase", "user", ada.id().toString(), null);

        Duration took = Duration.between(begin, Instant.now());
        assertThat(erased.at("/rows/deliveries").intValue()).isEqualTo(10_001);
        assertThat(took).as("with room for a busy machine").isLessThan(Duration.ofSeconds(20));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"action": "drop", "user": "1"}                       | 400 | action is unknown: write export or erase
            {"action": "erase"}                                   | 400 | user or address: write one of the two
            {"user": "1", "address": "ada@example.com"}           | 400 | user or address: write one of the two
            {"user": "no id"}                                     | 400 | user must be 1 to 128 letters, digits, or . _ : -
            {"user": ""}                                          | 400 | user must be 1 to 128 letters, digits, or . _ : -
            {"user": "%"}                                         | 400 | user must be 1 to 128 letters, digits, or . _ : -
            {"address": "ada"}                                    | 400 | address must be an email address
            {"address": "a@b c"}                                  | 400 | address must be an email address
            {"user": "1", "campaign": "launch"}                   | 400 | campaign is not a UUID
            {"action": "erase", "user": "nobody-of-this-id"}      | 404 | there is no such person, neither
            {"action": "erase", "user": "nobody-of-this-id", "campaign": "all"} | 404 | there is no such person, neither
            {"action": "erase", "address": "nobody-of-this@example.com"} | 404 | there is no such person, neither
            {"address": "nobody@example.com", "campaign": "00000000-0000-4000-8000-00000000dead"} | 404 | there is no such person in campaign
            """)
    void whatIsAskedWronglyIsRefusedWithASentence(String body, int status, String message) throws Exception {
        HttpResponse<String> response = pipeline.operate("erasure", body);

        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        assertThat(EventJson.mapper().readTree(response.body()).get("detail").textValue())
                .startsWith(message);
    }

    @Test
    void whatTheGuideSendsWorksAsItStands() throws Exception {
        List<String> bodies = Pattern.compile("-d '(.*)' http://localhost:9876/observe/erasure\n")
                .matcher(Files.readString(Path.of("docs/guides/a-person-wants-to-be-forgotten.md")))
                .results()
                .map(command -> command.group(1))
                .toList();

        assertThat(bodies).hasSize(2);
        for (String body : bodies) {
            JsonNode answer = pipeline.operation("erasure", body.replace("ada@example.com", ada.address()));
            assertThat(answer.at("/rows/deliveries").intValue()).isEqualTo(1);
        }
        assertThat(naming(ada)).isEmpty();
    }

    @Test
    void theSameIsPossibleOverJmx() throws Exception {
        MBeanServer server = ManagementFactory.getPlatformMBeanServer();
        ObjectName name = server.queryNames(new ObjectName("domain-event-routes:type=Endpoint,name=Erasure,*"), null)
                .iterator()
                .next();
        String text = String.class.getName();

        Object exported = server.invoke(
                name, "change", new Object[] {null, "ann", ada.id().toString(), null, null}, new String[] {
                    text, text, text, text, text
                });

        assertThat(exported).asString().contains("action=export", ada.address());
    }

    private Somebody somebody(String firstName) {
        UUID id = campaign.person();
        String unique = UUID.randomUUID().toString().substring(0, 8);
        Somebody somebody = new Somebody(
                id,
                "%s.%s@example.com".formatted(firstName.toLowerCase(Locale.ROOT), unique),
                firstName,
                "L'Ovelace-" + unique,
                Events.of(new UserSignedUp(
                        id.toString(),
                        campaign.id().toString(),
                        "%s.%s@example.com".formatted(firstName.toLowerCase(Locale.ROOT), unique))));
        jdbc.sql("UPDATE waitlist_users SET email = ?, first_name = ?, last_name = ? WHERE id = ?")
                .params(somebody.address(), somebody.firstName(), somebody.lastName(), id)
                .update();
        return somebody;
    }

    private void leaves(Somebody somebody) {
        jdbc.sql("UPDATE waitlist_users SET deleted_at = now() WHERE id = ?")
                .param(somebody.id())
                .update();
    }

    private void rowsOf(Somebody somebody) {
        Map<String, Object> values = new TreeMap<>();
        for (String id : List.of("failed", "due", "held", "announced", "milestone", "replay", "board", "webhook")) {
            values.put(id, UUID.randomUUID());
        }
        values.put("campaign", campaign.id().toString());
        values.put("user", somebody.id().toString());
        values.put("address", somebody.address());
        values.put("name", somebody.name());
        values.put("hash", suppressions.digest(somebody.address()));
        values.put("offset", Math.abs(somebody.id().getLeastSignificantBits() % 1_000_000));
        ROWS.forEach(sql -> jdbc.sql(sql).params(values).update());
    }

    /** How many rows of which table name somebody: all of each table, also of one that is new; bytea is hexadecimal there. */
    private Map<String, Integer> naming(Somebody somebody) {
        List<String> patterns = new ArrayList<>();
        for (String word : List.of(somebody.address(), somebody.id().toString(), somebody.name())) {
            patterns.add("%" + word + "%");
            patterns.add("%" + HexFormat.of().formatHex(word.getBytes(UTF_8)) + "%");
            patterns.add(
                    "%" + HexFormat.of().formatHex(word.replace("@", "\\u0040").getBytes(UTF_8)) + "%");
            patterns.add(
                    "%" + HexFormat.of().formatHex(word.toUpperCase(Locale.ROOT).getBytes(UTF_8)) + "%");
        }
        Map<String, Integer> naming = new TreeMap<>();
        for (String table : jdbc.sql(
                        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'event_routes' AND table_type = 'BASE TABLE'")
                .query(String.class)
                .list()) {
            int rows = jdbc.sql(
                            "SELECT count(*) FROM event_routes.\"%s\" t WHERE CAST(to_jsonb(t) AS text) ILIKE ANY (?)"
                                    .formatted(table))
                    .param(patterns.toArray(String[]::new))
                    .query(Integer.class)
                    .single();
            if (rows > 0) {
                naming.put(table, rows);
            }
        }
        return naming;
    }

    private boolean suppressed(Somebody somebody) {
        return jdbc.sql("SELECT count(*) FROM event_routes.mail_suppression WHERE address = ? AND until > now()")
                        .param(suppressions.digest(somebody.address()))
                        .query(Integer.class)
                        .single()
                == 1;
    }

    private Map<String, Long> statuses() {
        Map<String, Long> statuses = new TreeMap<>();
        jdbc.sql("""
                        SELECT status || CASE WHEN event = '{}' THEN ' erased' ELSE '' END AS status, count(*) AS rows
                        FROM event_routes.delivery
                        WHERE campaign_id = ? AND (recipient <> '' OR event_type <> 'campaign.milestone_reached')
                        GROUP BY 1
                        """)
                .param(campaign.id().toString())
                .query((row, n) -> statuses.put(row.getString("status"), row.getLong("rows")))
                .list();
        return statuses;
    }

    private List<String> audited(String operation) {
        return jdbc.sql("""
                        SELECT who || ' ' || operation || ' ' || substring(result FROM 'deliveries=[0-9]+')
                        FROM event_routes.audit
                        WHERE operation LIKE ? AND CAST(arguments AS text) LIKE '%' || ? || '%'
                        ORDER BY id
                        """)
                .params(operation, campaign.id().toString())
                .query(String.class)
                .list();
    }

    private void leased(UUID id, int attempts) {
        jdbc.sql("""
                        INSERT INTO event_routes.delivery
                            (id, consumer_group, idempotency_key, event_id, event_type, campaign_id, event, status, attempts, lease, lease_owner)
                        VALUES (:id, 'email-workers', 'key-' || :id, 'e', 'user.verified', :campaign,
                                jsonb_build_object('data', jsonb_build_object('user_id', :user)), 'leased', :attempts, 1, gen_random_uuid())
                        """)
                .param("id", id)
                .param("campaign", campaign.id().toString())
                .param("user", ada.id().toString())
                .param("attempts", attempts)
                .update();
    }

    private DomainEvent referral(Somebody referrer, int points) {
        return Events.of(new ReferralVerified(
                Events.id(),
                referrer.id().toString(),
                Events.id(),
                campaign.id().toString(),
                points));
    }

    private List<String> recipients() {
        return inbox.list().stream()
                .map(ReceivedMail::to)
                .map(to -> to.replaceFirst(".*<(.*)>", "$1"))
                .toList();
    }

    private void assertRefused(String action, String by, String whom, @Nullable String in, int status, String why)
            throws Exception {
        HttpResponse<String> response = ask(action, by, whom, in);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        assertThat(response.body()).contains(why);
    }

    /** The plan of a replay of all of the topic, from offset 0 on. */
    private JsonNode replay(String policy) throws Exception {
        JsonNode planned = pipeline.operation("replays", """
                {"group":"email-workers","policy":"%s","campaign":"%s","from":"1970-01-01T00:00:00Z","rate":100000}
                """.formatted(policy, campaign.id()));
        return inState(planned, "planned");
    }

    private JsonNode run(JsonNode plan) throws Exception {
        String id = plan.get("id").textValue();
        pipeline.operation(
                "replays/" + id,
                "{\"action\":\"start\",\"expected\":%d}"
                        .formatted(plan.get("effects").longValue()));
        JsonNode done = inState(plan, "done");
        pipeline.awaitDrained();
        return done;
    }

    private JsonNode inState(JsonNode replay, String state) {
        return await().until(
                        () -> pipeline.operation("replays/" + replay.get("id").textValue(), null),
                        now -> now.get("state").textValue().equals(state));
    }
}
