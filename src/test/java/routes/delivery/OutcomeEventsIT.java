package routes.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import faults.ScriptedSmtpServer;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.support.DefaultExchange;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.TestPropertySource;
import org.springframework.transaction.support.TransactionTemplate;
import routes.HesitantReceiver;
import routes.OnPlatform;
import routes.Pipeline;
import routes.TestCampaign;
import routes.dev.Platform;
import routes.dev.WebhookReceiver;
import routes.event.Contract;
import routes.event.DomainEvent;
import routes.event.EventData.CampaignMilestoneReached;
import routes.event.EventData.RewardEarned;
import routes.event.EventData.UserSignedUp;
import routes.event.EventJson;
import routes.event.EventPublisher;
import routes.event.Events;

/** What others hear of outcomes, on the topic {@code <topic>.outcomes}. */
@OnPlatform
@TestPropertySource(properties = "deliveries.outcome-events=true")
class OutcomeEventsIT {

    private static final String GROUP = "outcome-test"; // which no route consumes
    private static final String PATH = "/webhooks/outcomes";

    @Autowired
    private Platform platform;

    @Autowired
    private Pipeline pipeline;

    @Autowired
    private EventPublisher publisher;

    @Autowired
    private DeliveryLedger ledger;

    @Autowired
    private DeliveryRecorder recorder;

    @Autowired
    private OutcomeEvents outcomes;

    @Autowired
    private WebhookReceiver webhooks;

    @Autowired
    private CamelContext camel;

    @Autowired
    private ProducerTemplate template;

    @Autowired
    private TransactionTemplate transaction;

    @Autowired
    private JdbcClient jdbc;

    private TestCampaign campaign;

    @BeforeEach
    void prepare() {
        pipeline.awaitDrained();
        campaign = TestCampaign.create(jdbc);
    }

    @AfterEach
    void leaveNothing() throws Exception {
        jdbc.sql("DELETE FROM event_routes.delivery WHERE consumer_group = ?")
                .param(GROUP)
                .update();
        camel.getRouteController().startRoute("outcomes");
        pipeline.awaitDrained();
        awaitRelayed();
        webhooks.clear();
        campaign.delete();
    }

    @Test
    void aMailAndEachMailOfAnAnnouncementIsTold() throws Exception {
        UUID one = campaign.person();
        UUID two = campaign.person();
        DomainEvent signedUp =
                Events.of(new UserSignedUp(one.toString(), campaign.id().toString(), Events.email()));
        DomainEvent milestone =
                Events.of(new CampaignMilestoneReached(campaign.id().toString(), "2_participants", 2));
        publisher.publish(List.of(signedUp, milestone));
        pipeline.awaitDrained();

        List<JsonNode> told = told();

        assertThat(told).extracting(event -> event.path("type").asText()).containsOnly("delivery.delivered");
        assertThat(told)
                .extracting(event -> event.at("/data/event_id").asText() + " "
                        + event.at("/data/user_id").asText("nobody"))
                .containsExactlyInAnyOrder(
                        signedUp.id() + " " + one,
                        milestone.id() + " nobody", // its people are recorded
                        milestone.id() + " " + one,
                        milestone.id() + " " + two);
        JsonNode first = told.stream()
                .filter(event -> event.at("/data/event_id").asText().equals(signedUp.id()))
                .findFirst()
                .orElseThrow();
        assertThat(first.path("account_id").asText()).isEqualTo(signedUp.accountId());
        assertThat(first.at("/data/group").asText()).isEqualTo("email-workers");
        assertThat(first.at("/data/event_type").asText()).isEqualTo("user.signed_up");
        assertThat(first.at("/data/attempts").asInt()).isEqualTo(1);
        assertThat(first.at("/data/status").asText()).isEqualTo("delivered");
    }

    @Test
    void aReceiverThatIsGoneIsADeliveryThatFailedAndAWebhookThatIsDisabled() throws Exception {
        campaign.webhook(platform.inboxUrl() + PATH, "active", TestCampaign.SECRET);
        webhooks.answer(PATH, WebhookReceiver.Answer.of(410));
        DomainEvent event = campaign.rewardEarned(platform.inboxUrl() + PATH);
        publisher.publish(event);
        pipeline.awaitDrained();

        Map<String, JsonNode> told = rewardsPart();

        assertThat(told).containsOnlyKeys("delivery.failed", "webhook.disabled");
        JsonNode failed = data(told, "delivery.failed");
        assertThat(failed.path("user_reward_id").asText()).isEqualTo(((RewardEarned) event.data()).userRewardId());
        assertThat(failed.path("code").asText()).isEqualTo("410");
        assertThat(failed.path("reason").asText()).isEqualTo("the receiver answered 410");
        assertThat(data(told, "webhook.disabled").path("reason").asText()).isEqualTo("gone");
        assertThat(data(told, "webhook.disabled").path("webhook_id").asText())
                .isEqualTo(jdbc.sql("SELECT CAST(id AS text) FROM webhooks WHERE campaign_id = ?")
                        .param(campaign.id())
                        .query(String.class)
                        .single());
    }

    @Test
    void aRewardThatWasTakenBackIsVoidedAndOneThatWasTakenBackTooLateIsDeliveredWithTheReason() throws Exception {
        DomainEvent event = campaign.rewardByMail();
        setStatus(event, "revoked");
        publisher.publish(event);
        pipeline.awaitDrained();

        Map<String, JsonNode> told = rewardsPart();
        assertThat(told).containsOnlyKeys("reward.voided");
        JsonNode voided = data(told, "reward.voided");
        assertThat(voided.path("user_reward_id").asText()).isEqualTo(((RewardEarned) event.data()).userRewardId());
        assertThat(voided.path("code").asText()).isEqualTo("revoked");
        assertThat(voided.path("status").asText()).isEqualTo("skipped");

        try (HesitantReceiver receiver = HesitantReceiver.start()) {
            campaign.webhook(receiver.url(), "active", TestCampaign.SECRET);
            DomainEvent late = campaign.rewardEarned(receiver.url());
            publisher.publish(late);
            await().until(() -> receiver.requests() == 1);
            setStatus(late, "revoked");
            receiver.answer();
            pipeline.awaitDrained();
        }

        assertThat(data(rewardsPart(), "delivery.delivered").path("reason").asText())
                .isEqualTo("voided too late: it has been delivered: user_rewards.status is revoked");
    }

    @Test
    void aRewardThatAnOperatorVoidsIsVoidedWithoutTheOperatorsNote() throws Exception {
        DomainEvent event = campaign.rewardByMail();
        jdbc.sql("UPDATE rewards SET delivery_config = '{\"hold\":\"7d\"}' WHERE campaign_id = ?")
                .param(campaign.id())
                .update();
        publisher.publish(event);
        await().until(() -> jdbc.sql(
                        "SELECT count(*) FROM event_routes.delivery WHERE campaign_id = ? AND waits_for = 'hold'")
                .param(campaign.id().toString())
                .query(Integer.class)
                .single()
                .equals(1));

        pipeline.operation(
                "rewards",
                "{\"action\":\"void\",\"campaign\":\"%s\",\"dryRun\":\"false\",\"by\":\"ann\",\"reason\":\"a cheat\"}"
                        .formatted(campaign.id()));

        JsonNode voided = data(rewardsPart(), "reward.voided");
        assertThat(voided.path("code").asText()).isEqualTo("voided");
        assertThat(voided.path("reason").asText()).isEqualTo("voided by an operator");
    }

    @Test
    void anAddressWithoutAMailboxIsSuppressedAndNobodysAddressIsTold() throws Exception {
        platform.mail().kill();
        try (ScriptedSmtpServer server =
                ScriptedSmtpServer.startOn(platform.mail().port())) {
            server.answer(ScriptedSmtpServer.Step.RCPT, "550 5.1.1 <ada@example.com>: no such user");
            UUID person = campaign.person();
            publisher.publish(
                    Events.of(new UserSignedUp(person.toString(), campaign.id().toString(), Events.email())));
            pipeline.awaitDrained();

            List<JsonNode> told = told();

            assertThat(told)
                    .extracting(event -> event.path("type").asText())
                    .containsExactly("mail.suppressed", "delivery.failed");
            assertThat(told.get(0).at("/data/delivery_id"))
                    .isEqualTo(told.get(1).at("/data/delivery_id"));
            assertThat(told.get(0).at("/data/user_id").asText()).isEqualTo(person.toString());
            assertThat(told.get(0).at("/data/code").asText()).isEqualTo("550");
            assertThat(told.get(1).at("/data/reason").asText()).isEqualTo("the other side answered 550");
            assertThat(told.toString()).doesNotContain("@");
        } finally {
            platform.mail().restart();
        }
    }

    @Test
    void whatAPersonHasDoneIsDeliveredAndWhatIsNotOverIsNotTold() throws Exception {
        DomainEvent event = campaign.rewardByHand();
        publisher.publish(event);
        pipeline.awaitDrained();
        assertThat(rewardsPart()).as("it waits for a person").isEmpty();
        Delivery again = begin(recorded());
        ledger.finish(again, Outcome.of(new DeliveryException.Transient("busy", "450", null, null)));
        Delivery skipped = begin(recorded());
        ledger.finish(skipped, Outcome.of(new DeliveryException.Skipped("the person has left the campaign")));

        String id = jdbc.sql("SELECT CAST(id AS text) FROM event_routes.delivery"
                        + " WHERE event_id = ? AND consumer_group = 'reward-workers'")
                .param(event.id())
                .query(String.class)
                .single();
        pipeline.operation(
                "deliveries/" + id, "{\"action\":\"done\",\"by\":\"ann\",\"reason\":\"gave it to Ada in person\"}");

        Map<String, JsonNode> told = rewardsPart();
        assertThat(told).containsOnlyKeys("delivery.delivered");
        assertThat(data(told, "delivery.delivered").path("reason").asText()).isEqualTo("done by a person");
        assertThat(told.toString()).doesNotContain("ann").doesNotContain("Ada");
    }

    @Test
    void eachDeliverysOutcomesComeInTheirOrderThoughManyWriteAndTwoRelay() throws Exception {
        List<Delivery> deliveries = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            deliveries.add(recorded());
        }
        deliveries.parallelStream().forEach(delivery -> {
            Delivery next = delivery;
            for (int attempt = 1; attempt <= 3; attempt++) {
                Delivery begun = begin(next);
                ledger.finish(begun, attempt < 3 ? Outcome.failed("not yet") : Outcome.delivered());
                next = openedAgain(begun);
            }
            template.sendBody("direct:relay-outcomes", "");
        });

        Map<String, List<String>> byDelivery = told().stream()
                .collect(Collectors.groupingBy(
                        event -> event.at("/data/delivery_id").asText(),
                        Collectors.mapping(
                                event -> event.at("/data/attempts").asText() + " "
                                        + event.path("type").asText(),
                                Collectors.toList())));

        assertThat(byDelivery).hasSize(40);
        assertThat(byDelivery.values())
                .containsOnly(List.of("1 delivery.failed", "2 delivery.failed", "3 delivery.delivered"));
    }

    @Test
    void aRowThatHoldsNoEventIsADeliveryThatFailed() throws Exception {
        UUID broken = UUID.randomUUID();
        jdbc.sql("""
                        INSERT INTO event_routes.delivery (id, consumer_group, idempotency_key, event_id, event_type,
                            campaign_id, event, status, due_at)
                        VALUES (:id, :group, :key, 'some', 'some', :campaign, '[]', 'due', now())
                        """)
                .param("id", broken)
                .param("group", GROUP)
                .param("key", broken.toString())
                .param("campaign", campaign.id().toString())
                .update();

        assertThat(ledger.takeDue(GROUP, 10, DueMarks.BEGINNING).deliveries()).isEmpty();

        assertThat(told()).singleElement().satisfies(event -> {
            assertThat(event.path("type").asText()).isEqualTo("delivery.failed");
            assertThat(event.at("/data/delivery_id").asText()).isEqualTo(broken.toString());
        });
    }

    @Test
    void whatIsRolledBackOrComesTooLateIsNotTold() throws Exception {
        Delivery rolledBack = begin(recorded());
        transaction.executeWithoutResult(status -> {
            ledger.finish(rolledBack, Outcome.delivered());
            status.setRollbackOnly();
        });
        Delivery lost = begin(recorded());
        jdbc.sql("UPDATE event_routes.delivery SET lease = lease + 1 WHERE id = ?")
                .param(lost.id())
                .update();
        ledger.finish(lost, Outcome.delivered());

        assertThat(told()).isEmpty();
    }

    /** As by a relay that is killed between the brokers' answer and its commit. */
    @Test
    void whatIsPublishedTwiceHasTheSameId() throws Exception {
        camel.getRouteController().stopRoute("outcomes");
        for (int i = 0; i < 3; i++) {
            ledger.finish(begin(recorded()), Outcome.delivered());
        }
        transaction.executeWithoutResult(status -> {
            template.sendBody("direct:relay-outcomes", "");
            status.setRollbackOnly();
        });
        List<JsonNode> once = records();
        camel.getRouteController().startRoute("outcomes");
        awaitRelayed();

        List<JsonNode> twice = records();
        assertThat(once).hasSize(3);
        assertThat(twice).hasSize(6);
        assertThat(twice.subList(3, 6)).isEqualTo(once);
    }

    @Test
    void whatTheBrokersRefuseWaitsAndIsPublishedWhenTheyTakeIt() throws Exception {
        limitRecords("100");
        try {
            for (int i = 0; i < 5; i++) {
                ledger.finish(begin(recorded()), Outcome.delivered());
            }
            await().untilAsserted(() -> {
                outcomes.measure();
                assertThat(pipeline.operate("metrics", null).body())
                        .containsPattern("domain_events_outcomes_waiting\\{.*} 5.0")
                        .doesNotContainPattern("domain_events_outcomes_lag_seconds\\{.*} 0.0");
            });
            await("the first row is seen again and again").until(() -> {
                outcomes.measure();
                return outcomes.first().stuck().toMillis() > 500;
            });
        } finally {
            limitRecords("1048588");
        }

        assertThat(told()).hasSize(5);
    }

    @Test
    void whoStopsTheRelayIsToldByTheHealth() throws Exception {
        assertThat(pipeline.operate("health/outcomes", null).body()).contains("\"status\":\"UP\"");

        camel.getRouteController().stopRoute("outcomes");

        HttpResponse<String> health = pipeline.operate("health/outcomes", null);
        assertThat(health.statusCode()).isEqualTo(503);
        assertThat(health.body()).contains("the route outcomes is stopped on this instance");
    }

    private Delivery recorded() {
        DomainEvent event =
                Events.of(new UserSignedUp(Events.id(), campaign.id().toString(), Events.email()));
        return recorder.record(GROUP, List.of(event), (refused, reason) -> {
                    throw new AssertionError(reason);
                })
                .get(0);
    }

    private Delivery begin(Delivery delivery) {
        return ledger.begin(delivery, new DefaultExchange(camel));
    }

    /** Leased for another attempt, as after an operator's retry. */
    private Delivery openedAgain(Delivery delivery) {
        int lease = jdbc.sql(
                        "UPDATE event_routes.delivery SET status = 'leased', lease = lease + 1 WHERE id = ? RETURNING lease")
                .param(delivery.id())
                .query(Integer.class)
                .single();
        return Delivery.waiting(delivery.id(), GROUP, "", delivery.event(), delivery.attempt(), lease, false, null);
    }

    private void setStatus(DomainEvent event, String status) {
        jdbc.sql("UPDATE user_rewards SET status = ? WHERE id = ?")
                .params(status, UUID.fromString(((RewardEarned) event.data()).userRewardId()))
                .update();
    }

    private static JsonNode data(Map<String, JsonNode> told, String type) {
        return Objects.requireNonNull(told.get(type)).path("data");
    }

    /** The latest event of each type, but for the mails that announce rewards. */
    private Map<String, JsonNode> rewardsPart() throws Exception {
        Map<String, JsonNode> latest = new HashMap<>();
        for (JsonNode event : told()) {
            if (!event.at("/data/group").asText().equals("email-workers")) {
                latest.put(event.path("type").asText(), event);
            }
        }
        return latest;
    }

    /** What was told of the campaign, each event once, after all has been. */
    private List<JsonNode> told() throws Exception {
        awaitRelayed();
        Set<String> ids = new HashSet<>();
        return records().stream()
                .filter(event -> ids.add(event.path("id").asText()))
                .toList();
    }

    /** The records of the campaign, which are in one partition; each as its schema and CloudEvents say. */
    private List<JsonNode> records() throws Exception {
        List<JsonNode> events = new ArrayList<>();
        for (int partition = 0; partition < 10; partition++) {
            for (ConsumerRecord<byte[], byte[]> record : pipeline.read(pipeline.topic() + ".outcomes", partition)) {
                if (new String(record.key(), UTF_8).equals(campaign.id().toString())) {
                    events.add(checked(record));
                }
            }
        }
        return events;
    }

    private static JsonNode checked(ConsumerRecord<byte[], byte[]> record) throws Exception {
        JsonNode event = EventJson.mapper().readTree(record.value());
        String type = event.path("type").asText();
        assertThat(Contract.schema(type).validate(event)).as(event.toString()).isEmpty();
        ObjectNode attributes = EventJson.mapper().createObjectNode();
        attributes.put("ce_specversion", "1.0").put("ce_source", "/domain-events");
        attributes.put("ce_id", event.path("id").asText()).put("ce_type", type);
        attributes.put("ce_time", event.path("timestamp").asText());
        attributes.properties().forEach(attribute -> assertThat(header(record, attribute.getKey()))
                .isEqualTo(attribute.getValue().asText()));
        return event;
    }

    private static @Nullable String header(ConsumerRecord<byte[], byte[]> record, String name) {
        var header = record.headers().lastHeader(name);
        return header == null ? null : new String(header.value(), UTF_8);
    }

    private void awaitRelayed() {
        await().until(() -> jdbc.sql("SELECT NOT EXISTS (SELECT FROM event_routes.outcome_event)")
                .query(Boolean.class)
                .single());
    }

    private void limitRecords(String bytes) throws Exception {
        ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, pipeline.topic() + ".outcomes");
        try (Admin admin = Admin.create(pipeline.brokers())) {
            admin.incrementalAlterConfigs(Map.of(
                            topic,
                            List.of(new AlterConfigOp(
                                    new ConfigEntry("max.message.bytes", bytes), AlterConfigOp.OpType.SET))))
                    .all()
                    .get();
        }
    }
}
