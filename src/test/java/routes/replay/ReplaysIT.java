package routes.replay;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.management.ManagementFactory;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.apache.camel.CamelContext;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import routes.OnPlatform;
import routes.Pipeline;
import routes.RefusingTrigger;
import routes.TestCampaign;
import routes.dev.Inbox;
import routes.dev.Platform;
import routes.dev.ReceivedMail;
import routes.dev.ReceivedWebhook;
import routes.dev.WebhookReceiver;
import routes.event.DomainEvent;
import routes.event.EventData.ReferralVerified;
import routes.event.EventData.UserSignedUp;
import routes.event.EventData.UserVerified;
import routes.event.EventJson;
import routes.event.EventPublisher;
import routes.event.Events;

/** The operation {@code replays}: what is read again from the topic, and what comes of it. */
@OnPlatform
@ExtendWith(TestCampaign.OfEachTest.class)
class ReplaysIT {

    private static final int PARTITION = 7;
    private static final String PATH = "/webhooks/replayed";

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
    private CamelContext camel;

    @Autowired
    private ReplayStore store;

    @Autowired
    private PlatformTransactionManager transactions;

    private final Instant begun = Instant.now();
    private TestCampaign campaign;

    @AfterEach
    void cleanUp() throws Exception {
        for (JsonNode replay : pipeline.operation("replays", null)) {
            if (List.of("planning", "planned", "running").contains(state(replay))) {
                act(id(replay), "cancel", null);
            }
        }
    }

    @Test
    void whatIsMissingInTheLedgerComesAboutOnceAndAllElseIsLeftAlone() throws Exception {
        List<DomainEvent> events = signUps(3);
        publish(events);
        forget(events.get(1));

        JsonNode plan = plan("email-workers", json -> {});
        assertThat(counts(plan, "plan", "user.signed_up")).isEqualTo(Map.of("new", 1, "delivered", 2));
        assertThat(plan.get("effects").longValue()).isEqualTo(1);
        JsonNode done = run(plan);
        pipeline.awaitDrained();

        assertThat(counts(done, "result", "user.signed_up")).isEqualTo(Map.of("recorded", 1, "left", 2));
        assertThat(done.get("progress").get("percent").intValue()).isEqualTo(100);
        assertThat(recipients()).containsExactly(email(events.get(1)));
        assertThat(plan("email-workers", json -> {}).get("effects").longValue()).isZero();
    }

    @Test
    void aPlanChangesNothing() throws Exception {
        List<DomainEvent> events = signUps(2);
        publish(events);
        forget(events.get(0));
        long rows = rows();

        for (String policy : List.of("missing", "force")) {
            plan("email-workers", json -> json.put("policy", policy));
        }
        plan("position-workers", json -> json.put("policy", "positions"));
        pipeline.awaitDrained();

        assertThat(rows()).isEqualTo(rows);
        assertThat(inbox.list()).isEmpty();
    }

    @Test
    void whatTheRangeHasTwiceCountsOnceAndHappensOnce() throws Exception {
        DomainEvent event = signUps(1).get(0);
        publish(List.of(event, event, event));
        forget(event);

        JsonNode plan = plan("email-workers", json -> {});
        assertThat(counts(plan, "plan", "user.signed_up")).isEqualTo(Map.of("new", 1, "repeated", 2));
        run(plan);
        pipeline.awaitDrained();
        assertThat(recipients()).containsExactly(email(event));

        JsonNode forced = plan("email-workers", json -> json.put("policy", "force"));
        assertThat(forced.get("effects").longValue()).isEqualTo(1);
        run(forced);
        pipeline.awaitDrained();
        assertThat(recipients()).containsExactly(email(event), email(event));
    }

    @Test
    void aRangeOfOffsetsIsReadFromTheFirstUpToTheLastAndWithoutIt() throws Exception {
        List<DomainEvent> events = signUps(4);
        List<RecordMetadata> places = write(events, 0);
        events.forEach(this::forget);

        JsonNode plan = plan("email-workers", json -> json.put("partition", PARTITION)
                .put("from", places.get(1).offset())
                .put("to", places.get(3).offset()));
        assertThat(plan.get("progress").get("of").longValue()).isEqualTo(2);
        run(plan);
        pipeline.awaitDrained();

        assertThat(recipients()).containsExactlyInAnyOrder(email(events.get(1)), email(events.get(2)));
    }

    @Test
    void aRangeOfTimeGoesByTheTimestampsOfTheRecords() throws Exception {
        List<DomainEvent> events = signUps(4);
        List<RecordMetadata> places = write(events, 1_000);
        events.forEach(this::forget);

        run(plan("email-workers", json -> json.put("from", time(places.get(1)).toString())
                .put("to", time(places.get(3)).toString())));
        pipeline.awaitDrained();

        assertThat(recipients()).containsExactlyInAnyOrder(email(events.get(1)), email(events.get(2)));
    }

    /** The clock of one producer is ahead by as much as the brokers allow; the range ended there, and said nothing. */
    @Test
    void aRecordThatIsStampedAheadCutsOffNoneThatFollows() throws Exception {
        List<DomainEvent> ahead = signUps(1);
        List<DomainEvent> events = signUps(3);
        Instant to = Instant.ofEpochMilli(System.currentTimeMillis() + 1_500);
        write(PARTITION, ahead, 0, to.plus(Duration.ofMinutes(50)));
        write(PARTITION, events, 1_000, to.minusMillis(1_500));

        JsonNode plan = plan("email-workers", json -> json.put("to", to.toString()));

        assertThat(counts(plan, "plan", "user.signed_up")).isEqualTo(Map.of("delivered", 2));
        assertThat(counts(plan, "plan", "others")).containsKey("filtered");
    }

    @Test
    void theFirstTimeThatCanBeWrittenMeansAllOfTheTopic() throws Exception {
        List<DomainEvent> events = signUps(2);
        publish(events);

        JsonNode plan = plan("email-workers", json -> json.put("from", "1970-01-01T00:00:00Z"));

        assertThat(counts(plan, "plan", "user.signed_up")).isEqualTo(Map.of("delivered", 2));
    }

    @Test
    void theFilterPassesOverOtherTypesEventsAndCampaigns() throws Exception {
        DomainEvent signedUp = signUps(1).get(0);
        DomainEvent verified =
                Events.of(new UserVerified(Events.id(), campaign.id().toString(), Events.email()));
        DomainEvent elsewhere = Events.signedUp(Events.email());
        publish(List.of(signedUp, verified, elsewhere));

        JsonNode byType = plan("email-workers", json -> json.put("types", "user.verified"));
        JsonNode byEvent = plan("email-workers", json -> json.put("event", signedUp.id()));

        assertThat(counts(byType, "plan", "user.verified")).isEqualTo(Map.of("delivered", 1));
        assertThat(byType.get("plan").has("user.signed_up")).isFalse();
        assertThat(byType.get("plan").get("others").get("filtered").intValue()).isGreaterThanOrEqualTo(2);
        assertThat(counts(byEvent, "plan", "user.signed_up")).isEqualTo(Map.of("delivered", 1));
        assertThat(byEvent.get("plan").has("user.verified")).isFalse();
    }

    @Test
    void byForceAMailIsSentAgainUnderAMessageIdOfItsOwn() throws Exception {
        DomainEvent event = signUps(1).get(0);
        publish(List.of(event));

        JsonNode replay = run(plan("email-workers", json -> json.put("policy", "force")));
        pipeline.awaitDrained();

        assertThat(recipients()).containsExactly(email(event));
        assertThat(keys(event))
                .containsExactlyInAnyOrder(event.idempotencyKey(), event.idempotencyKey() + "#replay-" + id(replay));
        assertThat(inbox.list().get(0).messageId())
                .contains(
                        jdbc.sql("SELECT CAST(id AS text) FROM event_routes.delivery WHERE replay_id = CAST(? AS uuid)")
                                .param(id(replay))
                                .query(String.class)
                                .single());
    }

    @Test
    void byForceARewardIsDeliveredAgainUnderAWebhookIdOfItsOwn() throws Exception {
        campaign.webhook(platform.inboxUrl() + PATH, "active", TestCampaign.SECRET);
        DomainEvent event = campaign.rewardEarned(platform.inboxUrl() + PATH);
        publisher.publish(List.of(event));
        pipeline.awaitDrained();

        run(plan("reward-workers", json -> json.put("policy", "force")));
        pipeline.awaitDrained();

        List<ReceivedWebhook> requests = webhooks.list().stream()
                .filter(request -> request.path().equals(PATH))
                .toList();
        assertThat(requests).hasSize(2);
        assertThat(requests)
                .extracting(request -> request.headers().get("webhook-id"))
                .doesNotHaveDuplicates();
        assertThat(requests)
                .extracting(ReceivedWebhook::body)
                .containsOnly(requests.get(0).body());
        assertThat(jdbc.sql("SELECT status FROM event_routes.delivery WHERE event_id = ? AND consumer_group = ?")
                        .params(event.id(), "reward-workers")
                        .query(String.class)
                        .list())
                .containsExactly("delivered", "delivered");
    }

    @Test
    void whatIsForcedBeforeItsGroupHasComeToItIsNotDoneOnceMoreByTheGroup() throws Exception {
        DomainEvent event = signUps(1).get(0);
        publish(List.of(event));
        forget(event);

        run(plan("email-workers", json -> json.put("policy", "force")));
        publisher.publish(List.of(event)); // what the live group reads after the replay
        pipeline.awaitDrained();

        assertThat(recipients()).containsExactly(email(event));
        assertThat(keys(event)).containsExactly(event.idempotencyKey());
    }

    @Test
    void forceIsRefusedToThoseWhoHaveNotLookedAtThePlan() throws Exception {
        publish(signUps(2));
        JsonNode plan = plan("email-workers", json -> json.put("policy", "force"));

        assertRefused(act(id(plan), "start", null), 409, "review it, and write the number that it has");
        assertRefused(act(id(plan), "start", 1L), 409, "review it, and write the number that it has");
        assertThat(state(replay(id(plan)))).isEqualTo("planned");
        assertThat(act(id(plan), "start", 2L).statusCode()).isEqualTo(200);
    }

    @Test
    void positionsAreRecalculatedOnceACampaignAndNothingIsSent() throws Exception {
        UUID person = campaign.person();
        publish(Stream.generate(() -> referral(1)).limit(3).toList());
        jdbc.sql("UPDATE waitlist_users SET position = 99, verified_referral_count = 3 WHERE id = ?")
                .param(person)
                .update();

        JsonNode plan = plan("position-workers", json -> json.put("policy", "positions"));
        assertThat(counts(plan, "plan", "referral.verified")).isEqualTo(Map.of("events", 3));
        assertThat(plan.get("effects").longValue()).isEqualTo(1);
        JsonNode done = run(plan);
        pipeline.awaitDrained();

        assertThat(counts(done, "result", "referral.verified")).isEqualTo(Map.of("recorded", 1, "left", 2));
        assertThat(jdbc.sql("SELECT position FROM waitlist_users WHERE id = ?")
                        .param(person)
                        .query(Integer.class)
                        .single())
                .isEqualTo(7);
        assertThat(inbox.list()).isEmpty();
        assertThat(jdbc.sql("SELECT status FROM event_routes.delivery WHERE consumer_group = ? AND campaign_id = ?")
                        .params("position-workers", campaign.id().toString())
                        .query(String.class)
                        .list())
                .containsExactly("delivered");
    }

    @Test
    void aCampaignIsRecalculatedByTheLatestEventThatNamesPoints() throws Exception {
        DomainEvent latest = later(referral(5));
        publish(List.of(referral(2), latest, referral(3), referral(null)));

        run(plan("position-workers", json -> json.put("policy", "positions")));
        pipeline.awaitDrained();

        assertThat(jdbc.sql("SELECT event_id FROM event_routes.delivery WHERE consumer_group = ? AND campaign_id = ?")
                        .params("position-workers", campaign.id().toString())
                        .query(String.class)
                        .list())
                .containsExactly(latest.id());
    }

    /** As where partitions were added: those of before are not moved. */
    @Test
    void aCampaignInTwoPartitionsIsRecalculatedByTheLatestEventOfBoth() throws Exception {
        DomainEvent latest = later(referral(5));
        write(PARTITION, List.of(latest), 0);
        write(PARTITION + 1, List.of(referral(2)), 0);

        run(plan("position-workers", json -> json.put("policy", "positions")));
        pipeline.awaitDrained();

        assertThat(jdbc.sql("SELECT event_id FROM event_routes.delivery WHERE consumer_group = ? AND campaign_id = ?")
                        .params("position-workers", campaign.id().toString())
                        .query(String.class)
                        .list())
                .containsExactly(latest.id());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {}                                                                | group is missing
            {"group": "nobody"}                                               | group is unknown: write email-workers or
            {"group": "position-workers"}                                     | write positions
            {"group": "position-workers", "policy": "force"}                  | write positions
            {"group": "email-workers", "policy": "positions"}                 | write missing or force
            {"group": "email-workers", "policy": "all"}                       | policy is unknown
            {"group": "email-workers", "from": null}                          | from is missing
            {"group": "email-workers", "from": "yesterday"}                   | from is not a timestamp
            {"group": "email-workers", "from": "5"}                           | from is not a timestamp
            {"group": "email-workers", "from": "0001-01-01T00:00:00Z"}        | from must be from 1970-01-01T00:00:00Z to 9999-12-31T23:59:59Z
            {"group": "email-workers", "from": "1969-12-31T23:59:59.999Z"}    | from must be from 1970-01-01T00:00:00Z
            {"group": "email-workers", "from": "+300000000-01-01T00:00:00Z"}  | from must be from 1970-01-01T00:00:00Z
            {"group": "email-workers", "to": "0001-01-01T00:00:00Z"}          | to must be from 1970-01-01T00:00:00Z
            {"group": "email-workers", "to": "+300000000-01-01T00:00:00Z"}    | to must be from 1970-01-01T00:00:00Z
            {"group": "email-workers", "partition": 1}                        | from is not an offset
            {"group": "email-workers", "partition": -1, "from": 1}            | partition is not a partition
            {"group": "email-workers", "partition": 1, "from": 2, "to": 1}    | to is before from
            {"group": "email-workers", "to": "2020-01-01T00:00:00Z"}          | to is before from
            {"group": "email-workers", "types": "referral.created"}           | types has a type that email-workers do not handle
            {"group": "email-workers", "rate": 0}                             | rate must be a whole number from 1 to 100000
            {"group": "email-workers", "rate": 100001}                        | rate must be a whole number from 1 to 100000
            """)
    void whatCannotBeAskedIsToldWithWhatToWriteInstead(String body, String detail) throws Exception {
        ObjectNode json = request("", request -> {});
        json.remove(List.of("group", "campaign"));
        json.setAll((ObjectNode) EventJson.mapper().readTree(body));

        assertRefused(pipeline.operate("replays", json.toString()), 400, detail);
    }

    @Test
    void onlyWhatIsPlannedIsStartedAndOnlyWhatHasNotEndedIsCancelled() throws Exception {
        JsonNode done = run(plan("email-workers", json -> {}));

        assertRefused(act(id(done), "start", null), 409, "the replay is done");
        assertRefused(act(id(done), "cancel", null), 409, "the replay is done");
        assertRefused(act(id(done), "go", null), 400, "action is unknown: write start or cancel");
        assertRefused(act(Events.id(), "start", null), 404, "there is no replay with this id");
        assertRefused(pipeline.operate("replays/" + Events.id(), null), 404, "there is no replay with this id");
        assertRefused(pipeline.operate("replays/1", null), 400, "id is not a UUID");
    }

    @Test
    void aPartitionThatThereIsNotFailsThePlanAndSaysSo() throws Exception {
        JsonNode plan = EventJson.mapper()
                .readTree(pipeline.operate(
                                "replays",
                                request("email-workers", json -> json.put("partition", 99)
                                                .put("from", 0))
                                        .toString())
                        .body());

        await().until(() -> state(replay(id(plan))).equals("failed"));
        assertThat(replay(id(plan)).get("error").textValue()).contains("has no partition 99");
    }

    @Test
    void aReplayThatIsCancelledOffersNoMore() throws Exception {
        List<DomainEvent> events = signUps(30);
        publish(events);
        events.forEach(this::forget);

        JsonNode plan = plan("email-workers", json -> json.put("rate", 4));
        act(id(plan), "start", null);
        await().until(() -> rows() > 0);
        assertThat(act(id(plan), "cancel", null).statusCode()).isEqualTo(200);
        long rows = rows();

        assertThat(rows).isLessThan(30);
        await().during(Duration.ofSeconds(2)).until(() -> rows() == rows);
        JsonNode cancelled = replay(id(plan));
        assertThat(state(cancelled)).isEqualTo("cancelled");
        assertThat(cancelled.get("cancelled_by").textValue()).isEqualTo("operator");
        assertThat(counts(cancelled, "result", "user.signed_up")).isEqualTo(Map.of("recorded", (int) rows));
    }

    @Test
    void theRateIsKept() throws Exception {
        List<DomainEvent> events = signUps(60);
        publish(events);
        events.forEach(this::forget);
        JsonNode plan = plan("email-workers", json -> json.put("rate", 20));

        JsonNode done = run(plan);

        assertThat(Duration.between(
                        Instant.parse(done.get("started_at").textValue()),
                        Instant.parse(done.get("ended_at").textValue())))
                .as("60 at 20 a second, of which a second's share may come at once")
                .isBetween(Duration.ofMillis(1_500), Duration.ofMinutes(1));
        assertThat(rows()).isEqualTo(60);
    }

    @Test
    void aReplayGoesOnExactlyWhereAnInstanceThatIsGoneHasLeftIt() throws Exception {
        List<DomainEvent> events = signUps(50);
        publish(events);
        events.forEach(this::forget);
        UUID other = UUID.randomUUID();
        JsonNode plan = plan("email-workers", json -> json.put("rate", 4));
        act(id(plan), "start", null);
        await().until(() -> rows() > 2);

        jdbc.sql("INSERT INTO event_routes.instance (id, seen_at) VALUES (?, now() + interval '1 hour')")
                .param(other)
                .update();
        try {
            jdbc.sql("UPDATE event_routes.replay SET owner = ? WHERE id = CAST(? AS uuid)")
                    .params(other, id(plan))
                    .update();
            long rows = rows();
            await().during(Duration.ofSeconds(1)).until(() -> rows() == rows); // at 4 a second
            assertThat(rows).isLessThan(50);
        } finally {
            jdbc.sql("UPDATE event_routes.replay SET rate = 100 WHERE id = CAST(? AS uuid)")
                    .param(id(plan))
                    .update(); // the test has waited long enough
            jdbc.sql("DELETE FROM event_routes.instance WHERE id = ?")
                    .param(other)
                    .update();
        }

        JsonNode done = awaitState(id(plan), "done");
        pipeline.awaitDrained();
        assertThat(counts(done, "result", "user.signed_up")).isEqualTo(Map.of("recorded", 50));
        assertThat(recipients())
                .containsExactlyInAnyOrderElementsOf(
                        events.stream().map(ReplaysIT::email).toList());
    }

    /** It may have seen millions, which take longer than a statement may. */
    @Test
    void whatAPlanHasSeenIsInTheWayOfNoEnd() throws Exception {
        publish(signUps(3));
        jdbc.sql("""
                CREATE FUNCTION event_routes.keep_subjects() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    RAISE EXCEPTION 'not now' USING ERRCODE = '57014';
                END $$""").update();
        jdbc.sql("CREATE TRIGGER keep BEFORE DELETE ON event_routes.replay_subject"
                        + " FOR EACH ROW EXECUTE FUNCTION event_routes.keep_subjects()")
                .update();
        try {
            JsonNode missing = plan("email-workers", json -> {});
            JsonNode positions = plan("position-workers", json -> json.put("policy", "positions"));

            assertThat(act(id(missing), "cancel", null).statusCode()).isEqualTo(200);
            assertThat(act(id(positions), "cancel", null).statusCode()).isEqualTo(200);
            run(plan("email-workers", json -> {}));
        } finally {
            jdbc.sql("DROP FUNCTION event_routes.keep_subjects() CASCADE").update();
        }
    }

    /** Otherwise it would be counted as done before when the replay goes on. */
    @Test
    void whatCannotBeWrittenDownAsDoneIsNotRecorded() throws Exception {
        List<DomainEvent> events = signUps(3);
        publish(events);
        events.forEach(this::forget);
        JsonNode plan = plan("email-workers", json -> {});
        jdbc.sql("""
                CREATE FUNCTION event_routes.refuse_progress() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    RAISE EXCEPTION 'not now' USING ERRCODE = '55000';
                END $$""").update();
        jdbc.sql("CREATE TRIGGER refuse BEFORE UPDATE ON event_routes.replay_partition"
                        + " FOR EACH ROW EXECUTE FUNCTION event_routes.refuse_progress()")
                .update();
        try {
            act(id(plan), "start", null);
            await().untilAsserted(() ->
                    assertThat(replay(id(plan)).path("error").asText()).contains("not now"));
            assertThat(rows()).isZero();
        } finally {
            jdbc.sql("DROP FUNCTION event_routes.refuse_progress() CASCADE").update();
        }

        assertThat(counts(awaitState(id(plan), "done"), "result", "user.signed_up"))
                .isEqualTo(Map.of("recorded", 3));
    }

    /** It may have been frozen until another instance claimed the replay. */
    @Test
    void whoHasLostAReplayWritesNothingMoreOfIt() throws Exception {
        publish(signUps(1));
        String id = id(plan("email-workers", json -> {}));
        UUID other = UUID.randomUUID();
        jdbc.sql("INSERT INTO event_routes.instance (id, seen_at) VALUES (?, now() + interval '1 hour')")
                .param(other)
                .update();
        try {
            jdbc.sql("UPDATE event_routes.replay SET state = 'running', owner = ? WHERE id = CAST(? AS uuid)")
                    .params(other, id)
                    .update();
            Replay replay = store.find(UUID.fromString(id)).orElseThrow();

            assertThat(new TransactionTemplate(transactions).<Boolean>execute(status -> store.lock(replay)))
                    .isFalse();
        } finally {
            jdbc.sql("DELETE FROM event_routes.instance WHERE id = ?")
                    .param(other)
                    .update();
        }
    }

    @Test
    void theGroupGoesOnUndisturbedWithItsOffsetsAndItsMembers() throws Exception {
        List<DomainEvent> events = signUps(60);
        publish(events);
        events.forEach(this::forget);
        try (Admin admin = Admin.create(pipeline.brokers())) {
            Map<TopicPartition, OffsetAndMetadata> offsets = offsets(admin);
            List<String> members = members(admin);
            JsonNode plan =
                    plan("email-workers", json -> json.put("rate", 1)); // for longer than all that follows takes
            act(id(plan), "start", null);
            await().until(() -> rows() > 1);
            assertThat(members(admin)).isEqualTo(members);
            assertThat(offsets(admin)).isEqualTo(offsets);

            DomainEvent live = signUps(1).get(0);
            publisher.publish(List.of(live));
            await().until(() -> recipients().contains(email(live)));

            assertThat(state(replay(id(plan)))).isEqualTo("running");
            act(id(plan), "cancel", null);
            awaitState(id(plan), "cancelled");
            assertThat(members(admin)).isEqualTo(members);
        }
    }

    @Test
    void whatIsUnreadableIsCountedAndLiesInTheDeadLettersOnlyOnce() throws Exception {
        List<RecordMetadata> places = pipeline.write(
                List.of(new ProducerRecord<>(pipeline.topic(), PARTITION, null, "no event".getBytes(UTF_8))));
        DomainEvent event = signUps(1).get(0);
        write(List.of(event), 0);
        forget(event);
        int letters = deadLetters();

        JsonNode done = run(plan("email-workers", json -> json.put("partition", PARTITION)
                .put("from", places.get(0).offset())));
        pipeline.awaitDrained();

        assertThat(counts(done, "plan", "others")).containsEntry("unreadable", 1);
        assertThat(counts(done, "result", "others")).containsEntry("unreadable", 1);
        assertThat(recipients()).containsExactly(email(event));
        assertThat(deadLetters()).isEqualTo(letters);
    }

    @Test
    void whatTheDatabaseRefusesIsCountedAndKeepsOutNoOther() throws Exception {
        List<DomainEvent> events = signUps(5);
        publish(events);
        events.forEach(this::forget);
        JsonNode plan = plan("email-workers", json -> {});

        RefusingTrigger.during(jdbc, events.subList(2, 3), () -> run(plan));
        pipeline.awaitDrained();

        JsonNode done = replay(id(plan));
        assertThat(counts(done, "result", "user.signed_up")).isEqualTo(Map.of("recorded", 4));
        assertThat(counts(done, "result", "others")).containsEntry("refused", 1);
        assertThat(recipients()).hasSize(4).doesNotContain(email(events.get(2)));
    }

    @Test
    void whatTheTopicNoLongerHasIsToldBeforeThePlanAndAfterIt() throws Exception {
        List<DomainEvent> events = signUps(6);
        List<RecordMetadata> places = write(events, 0);
        events.forEach(this::forget);
        dropBefore(places.get(2));

        JsonNode plan = plan("email-workers", json -> json.put("partition", PARTITION)
                .put("from", places.get(0).offset()));
        assertThat(counts(plan, "plan", "others")).isEqualTo(Map.of("gone", 2));
        assertThat(plan.get("notes").toString())
                .contains("begins at " + places.get(2).offset());
        assertThat(plan.get("effects").longValue()).isEqualTo(4);

        dropBefore(places.get(3));
        JsonNode done = run(plan);
        pipeline.awaitDrained();

        assertThat(counts(done, "result", "others")).isEqualTo(Map.of("gone", 1));
        assertThat(done.get("notes").toString())
                .contains("begins at " + places.get(3).offset());
        assertThat(recipients())
                .containsExactlyInAnyOrderElementsOf(
                        events.subList(3, 6).stream().map(ReplaysIT::email).toList());
    }

    @Test
    void aReplayIsHeldWhileItsGroupHasEnoughToDo() throws Exception {
        List<DomainEvent> events = signUps(2);
        publish(events);
        events.forEach(this::forget);
        JsonNode plan = plan("email-workers", json -> {});
        camel.getRouteController().stopRoute("due-deliveries");
        try {
            jdbc.sql("""
                            INSERT INTO event_routes.delivery (consumer_group, idempotency_key, event_id, event_type,
                                campaign_id, event, status, due_at)
                            SELECT 'email-workers', 'backlog-' || n, 'backlog', 'some', 'backlog', '{}', 'due', now()
                            FROM generate_series(1, 1000) n
                            """).update();
            act(id(plan), "start", null);

            await().untilAsserted(() -> assertThat(
                            replay(id(plan)).path("held_because").asText())
                    .isEqualTo("1000 deliveries or more are due in the ledger"));
            assertThat(rows()).isZero();
        } finally {
            jdbc.sql("DELETE FROM event_routes.delivery WHERE campaign_id = 'backlog'")
                    .update();
            camel.getRouteController().startRoute("due-deliveries");
        }

        JsonNode done = awaitState(id(plan), "done");
        pipeline.awaitDrained();
        assertThat(done.has("held_because")).isFalse();
        assertThat(recipients()).hasSize(2);
    }

    @Test
    void theAuditSaysWhoDidWhat() throws Exception {
        JsonNode done = run(plan("email-workers", json -> {}));
        JsonNode cancelled = plan("email-workers", json -> {});
        act(id(cancelled), "cancel", null);

        assertThat(jdbc.sql("""
                                SELECT who || ' ' || operation FROM event_routes.audit
                                WHERE arguments ->> 'id' IN (:ids) OR result IN (:results) ORDER BY id
                                """)
                        .param("ids", List.of(id(done), id(cancelled)))
                        .param("results", List.of("replay " + id(done), "replay " + id(cancelled)))
                        .query(String.class)
                        .list())
                .containsExactly(
                        "operator replays.plan",
                        "operator replays.start",
                        "operator replays.plan",
                        "operator replays.cancel");
        assertThat(done.get("planned_by").textValue()).isEqualTo("operator");
        assertThat(done.get("started_by").textValue()).isEqualTo("operator");
    }

    @Test
    void theSameIsThereOverJmx() throws Exception {
        JsonNode plan = plan("email-workers", json -> {});
        MBeanServer server = ManagementFactory.getPlatformMBeanServer();
        ObjectName name = server.queryNames(new ObjectName("domain-event-routes:type=Endpoint,name=Replays,*"), null)
                .iterator()
                .next();

        assertThat(server.invoke(name, "find", new Object[] {id(plan)}, new String[] {"java.lang.String"}))
                .asString()
                .contains("planned_by", "email-workers");
        server.invoke(name, "act", new Object[] {id(plan), "start", null, "ann"}, new String[] {
            "java.lang.String", "java.lang.String", "java.lang.Long", "java.lang.String"
        });

        awaitState(id(plan), "done");
    }

    private List<DomainEvent> signUps(int count) {
        return Stream.generate(() ->
                        Events.of(new UserSignedUp(Events.id(), campaign.id().toString(), Events.email())))
                .limit(count)
                .toList();
    }

    private DomainEvent referral(@Nullable Integer points) {
        return Events.of(new ReferralVerified(
                Events.id(), Events.id(), Events.id(), campaign.id().toString(), points));
    }

    private static DomainEvent later(DomainEvent event) {
        return new DomainEvent(
                event.id(), event.accountId(), event.data(), event.timestamp().plusSeconds(60));
    }

    /** Has everything done, and forgets what was sent for it. */
    private void publish(List<DomainEvent> events) throws Exception {
        publisher.publish(events);
        pipeline.awaitDrained();
        inbox.clear();
    }

    /** The same, in one partition; the records are so many milliseconds apart. */
    private List<RecordMetadata> write(List<DomainEvent> events, long apart) throws Exception {
        return write(PARTITION, events, apart);
    }

    private List<RecordMetadata> write(int partition, List<DomainEvent> events, long apart) throws Exception {
        return write(partition, events, apart, Instant.now());
    }

    private List<RecordMetadata> write(int partition, List<DomainEvent> events, long apart, Instant begin)
            throws Exception {
        long time = begin.toEpochMilli();
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (DomainEvent event : events) {
            records.add(new ProducerRecord<>(
                    pipeline.topic(), partition, time, null, EventJson.mapper().writeValueAsBytes(event)));
            time += apart;
        }
        List<RecordMetadata> places = pipeline.write(records);
        pipeline.awaitDrained();
        inbox.clear();
        return places;
    }

    private static Instant time(RecordMetadata place) {
        return Instant.ofEpochMilli(place.timestamp());
    }

    /** Loses what the ledger knows of an event. */
    private void forget(DomainEvent event) {
        assertThat(jdbc.sql("DELETE FROM event_routes.delivery WHERE event_id = ?")
                        .param(event.id())
                        .update())
                .isPositive();
    }

    private void dropBefore(RecordMetadata place) throws Exception {
        try (Admin admin = Admin.create(pipeline.brokers())) {
            admin.deleteRecords(Map.of(
                            new TopicPartition(pipeline.topic(), PARTITION),
                            RecordsToDelete.beforeOffset(place.offset())))
                    .all()
                    .get();
        }
    }

    private ObjectNode request(String group, Consumer<ObjectNode> change) {
        ObjectNode json = EventJson.mapper()
                .createObjectNode()
                .put("group", group)
                .put("campaign", campaign.id().toString())
                .put("from", begun.toString())
                .put("rate", 10_000)
                .put("by", "ann");
        change.accept(json);
        return json;
    }

    /** Plans, and waits for the plan. */
    private JsonNode plan(String group, Consumer<ObjectNode> change) throws Exception {
        JsonNode planning = pipeline.operation("replays", request(group, change).toString());
        assertThat(state(planning)).isEqualTo("planning");
        return awaitState(id(planning), "planned");
    }

    /** Starts what was planned, and waits until it is done. */
    private JsonNode run(JsonNode plan) throws Exception {
        HttpResponse<String> started =
                act(id(plan), "start", plan.get("effects").longValue());
        assertThat(started.statusCode()).as(started.body()).isEqualTo(200);
        return awaitState(id(plan), "done");
    }

    private HttpResponse<String> act(String id, String action, @Nullable Long expected) throws Exception {
        ObjectNode json =
                EventJson.mapper().createObjectNode().put("action", action).put("by", "ann");
        if (expected != null) {
            json.put("expected", expected);
        }
        return pipeline.operate("replays/" + id, json.toString());
    }

    private JsonNode awaitState(String id, String state) {
        return await().until(() -> replay(id), replay -> {
            assertThat(state(replay)).as(replay.toString()).isNotEqualTo("failed");
            return state(replay).equals(state);
        });
    }

    private JsonNode replay(String id) throws Exception {
        return pipeline.operation("replays/" + id, null);
    }

    private static String id(JsonNode replay) {
        return replay.get("id").textValue();
    }

    private static String state(JsonNode replay) {
        return replay.get("state").textValue();
    }

    private static Map<String, Integer> counts(JsonNode replay, String of, String type) {
        Map<String, Integer> counts = new HashMap<>();
        replay.get(of)
                .path(type)
                .properties()
                .forEach(what -> counts.put(what.getKey(), what.getValue().intValue()));
        return counts;
    }

    private static void assertRefused(HttpResponse<String> response, int status, String detail) throws Exception {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        assertThat(EventJson.mapper().readTree(response.body()).get("detail").textValue())
                .contains(detail);
    }

    /** What the ledger holds of the campaign for email-workers. */
    private long rows() {
        return jdbc.sql(
                        "SELECT count(*) FROM event_routes.delivery WHERE consumer_group = 'email-workers' AND campaign_id = ?")
                .param(campaign.id().toString())
                .query(Long.class)
                .single();
    }

    private List<String> keys(DomainEvent event) {
        return jdbc.sql("SELECT idempotency_key FROM event_routes.delivery WHERE event_id = ?")
                .param(event.id())
                .query(String.class)
                .list();
    }

    private List<String> recipients() {
        return inbox.list().stream().map(ReceivedMail::to).toList();
    }

    private static String email(DomainEvent event) {
        return ((UserSignedUp) event.data()).email();
    }

    private int deadLetters() {
        return pipeline.read(pipeline.topic() + ".email-workers.dlq", 0).size();
    }

    private static Map<TopicPartition, OffsetAndMetadata> offsets(Admin admin) throws Exception {
        return admin.listConsumerGroupOffsets("email-workers")
                .partitionsToOffsetAndMetadata()
                .get();
    }

    private static List<String> members(Admin admin) throws Exception {
        var groups =
                admin.describeConsumerGroups(List.of("email-workers")).all().get();
        return Objects.requireNonNull(groups.get("email-workers")).members().stream()
                .map(MemberDescription::consumerId)
                .toList();
    }
}
