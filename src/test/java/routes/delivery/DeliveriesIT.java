package routes.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.lang.management.ManagementFactory;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.FutureTask;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import javax.management.ReflectionException;
import org.apache.camel.CamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import routes.OnPlatform;
import routes.Pipeline;
import routes.TestCampaign;
import routes.dev.Platform;
import routes.dev.WebhookReceiver;
import routes.dev.WebhookReceiver.Answer;
import routes.event.DomainEvent;
import routes.event.EventData.RewardEarned;
import routes.event.EventData.UserSignedUp;
import routes.event.EventJson;
import routes.event.EventPublisher;
import routes.event.Events;

/** The operation {@code deliveries}, over HTTP and over JMX. */
@OnPlatform
@ExtendWith(TestCampaign.OfEachTest.class)
class DeliveriesIT {

    private static final String PATH = "/webhooks/operated";

    @Autowired
    private Platform platform;

    @Autowired
    private Pipeline pipeline;

    @Autowired
    private EventPublisher publisher;

    @Autowired
    private JdbcClient jdbc;

    @Autowired
    private WebhookReceiver webhooks;

    @Autowired
    private CamelContext camel;

    private TestCampaign campaign;

    /** No worker has what {@link #row} says is leased, which the service would notice only after twenty seconds. */
    @AfterEach
    void forgetWhatNobodyHas() {
        jdbc.sql("DELETE FROM event_routes.delivery WHERE campaign_id = ? AND status = 'leased' AND lease = 0")
                .param(campaign.id().toString())
                .update();
    }

    @Test
    void deliveriesAreFoundByEachCriterion() throws Exception {
        DomainEvent event = signedUp();
        signedUp();
        String user = ((UserSignedUp) event.data()).userId();
        pipeline.awaitDrained();

        assertThat(found("event=" + event.id())).containsExactly(event.id());
        assertThat(found("recipient=" + user)).containsExactly(event.id());
        assertThat(found("campaign=" + campaign.id())).hasSize(2).contains(event.id());
        assertThat(found("event=%s&recipient=%s&campaign=%s"
                        .formatted(upper(event.id()), upper(user), upper(event.campaignId()))))
                .containsExactly(event.id());
        assertThat(found("campaign=%s&group=email-workers".formatted(campaign.id())))
                .hasSize(2);
        assertThat(found("campaign=%s&group=reward-workers".formatted(campaign.id())))
                .isEmpty();
        assertThat(found("campaign=%s&status=delivered".formatted(campaign.id())))
                .hasSize(2);
        assertThat(found("campaign=%s&status=failed".formatted(campaign.id()))).isEmpty();
        assertThat(found("limit=500")).contains(event.id());
    }

    @Test
    void aDeliveryOfAFanOutIsFoundByItsRecipient() throws Exception {
        UUID delivery = row("failed", "somebody");

        assertThat(pipeline.operation("deliveries?recipient=somebody", null)
                        .get("deliveries")
                        .findValuesAsText("id"))
                .containsExactly(delivery.toString());
    }

    @Test
    void pagesHaveEveryDeliveryOnceTheNewestFirst() throws Exception {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            UUID id = row("failed", "");
            ids.add(0, id.toString());
            // Two created at the same time, two in different windows, and an old one.
            jdbc.sql("UPDATE event_routes.delivery SET created_at = now() - CAST(? AS interval) WHERE id = ?")
                    .params(
                            List.of("3 days", "2 hours", "2 hours", "1 minute", "0 s")
                                    .get(i),
                            id)
                    .update();
        }

        List<String> paged = new ArrayList<>();
        String query = "deliveries?limit=2&campaign=" + campaign.id();
        JsonNode page = pipeline.operation(query, null);
        paged.addAll(page.get("deliveries").findValuesAsText("id"));
        while (page.has("next")) {
            page = pipeline.operation(query + "&after=" + page.get("next").textValue(), null);
            paged.addAll(page.get("deliveries").findValuesAsText("id"));
        }

        assertThat(paged).hasSize(5).containsExactlyInAnyOrderElementsOf(ids).startsWith(ids.get(0), ids.get(1));
        assertThat(paged).endsWith(ids.get(4));
    }

    @Test
    void oneDeliveryIsShownWithItsAttemptsAndWithoutTheNamesOfAddresses() throws Exception {
        DomainEvent event = signedUp();
        String email = ((UserSignedUp) event.data()).email();
        pipeline.awaitDrained();

        String id = delivery(event).get("id").textValue();
        String shown = pipeline.operation("deliveries/" + id, null).toString();

        assertThat(shown).doesNotContain(email);
        JsonNode whole = EventJson.mapper().readTree(shown);
        assertThat(whole.get("delivery").get("status").textValue()).isEqualTo("delivered");
        assertThat(whole.get("delivery").get("consumer_group").textValue()).isEqualTo("email-workers");
        assertThat(whole.get("delivery").get("idempotency_key").textValue()).isEqualTo(event.idempotencyKey());
        assertThat(whole.get("attempts")).singleElement().satisfies(attempt -> {
            assertThat(attempt.get("outcome").textValue()).isEqualTo("delivered");
            assertThat(Instant.parse(attempt.get("started_at").textValue()))
                    .isBefore(Instant.parse(attempt.get("ended_at").textValue()));
        });
        assertThat(whole.get("event").get("id").textValue()).isEqualTo(event.id());
        assertThat(whole.get("event").get("data").get("email").textValue()).isEqualTo("p***@example.com");
    }

    @Test
    void aFailedDeliveryThatIsRetriedIsDeliveredFromTheStartOfTheSchedule() throws Exception {
        webhooks.answer(PATH, Answer.of(503));
        DomainEvent event = earnReward();
        JsonNode failed = delivery(event);
        assertThat(failed.get("status").textValue()).isEqualTo("failed");
        assertThat(failed.get("attempts").intValue()).isEqualTo(5);
        webhooks.answer(PATH, Answer.of(503), Answer.of(503), Answer.of(200));

        JsonNode answer = change(failed, "{\"action\":\"retry\",\"by\":\"ann\"}");
        pipeline.awaitDrained();

        assertThat(answer.get("action").textValue()).isEqualTo("retry");
        assertThat(answer.get("delivery").get("id")).isEqualTo(failed.get("id"));
        assertThat(delivery(event).get("status").textValue()).isEqualTo("delivered");
        assertThat(delivery(event).get("attempts").intValue()).isEqualTo(8);
        assertThat(userReward(event)).isEqualTo("delivered");
        assertThat(audit(failed.get("id").textValue())).containsExactly("operator deliveries.retry was failed, is due");
    }

    @Test
    void aRewardThatIsRetriedIsPendingAtOnce() throws Exception {
        webhooks.answer(PATH, Answer.of(404));
        DomainEvent event = earnReward();
        assertThat(userReward(event)).isEqualTo("failed");
        webhooks.answer(PATH, Answer.of(200));
        // A worker that takes it first would tell the application of its own attempt, and of that alone.
        camel.getRouteController().suspendRoute("due-deliveries");
        try {
            change(delivery(event), "{\"action\":\"retry\",\"by\":\"ann\"}");

            assertThat(userReward(event)).isEqualTo("pending");
        } finally {
            camel.getRouteController().resumeRoute("due-deliveries");
        }
        pipeline.awaitDrained();
        assertThat(userReward(event)).isEqualTo("delivered");
    }

    @Test
    void aRewardWhoseRowTheApplicationHoldsIsRetriedAtOnceAndItsRowHearsOfItLater() throws Exception {
        webhooks.answer(PATH, Answer.of(404));
        DomainEvent event = earnReward();
        JsonNode failed = delivery(event);
        webhooks.answer(PATH, Answer.of(200));
        FutureTask<JsonNode> retry = new FutureTask<>(() -> change(failed, "{\"action\":\"retry\",\"by\":\"ann\"}"));
        try (Connection application = platform.database().dataSource().getConnection();
                PreparedStatement hold =
                        application.prepareStatement("SELECT FROM user_rewards WHERE id = ? FOR UPDATE")) {
            application.setAutoCommit(false);
            hold.setObject(1, UUID.fromString(((RewardEarned) event.data()).userRewardId()));
            hold.execute();

            new Thread(retry, "operator").start();

            assertThat(retry).as("an operator does not wait for locks").succeedsWithin(Duration.ofSeconds(60));
            await().until(() -> delivery(event).get("reason").asText().contains("the application is changing"));
            assertThat(userReward(event)).isEqualTo("failed");
            application.rollback();
        }
        await().until(() -> userReward(event).equals("delivered"));
    }

    @ParameterizedTest
    @CsvSource({"due", "skipped", "manual"})
    void whatIsDueLaterOrSkippedIsDueNowWhenItIsRetried(String status) throws Exception {
        UUID id = row(status, "");

        pipeline.operation("deliveries/" + id, "{\"action\":\"retry\",\"by\":\"ann\"}");
        pipeline.awaitDrained();

        JsonNode attempts = pipeline.operation("deliveries/" + id, null).get("attempts");
        assertThat(attempts.findValuesAsText("reason").get(0)).isEqualTo("retried");
        assertThat(attempts.get(0).get("by").textValue()).isEqualTo("operator");
        assertThat(attempts.get(0).get("outcome").textValue()).isEqualTo("due");
        assertThat(attempts.size()).isEqualTo(2);
        assertThat(attempts.get(1).has("by")).as("an attempt").isFalse();
    }

    @ParameterizedTest
    @CsvSource({"due", "failed"})
    void aCancelledDeliveryIsSkippedForTheReasonThatWasGiven(String status) throws Exception {
        UUID id = row(status, "");

        pipeline.operation(
                "deliveries/" + id,
                "{\"action\":\"cancel\",\"by\":\"ann\",\"reason\":\"asked for by grace@example.com\"}");

        JsonNode delivery = pipeline.operation("deliveries/" + id, null).get("delivery");
        assertThat(delivery.get("status").textValue()).isEqualTo("skipped");
        assertThat(delivery.get("reason").textValue())
                .isEqualTo("cancelled by operator: asked for by g***@example.com");
        assertThat(delivery.has("due_at")).isFalse();
        assertThat(pipeline.changes(id)).containsExactly("skipped, cancelled by operator");
        assertThat(audit(id.toString()))
                .containsExactly("operator deliveries.cancel was %s, is skipped".formatted(status));
    }

    @ParameterizedTest
    @CsvSource({
        "leased, retry, is leased to instance",
        "leased, cancel, is leased to instance",
        "delivered, retry, force a replay",
        "delivered, cancel, only one that is due or failed"
    })
    void whatCannotBeChangedIsRefusedWithTheReason(String status, String action, String why) throws Exception {
        UUID id = row(status, "");
        String before = pipeline.operation("deliveries/" + id, null).toString();

        HttpResponse<String> response = pipeline.operate(
                "deliveries/" + id, "{\"action\":\"%s\",\"by\":\"ann\",\"reason\":\"why not\"}".formatted(action));

        assertThat(response.statusCode()).isEqualTo(409);
        assertThat(response.body()).contains(why);
        assertThat(pipeline.operation("deliveries/" + id, null)).hasToString(before);
        assertThat(audit(id.toString())).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "deliveries?status=lost | | 400 | status is unknown: write due or",
                "deliveries?group=nobody | | 400 | group is unknown: write email-workers or",
                "deliveries?limit=501 | | 400 | limit must be a whole number from 1 to 500",
                "deliveries?limit=many | | 400 | limit must be a whole number from 1 to 500",
                "deliveries?after=x | | 400 | after is not a UUID",
                "deliveries?event=%00 | | 400 | event must have 1 to 255 printable characters",
                "deliveries/x | | 400 | id is not a UUID",
                "deliveries/00000000-0000-0000-0000-000000000000 | | 404 | there is no delivery",
                "deliveries/00000000-0000-0000-0000-000000000000 | {'action':'retry','by':'ann'} | 404 | there is no delivery",
                "deliveries/x | {'action':'retry','by':'ann'} | 400 | id is not a UUID",
                "deliveries/00000000-0000-0000-0000-000000000000 | {'action':'drop','by':'ann'} | 400 | action is unknown: write retry or cancel",
                "deliveries/00000000-0000-0000-0000-000000000000 | {'action':'cancel','by':'ann'} | 400 | reason is missing",
                "deliveries?from=yesterday | | 400 | from is not a timestamp",
                "deliveries | {'action':'retry','by':'ann'} | 400 | the filter is empty",
                "deliveries | {'action':'retry','by':'ann','before':'2025-01-01'} | 400 | the filter is empty",
                "deliveries | {'action':'cancel','by':'ann','status':'due','dryRun':false} | 400 | reason is missing",
                "deliveries | {'action':'retry','by':'ann','status':'failed','expected':'x','dryRun':false,'event':'none'} | 400 | expected is not a number",
                "deliveries | {'action':'retry','by':'ann','group':'email-workers','status':'failed','since':'monday'} | 400 | since is not a timestamp",
                "deliveries | {'action':'retry' | 400 | "
            })
    void whatIsAskedWronglyIsToldWithTheFieldAndWhatToWrite(String path, String body, int status, String message)
            throws Exception {
        HttpResponse<String> response = pipeline.operate(path, body == null ? null : body.replace('\'', '"'));

        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        if (message != null) {
            assertThat(EventJson.mapper()
                            .readTree(response.body())
                            .get("detail")
                            .textValue())
                    .startsWith(message);
        }
    }

    @Test
    void aRetryOfManyIsOnlyCountedUnlessItIsToBeDone() throws Exception {
        UUID first = row("failed", "");
        UUID second = row("failed", "");
        UUID skipped = row("skipped", "");
        String selection =
                "{\"action\":\"retry\",\"by\":\"ann\",\"group\":\"email-workers\",\"status\":\"failed\",\"campaign\":\"%s\""
                        .formatted(campaign.id());

        JsonNode plan = pipeline.operation("deliveries", selection + "}");

        assertThat(plan.get("deliveries").intValue()).isEqualTo(2);
        assertThat(plan.get("counts")).singleElement().satisfies(count -> {
            assertThat(count.get("consumer_group").textValue()).isEqualTo("email-workers");
            assertThat(count.get("status").textValue()).isEqualTo("failed");
            assertThat(count.get("deliveries").intValue()).isEqualTo(2);
        });
        assertThat(found("status=failed&campaign=" + campaign.id())).hasSize(2);
        assertThat(audit(campaign.id().toString())).isEmpty();

        JsonNode done = pipeline.operation("deliveries", selection + ",\"dryRun\":false}");
        pipeline.awaitDrained();

        assertThat(done).hasToString("""
                        {"action":"retry","dry_run":false,"deliveries":2,"left":0}""");
        assertThat(found("status=skipped&campaign=" + campaign.id())).hasSize(1);
        assertThat(audit(campaign.id().toString())).containsExactly("operator deliveries.retry 2 are due");
        for (UUID retried : List.of(first, second)) {
            assertThat(pipeline.changes(retried)).containsExactly("due, retried by operator");
        }
        assertThat(pipeline.changes(skipped)).isEmpty();
    }

    @Test
    void aRetryOfManyTakesOnlyWhatWasChangedSince() throws Exception {
        UUID old = row("failed", "");
        row("failed", "");
        jdbc.sql("UPDATE event_routes.delivery SET updated_at = now() - interval '2 days' WHERE id = ?")
                .param(old)
                .update();

        JsonNode plan = pipeline.operation(
                "deliveries",
                "{\"action\":\"retry\",\"by\":\"ann\",\"group\":\"email-workers\",\"status\":\"failed\",\"campaign\":\"%s\",\"since\":\"%s\"}"
                        .formatted(campaign.id(), Instant.now().minusSeconds(3600)));

        assertThat(plan.get("deliveries").intValue()).isEqualTo(1);
    }

    @Test
    void deliveriesAreFoundByTypeReasonAndTime() throws Exception {
        String old = because("failed", "421 busy, try mail-10042 later").toString();
        String other = because("failed", "550 no such user").toString();
        jdbc.sql("UPDATE event_routes.delivery SET created_at = '2025-03-01T10:00:00Z' WHERE id = CAST(? AS uuid)")
                .param(old)
                .update();

        assertThat(ids("because=421+busy,+try+***+later")).containsExactly(old);
        assertThat(ids("type=user.signed_up")).containsExactly(other, old);
        assertThat(ids("type=user.verified")).isEmpty();
        assertThat(ids("from=2025-03-01&to=2025-03-01")).containsExactly(old);
        assertThat(ids("from=2025-03-01T10:00:01Z")).containsExactly(other);
        assertThat(ids("from=2025-03-01+10:00:01")).containsExactly(other);
        assertThat(ids("from=2025-03-01T10:01")).containsExactly(other);
        assertThat(ids("to=2025-03-01T10:00:00Z")).isEmpty();
        assertThat(ids("since=2025-01-01&before=2025-02-01")).isEmpty();
    }

    @Test
    void aPlanCountsByReasonAndSaysWhatItWouldNotTouch() throws Exception {
        because("failed", "421 busy");
        because("failed", "421 busy");
        because("due", "550 no");
        UUID leased = because("leased", "421 busy");

        JsonNode plan = bulk("cancel", "");

        assertThat(plan.get("deliveries").intValue()).isEqualTo(3);
        assertThat(plan.get("counts").findValuesAsText("because")).containsExactlyInAnyOrder("421 busy", "550 no");
        assertThat(plan.get("untouched")).singleElement().satisfies(count -> {
            assertThat(count.get("status").textValue()).isEqualTo("leased");
            assertThat(count.get("example").textValue()).isEqualTo(leased.toString());
        });
        assertThat(audit(campaign.id().toString())).isEmpty();
    }

    @Test
    void aChangeTouchesOnlyWhatThePlanSawAndNothingThatIsLeasedAndIsAuditedOnce() throws Exception {
        UUID due = row("due", "");
        UUID failed = row("failed", "");
        UUID leased = row("leased", "");
        UUID changed = row("failed", "");
        JsonNode plan = bulk("cancel", "");
        UUID later = row("failed", "");
        jdbc.sql("UPDATE event_routes.delivery SET updated_at = now() WHERE id = ?")
                .param(changed)
                .update();

        JsonNode done = bulk(
                "cancel",
                ",\"dryRun\":false,\"reason\":\"for grace@example.com\",\"before\":\"%s\",\"expected\":%d"
                        .formatted(
                                plan.get("before").textValue(),
                                plan.get("deliveries").intValue()));

        assertThat(done).hasToString("""
                        {"action":"cancel","dry_run":false,"deliveries":2,"left":0}""");
        assertThat(ids("status=skipped")).containsExactlyInAnyOrder(due.toString(), failed.toString());
        assertThat(ids("status=failed")).containsExactlyInAnyOrder(changed.toString(), later.toString());
        assertThat(ids("status=leased")).containsExactly(leased.toString());
        assertThat(audit(campaign.id().toString())).containsExactly("operator deliveries.cancel 2 are skipped");
        assertThat(audit("g***@example.com")).isNotEmpty();
    }

    @Test
    void nothingIsChangedIfThereAreMoreThanThePlanSaw() throws Exception {
        row("failed", "");
        row("failed", "");

        HttpResponse<String> response = pipeline.operate(
                "deliveries",
                "{\"action\":\"retry\",\"campaign\":\"%s\",\"dryRun\":false,\"expected\":1}".formatted(campaign.id()));

        assertThat(response.statusCode()).isEqualTo(409);
        assertThat(response.body()).contains("make a new plan");
        assertThat(ids("status=failed")).hasSize(2);
    }

    @Test
    void whatWaitsForAPersonIsMarkedAsDoneAtOnce() throws Exception {
        row("manual", "");
        row("failed", "");
        row("due", "");

        JsonNode done = bulk("done", ",\"dryRun\":false,\"reason\":\"by phone\"");

        assertThat(done.get("deliveries").intValue()).isEqualTo(2);
        assertThat(ids("status=delivered")).hasSize(2);
        assertThat(ids("status=due")).hasSize(1);
    }

    private JsonNode bulk(String action, String more) throws Exception {
        return pipeline.operation(
                "deliveries",
                "{\"action\":\"%s\",\"by\":\"ann\",\"campaign\":\"%s\"%s}".formatted(action, campaign.id(), more));
    }

    private UUID because(String status, String reason) throws Exception {
        UUID id = row(status, "");
        jdbc.sql("UPDATE event_routes.delivery SET reason = ? WHERE id = ?")
                .params(reason, id)
                .update();
        return id;
    }

    private List<String> ids(String query) throws Exception {
        return pipeline.operation("deliveries?%s&campaign=%s".formatted(query, campaign.id()), null)
                .get("deliveries")
                .findValuesAsText("id");
    }

    @Test
    void theSameIsThereOverJmx() throws Exception {
        UUID id = row("failed", "");
        MBeanServer server = ManagementFactory.getPlatformMBeanServer();
        ObjectName name = server.queryNames(new ObjectName("domain-event-routes:type=Endpoint,name=Deliveries,*"), null)
                .iterator()
                .next();
        String[] strings = {"java.lang.String", "java.lang.String", "java.lang.String", "java.lang.String"};

        Object shown = server.invoke(name, "show", new Object[] {id.toString()}, new String[] {"java.lang.String"});
        assertThat(shown).asString().contains("failed", "p***@example.com");

        assertThatThrownBy(
                        () -> server.invoke(name, "change", new Object[] {id.toString(), "retry", null, null}, strings))
                .isInstanceOf(ReflectionException.class)
                .hasRootCauseInstanceOf(IllegalArgumentException.class)
                .hasRootCauseMessage("by is missing: write 1 to 100 printable characters");

        server.invoke(name, "change", new Object[] {id.toString(), "cancel", "ann", "enough"}, strings);
        assertThat(pipeline.operation("deliveries/" + id, null)
                        .get("delivery")
                        .get("reason")
                        .textValue())
                .isEqualTo("cancelled by ann: enough");
    }

    private DomainEvent signedUp() throws Exception {
        DomainEvent event = Events.of(
                new UserSignedUp(campaign.person().toString(), campaign.id().toString(), Events.email()));
        publisher.publish(event);
        return event;
    }

    private DomainEvent earnReward() throws Exception {
        campaign.webhook(platform.inboxUrl() + PATH, "active", TestCampaign.SECRET);
        DomainEvent event = campaign.rewardEarned(platform.inboxUrl() + PATH);
        publisher.publish(event);
        // Its mail is also due.
        pipeline.awaitDrained();
        return event;
    }

    /** A delivery of email-workers: a due one is due in an hour, a leased one is with a live instance. */
    private UUID row(String status, String recipient) throws Exception {
        UUID id = UUID.randomUUID();
        DomainEvent event = Events.of(
                new UserSignedUp(campaign.person().toString(), campaign.id().toString(), Events.email()));
        jdbc.sql("""
                        INSERT INTO event_routes.delivery (id, consumer_group, idempotency_key, recipient, event_id,
                            event_type, campaign_id, event, status, due_at, lease_owner)
                        SELECT :id, 'email-workers', CAST(:id AS text), :recipient, :event_id, 'user.signed_up', :campaign,
                            CAST(:event AS jsonb), :status,
                            CASE WHEN :status = 'due' THEN now() + interval '1 hour' END,
                            CASE WHEN :status = 'leased' THEN (SELECT i.id FROM event_routes.instance i
                                                               ORDER BY seen_at DESC LIMIT 1) END
                        """)
                .param("id", id)
                .param("recipient", recipient)
                .param("event_id", event.id())
                .param("campaign", campaign.id().toString())
                .param("event", EventJson.mapper().writeValueAsString(event))
                .param("status", status)
                .update();
        return id;
    }

    private static String upper(String id) {
        return id.toUpperCase(Locale.ROOT);
    }

    private List<String> found(String query) throws Exception {
        return pipeline.operation("deliveries?" + query, null).get("deliveries").findValuesAsText("event_id");
    }

    private JsonNode delivery(DomainEvent event) throws Exception {
        String group = event.data() instanceof RewardEarned ? "reward-workers" : "email-workers";
        return pipeline.operation("deliveries?event=%s&group=%s".formatted(event.id(), group), null)
                .get("deliveries")
                .get(0);
    }

    private JsonNode change(JsonNode delivery, String body) throws Exception {
        return pipeline.operation("deliveries/" + delivery.get("id").textValue(), body);
    }

    private String userReward(DomainEvent event) {
        return jdbc.sql("SELECT status FROM user_rewards WHERE id = CAST(? AS uuid)")
                .param(((RewardEarned) event.data()).userRewardId())
                .query(String.class)
                .single();
    }

    /** The audit entries of a delivery or a campaign. */
    private List<String> audit(String about) {
        return jdbc.sql("SELECT who || ' ' || operation || ' ' || result FROM event_routes.audit"
                        + " WHERE CAST(arguments AS text) LIKE '%' || ? || '%' ORDER BY id")
                .param(about)
                .query(String.class)
                .list();
    }
}
