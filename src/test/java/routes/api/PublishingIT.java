package routes.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.component.kafka.KafkaConstants;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import routes.OnPlatform;
import routes.Pipeline;
import routes.dev.Inbox;
import routes.dev.Platform;
import routes.dev.ReceivedMail;
import routes.event.DomainEvent;
import routes.event.EventData.UserSignedUp;
import routes.event.EventJson;
import routes.event.EventPublisher;
import routes.event.EventType;
import routes.event.Events;
import routes.event.InvalidEventException;
import routes.event.Published;

/** The ways by which events reach the topic, and what they look like there. */
@OnPlatform
@ExtendWith(OutputCaptureExtension.class)
class PublishingIT {

    @Autowired
    private Pipeline pipeline;

    @Autowired
    private EventPublisher publisher;

    @Autowired
    private ProducerTemplate camel;

    @Autowired
    private Inbox inbox;

    /** The effects of what was published are no other test's. */
    @AfterEach
    void drain() {
        pipeline.awaitDrained();
    }

    @Test
    void theAnswerSaysWhereTheEventLies() throws Exception {
        DomainEvent event = Events.any(EventType.REFERRAL_CREATED);

        HttpResponse<String> answer = pipeline.publish(json(event).toString());

        assertThat(answer.statusCode()).isEqualTo(202);
        JsonNode published = json(answer).path("published");
        assertThat(published).hasSize(1);
        assertThat(published.path(0).path("id").textValue()).isEqualTo(event.id());
        assertThat(published.path(0).path("topic").textValue()).isEqualTo(pipeline.topic());
        assertThat(json(record(published.path(0)).value())).isEqualTo(json(event));
    }

    @Test
    void anArrayKeepsItsOrderAndACampaignItsPartition() throws Exception {
        List<DomainEvent> events = Stream.generate(() -> Events.any(EventType.REFERRAL_CREATED))
                .limit(50)
                .toList();

        JsonNode published = json(pipeline.publish(array(events))).path("published");

        assertThat(published).extracting(place -> place.path("id").textValue()).containsExactlyElementsOf(ids(events));
        assertThat(published)
                .extracting(place -> place.path("partition").intValue())
                .hasSize(50)
                .containsOnly(published.path(0).path("partition").intValue());
        assertThat(published)
                .extracting(place -> place.path("offset").longValue())
                .isSorted();
    }

    @Test
    void aRecordIsThePlainEnvelopeUnderItsCampaignWithTheAttributesOfACloudEventAndNoMore() throws Exception {
        DomainEvent event = Events.any(EventType.REFERRAL_CREATED);

        HttpResponse<String> answer = pipeline.post(
                json(event).toString(),
                "Authorization",
                "Bearer dev-key",
                "X-Request-Id",
                "1",
                "CamelKafkaOverrideTopic",
                "elsewhere",
                "ce_type",
                "user.verified");

        ConsumerRecord<byte[], byte[]> record =
                record(json(answer).path("published").path(0));
        assertThat(new String(record.key(), UTF_8)).isEqualTo(event.campaignId());
        assertThat(json(record.value())).isEqualTo(json(event));
        assertThat(headers(record))
                .isEqualTo(Map.of(
                        "ce_specversion", "1.0",
                        "ce_id", event.id(),
                        "ce_source", "/domain-events",
                        "ce_type", "referral.created",
                        "ce_time", event.timestamp().toString()));
    }

    @Test
    void theContractIsServedToEverybody() throws Exception {
        HttpResponse<String> schema = pipeline.get("/contract/schemas/user.signed_up.json");

        assertThat(schema.statusCode()).isEqualTo(200);
        assertThat(schema.headers().firstValue("Content-Type")).contains("application/json");
        assertThat(json(schema).path("title").textValue()).isEqualTo("user.signed_up");
        assertThat(json(pipeline.get("/contract/asyncapi.json"))
                        .path("asyncapi")
                        .textValue())
                .isEqualTo("3.0.0");
        assertThat(json(pipeline.get("/contract/openapi.json")).path("openapi").textValue())
                .isEqualTo("3.1.0");
    }

    @Test
    void thePageOfTheContractIsForEverybodyAndPublishingIsNot() throws Exception {
        HttpResponse<String> page = pipeline.get("/");

        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.headers().firstValue("Content-Type")).hasValue("text/html;charset=UTF-8");
        assertThat(page.headers().firstValue("Content-Security-Policy"))
                .hasValueSatisfying(policy -> assertThat(policy).startsWith("default-src 'none'"));
        assertThat(page.body())
                .contains("campaign.milestone_reached")
                .doesNotContain("<form", pipeline.topic(), Platform.API_KEY, "localhost");
        assertThat(pipeline.get("/contract/").body()).contains("schemas/user.signed_up.json");
        String event = json(Events.any(EventType.REFERRAL_CREATED)).toString();
        assertThat(pipeline.post(event).statusCode()).isEqualTo(401);
        assertThat(pipeline.get("/try/user-signed-up").statusCode()).isEqualTo(404);
    }

    /** Routes that take events from elsewhere and pass them on bring whatever headers they were sent. */
    @Test
    void theHeadersOfWhoeverCallsTheRouteSteerNothingAndGoNowhere() throws Exception {
        DomainEvent event = Events.any(EventType.REFERRAL_CREATED);
        Map<String, Object> headers = Map.of(
                KafkaConstants.OVERRIDE_TOPIC,
                "elsewhere",
                KafkaConstants.OVERRIDE_TIMESTAMP,
                1L,
                KafkaConstants.KEY,
                "another",
                KafkaConstants.PARTITION_KEY,
                9,
                "kafka.OVERRIDE_TOPIC",
                "elsewhere",
                "CamelHttpUri",
                "http://127.0.0.1:1/",
                "CamelSqlQuery",
                "SELECT 1",
                "Authorization",
                "Bearer dev-key",
                "ce_type",
                "user.verified",
                "ce_secret",
                "1");

        Published published = (Published) Objects.requireNonNull(
                        camel.requestBodyAndHeaders("direct:publish-event", List.of(event), headers, List.class))
                .get(0);

        assertThat(published.topic()).isEqualTo(pipeline.topic());
        ConsumerRecord<byte[], byte[]> record = record(published.partition(), published.offset());
        assertThat(new String(record.key(), UTF_8)).isEqualTo(event.campaignId());
        assertThat(record.timestamp()).isNotEqualTo(1);
        assertThat(headers(record))
                .containsOnlyKeys("ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time")
                .containsEntry("ce_type", "referral.created");
        assertThat(pipeline.publish(json(event).toString()).statusCode()).isEqualTo(202);
        assertThat(json(pipeline.publish(json(event).toString()))
                        .path("published")
                        .path(0)
                        .path("partition")
                        .intValue())
                .as("the partition of the key, and no other")
                .isEqualTo(published.partition());
    }

    @Test
    void aCallerWhoTakesNoJsonIsRefusedAndHasPublishedNothing() throws Exception {
        Map<TopicPartition, Long> before = pipeline.ends();

        HttpResponse<String> answer = pipeline.post(
                json(Events.any(EventType.REFERRAL_CREATED)).toString(),
                "Authorization",
                "Bearer dev-key",
                "Accept",
                "application/xml");

        assertThat(answer.statusCode()).isEqualTo(406);
        assertThat(pipeline.ends()).isEqualTo(before);
    }

    @Test
    void withoutTheKeyNobodyPublishes() throws Exception {
        assertUnauthorized(
                pipeline.post(json(Events.any(EventType.REFERRAL_CREATED)).toString()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Bearer wrong-key",
                "Bearer dev-ke",
                "Bearer dev-key2",
                "Bearer ",
                "Basic ZGV2LWtleTo=",
                "dev-key"
            })
    void withAnotherKeyNobodyPublishes(String authorization) throws Exception {
        assertUnauthorized(pipeline.post("not even JSON", "Authorization", authorization));
    }

    private static void assertUnauthorized(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).isEqualTo(401);
        assertThat(answer.headers().firstValue("WWW-Authenticate")).hasValue("Bearer");
        assertProblem(answer);
    }

    @Test
    void everyViolationIsListedWithItsEventAndThenNothingIsPublished() throws Exception {
        ArrayNode events = EventJson.mapper().createArrayNode();
        events.add(json(Events.any(EventType.REFERRAL_CREATED)));
        events.add(Events.json(Events.any(EventType.USER_VERIFIED), event -> event.put("id", "")
                .put("timestamp", 5)));
        events.add(Events.json(Events.any(EventType.USER_SIGNED_UP), event -> event.withObject("data")
                .remove("email")));
        events.add(7);
        long before = size();

        HttpResponse<String> answer = pipeline.publish(events.toString());

        assertThat(answer.statusCode()).isEqualTo(400);
        assertProblem(answer);
        assertThat(json(answer).path("violations"))
                .extracting(violation -> violation.path("event").intValue() + " "
                        + violation.path("field").textValue() + " "
                        + violation.path("message").textValue())
                .containsExactlyInAnyOrder(
                        "1 id is empty",
                        "1 timestamp is a number, not a string",
                        "2 data.email is missing",
                        "3  the value is not a JSON object");
        assertThat(size()).isEqualTo(before);
    }

    static Stream<Arguments> bodiesThatAreNoEvents() {
        DomainEvent event = Events.any(EventType.REFERRAL_CREATED);
        return Stream.of(
                Arguments.of("", "empty"),
                Arguments.of("[]", "0 events"),
                Arguments.of(array(IntStream.range(0, 1001).mapToObj(n -> event).toList()), "1001 events"),
                Arguments.of("{\"id\":", "line 1, column"),
                Arguments.of("{} {}", "line 1, column"),
                Arguments.of("[".repeat(10_000), "nested too deeply"),
                Arguments.of("{\"id\":\"" + "x".repeat(1024 * 1024) + "\"}", "too long a string"),
                Arguments.of("[" + "{},".repeat(1_000_000) + "{}]", "too many values"));
    }

    @ParameterizedTest(name = "{1}")
    @MethodSource("bodiesThatAreNoEvents")
    void aBodyThatIsNoEventIsRefused(String body, String detail) throws Exception {
        long before = size();

        HttpResponse<String> answer = pipeline.publish(body);

        assertThat(answer.statusCode()).isEqualTo(400);
        assertProblem(answer);
        assertThat(json(answer).path("detail").textValue()).contains(detail);
        assertThat(size()).isEqualTo(before);
    }

    @Test
    void aThousandEventsAreNotTooMany() throws Exception {
        List<DomainEvent> events = Stream.generate(() -> Events.any(EventType.REFERRAL_CREATED))
                .limit(1000)
                .toList();

        HttpResponse<String> answer = pipeline.publish(array(events));

        assertThat(answer.statusCode()).isEqualTo(202);
        assertThat(json(answer).path("published")).hasSize(1000);
    }

    @Test
    void aBodyOfMoreThanFourMegabytesIsTooLarge() throws Exception {
        HttpResponse<String> answer = pipeline.publish(" ".repeat(5 * 1024 * 1024));

        assertThat(answer.statusCode()).isEqualTo(413);
        assertProblem(answer);
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource({
        "Content-Encoding, gzip, Accept-Encoding, identity",
        "Content-Type, application/x-www-form-urlencoded, Accept, application/json",
        "Content-Type, multipart/form-data; boundary=x, Accept, application/json",
        "Content-Type, text/plain;charset=UTF-8, Accept, application/json"
    })
    void aBodyThatIsNoPlainJsonIsRefusedUnread(String header, String value, String says, String accepted)
            throws Exception {
        String event = json(Events.any(EventType.REFERRAL_CREATED)).toString();

        HttpResponse<String> answer = pipeline.send("POST", event, "Authorization", "Bearer dev-key", header, value);

        assertThat(answer.statusCode()).isEqualTo(415);
        assertThat(answer.headers().firstValue(says)).contains(accepted);
        assertProblem(answer);
    }

    /** Forms and their parts are nobody's here: whoever parses them, to memory or to a file, waits for what is never sent. */
    @ParameterizedTest(name = "{0} {1}: {3}")
    @CsvSource({
        "PUT, application/x-www-form-urlencoded, no-key, 405",
        "PATCH, application/x-www-form-urlencoded, no-key, 405",
        "DELETE, application/x-www-form-urlencoded, no-key, 405",
        "PUT, multipart/form-data; boundary=x, no-key, 405",
        "POST, application/x-www-form-urlencoded, no-key, 401",
        "POST, multipart/form-data; boundary=x, no-key, 401",
        "POST, multipart/form-data; boundary=x, dev-key, 415",
        "POST, application/json, no-key, 401"
    })
    void aRequestIsRefusedBeforeItsBodyIsRead(String method, String type, String key, int status) throws Exception {
        String head = """
                %s /events HTTP/1.1
                Host: localhost
                Authorization: Bearer %s
                Content-Type: %s
                Content-Length: 1000000

                """.formatted(method, key, type).replace("\n", "\r\n");
        String part = "--x\r\nContent-Disposition: form-data; name=\"a\"; filename=\"a\"\r\n\r\na";
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), pipeline.port())) {
            socket.setSoTimeout(10_000);

            socket.getOutputStream().write((head + part).getBytes(UTF_8));

            String answer = new String(socket.getInputStream().readNBytes("HTTP/1.1 401".length()), UTF_8);
            assertThat(answer).isEqualTo("HTTP/1.1 " + status);
        }
    }

    /** What a method of the publisher does. */
    interface Publishing {
        Published by(EventPublisher publisher) throws InvalidEventException;
    }

    static Stream<Arguments> methods() {
        String id = Events.CAMPAIGN;
        return Stream.of(
                method(
                        "user.signed_up",
                        publisher -> publisher.publishUserSignedUp("u", id, "u@example.com"),
                        Map.of("user_id", "u", "campaign_id", id, "email", "u@example.com")),
                method(
                        "user.verified",
                        publisher -> publisher.publishUserVerified("u", id, "u@example.com"),
                        Map.of("user_id", "u", "campaign_id", id, "email", "u@example.com")),
                method(
                        "referral.created",
                        publisher -> publisher.publishReferralCreated("r", "u", "v", id),
                        Map.of("referral_id", "r", "referrer_id", "u", "referred_id", "v", "campaign_id", id)),
                method(
                        "referral.verified",
                        publisher -> publisher.publishReferralVerified("r", "u", "v", "c", 3),
                        Map.of(
                                "referral_id", "r",
                                "referrer_id", "u",
                                "referred_id", "v",
                                "campaign_id", "c",
                                "points_per_referral", 3)),
                method(
                        "referral.verified",
                        publisher -> publisher.publishReferralVerified("r", "u", "v", "c", null),
                        Map.of("referral_id", "r", "referrer_id", "u", "referred_id", "v", "campaign_id", "c")),
                method(
                        "reward.earned",
                        publisher -> publisher.publishRewardEarned("e", "u", id, "w"),
                        Map.of("user_reward_id", "e", "user_id", "u", "campaign_id", id, "reward_id", "w")),
                method(
                        "campaign.milestone_reached",
                        publisher -> publisher.publishCampaignMilestoneReached("c", "100_participants", 100),
                        Map.of("campaign_id", "c", "milestone", "100_participants", "participant_count", 100)));
    }

    private static Arguments method(String type, Publishing publishing, Map<String, Object> data) {
        return Arguments.of(type, publishing, EventJson.mapper().valueToTree(data));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("methods")
    void eachMethodOfThePublisherWritesItsType(String type, Publishing publishing, JsonNode data) throws Exception {
        Published published = publishing.by(publisher);

        ConsumerRecord<byte[], byte[]> record = record(published.partition(), published.offset());
        JsonNode event = json(record.value());
        assertThat(event.path("id").textValue()).isEqualTo(published.id());
        assertThat(event.path("type").textValue()).isEqualTo(type);
        assertThat(event.path("data")).isEqualTo(data);
        assertThat(event.path("campaign_id")).isEqualTo(data.path("campaign_id"));
        assertThat(headers(record)).containsEntry("ce_type", type);
    }

    @Test
    void thePublisherWritesNothingThatItWouldNotReadItself(CapturedOutput output) throws Exception {
        long before = size();

        assertThatThrownBy(() -> publisher.publishUserSignedUp("u", "c", "no address"))
                .isInstanceOf(InvalidEventException.class)
                .hasMessageContaining("data.email");

        assertThat(size()).isEqualTo(before);
        assertThat(output).as("the caller knows, and the log need not").doesNotContain("InvalidEventException");
    }

    @Test
    void theTopicsAreMadeAtTheStart() throws Exception {
        String topic = pipeline.topic();
        try (Admin admin = Admin.create(pipeline.brokers())) {
            Map<String, TopicDescription> topics = admin.describeTopics(List.of(
                            topic,
                            topic + ".email-workers.dlq",
                            topic + ".position-workers.dlq",
                            topic + ".reward-workers.dlq"))
                    .allTopicNames()
                    .get();

            assertThat(Objects.requireNonNull(topics.get(topic)).partitions()).hasSize(10);
            assertThat(topics).hasSize(4);
        }
    }

    @Test
    void aCloudEventInStructuredModeIsReadAsAnyOther() throws Exception {
        DomainEvent event = Events.signedUp(Events.email());
        JsonNode cloudEvent = EventJson.mapper()
                .createObjectNode()
                .put("specversion", "1.0")
                .put("id", event.id())
                .put("source", "/a/producer")
                .put("type", "user.signed_up")
                .put("time", "2026-01-01T12:00:00+02:00")
                .put("datacontenttype", "application/json")
                .set("data", EventJson.mapper().valueToTree(event.data()));

        pipeline.write(cloudEvent.toString());
        pipeline.awaitDrained();

        assertThat(mailsTo(event)).hasSize(1);
    }

    @Test
    void aCloudEventInBinaryModeIsReadAsAnyOther() throws Exception {
        DomainEvent event = Events.signedUp(Events.email());
        ProducerRecord<byte[], byte[]> record =
                new ProducerRecord<>(pipeline.topic(), EventJson.mapper().writeValueAsBytes(event.data()));
        Map<String, String> attributes = new LinkedHashMap<>();
        attributes.put("content-type", "application/json");
        attributes.put("ce_specversion", "1.0");
        attributes.put("ce_id", event.id());
        attributes.put("ce_source", "/a/producer");
        attributes.put("ce_type", "user.signed_up");
        attributes.put("ce_time", "2026-01-01T12:00:00Z");
        attributes.forEach((name, value) -> record.headers().add(new RecordHeader(name, value.getBytes(UTF_8))));

        pipeline.write(List.of(record));
        pipeline.awaitDrained();

        assertThat(mailsTo(event)).hasSize(1);
    }

    private List<ReceivedMail> mailsTo(DomainEvent event) {
        return inbox.list().stream()
                .filter(mail -> mail.to().equals(((UserSignedUp) event.data()).email()))
                .toList();
    }

    private static void assertProblem(HttpResponse<String> answer) {
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
    }

    private ConsumerRecord<byte[], byte[]> record(JsonNode published) {
        return record(
                published.path("partition").intValue(), published.path("offset").longValue());
    }

    private ConsumerRecord<byte[], byte[]> record(int partition, long offset) {
        return pipeline.read(pipeline.topic(), partition).stream()
                .filter(record -> record.offset() == offset)
                .findFirst()
                .orElseThrow();
    }

    /** How many records the topic holds. */
    private long size() throws Exception {
        return pipeline.ends().values().stream().mapToLong(end -> end).sum();
    }

    private static Map<String, String> headers(ConsumerRecord<byte[], byte[]> record) {
        Map<String, String> headers = new LinkedHashMap<>();
        record.headers().forEach(header -> headers.put(header.key(), new String(header.value(), UTF_8)));
        return headers;
    }

    private static JsonNode json(DomainEvent event) {
        return EventJson.mapper().valueToTree(event);
    }

    private static JsonNode json(HttpResponse<String> answer) throws Exception {
        return EventJson.mapper().readTree(answer.body());
    }

    private static JsonNode json(byte[] value) throws Exception {
        return EventJson.mapper().readTree(value);
    }

    private static String array(List<DomainEvent> events) {
        return EventJson.mapper().valueToTree(events).toString();
    }

    private static List<String> ids(List<DomainEvent> events) {
        return events.stream().map(DomainEvent::id).toList();
    }
}
