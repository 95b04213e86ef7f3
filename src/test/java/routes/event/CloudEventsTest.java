package routes.event;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.core.message.Encoding;
import io.cloudevents.jackson.JsonFormat;
import io.cloudevents.kafka.CloudEventDeserializer;
import io.cloudevents.kafka.CloudEventSerializer;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import routes.event.EventData.UserSignedUp;

/** CloudEvents 1.0 over Kafka, held against the binding's own serializer and deserializer. */
class CloudEventsTest {

    private static final String TOPIC = "domain-events";

    private final EventReader reader = new EventReader();
    private final EventWriter writer = new EventWriter(reader);

    @ParameterizedTest
    @EnumSource(EventType.class)
    void whatTheBindingWritesInStructuredModeIsRead(EventType type) throws Exception {
        DomainEvent event = Events.any(type);

        assertThat(read(event, Encoding.STRUCTURED)).isEqualTo(withTheCampaignAsItsAccount(event));
    }

    @ParameterizedTest
    @EnumSource(EventType.class)
    void whatTheBindingWritesInBinaryModeIsRead(EventType type) throws Exception {
        DomainEvent event = Events.any(type);

        assertThat(read(event, Encoding.BINARY)).isEqualTo(withTheCampaignAsItsAccount(event));
    }

    @Test
    void whatIsPublishedIsACloudEventToTheBinding() throws Exception {
        DomainEvent event = Events.any(EventType.REFERRAL_VERIFIED);
        Headers headers = new RecordHeaders();
        writer.headers(event).forEach((name, value) -> headers.add(name, value.getBytes(UTF_8)));

        CloudEvent read;
        try (CloudEventDeserializer deserializer = new CloudEventDeserializer()) {
            read = deserializer.deserialize(TOPIC, headers, writer.write(event));
        }

        assertThat(read.getSpecVersion().toString()).isEqualTo("1.0");
        assertThat(read.getId()).isEqualTo(event.id());
        assertThat(read.getType()).isEqualTo("referral.verified");
        assertThat(read.getSource()).isEqualTo(URI.create("/domain-events"));
        assertThat(Objects.requireNonNull(read.getTime()).toInstant()).isEqualTo(event.timestamp());
        assertThat(reader.read(Objects.requireNonNull(read.getData()).toBytes(), EventHeaders.NONE))
                .isEqualTo(event);
    }

    /** What the SDKs of other languages write, taken down from them: one event, written at 12:00. */
    static Stream<Arguments> written() {
        JsonNode records = Contract.json(Path.of("src/test/resources/events/cloud-events.json"));
        return StreamSupport.stream(records.spliterator(), false)
                .map(record -> Arguments.of(record.path("of").textValue(), record));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("written")
    void whatTheSdksOfOtherLanguagesWriteIsRead(String of, JsonNode record) throws Exception {
        Instant twelve = Instant.parse("2026-01-01T12:00:00Z");
        byte[] value = record.path("value").textValue().getBytes(UTF_8);
        EventHeaders headers = name -> record.path("headers").path(name).textValue();

        assertThat(reader.peekType(value, headers)).contains("user.signed_up");
        assertThat(reader.read(value, headers, twelve))
                .isEqualTo(new DomainEvent("e-1", "c1", new UserSignedUp("u1", "c1", "a@example.com"), twelve));
    }

    @ParameterizedTest
    @CsvSource({
        "application/cloudevents+avro, content-type names an unsupported CloudEvents format",
        "application/cloudevents-batch+json, content-type names an unsupported CloudEvents format",
        "application/cloudevents+json, data_base64 is not valid Base64"
    })
    void whatCannotBeReadOfACloudEventIsSaid(String contentType, String reason) {
        byte[] value = """
                {"specversion": "1.0", "id": "e-1", "type": "user.signed_up", "data_base64": "*"}""".getBytes(UTF_8);

        assertThatThrownBy(() ->
                        reader.read(value, name -> name.equals("content-type") ? contentType : null, Instant.now()))
                .isInstanceOf(InvalidEventException.class)
                .hasMessageContaining(reason);
    }

    private DomainEvent read(DomainEvent event, Encoding encoding) throws Exception {
        CloudEvent cloudEvent = CloudEventBuilder.v1()
                .withId(event.id())
                .withType(event.type().value())
                .withSource(URI.create("/elsewhere"))
                .withTime(event.timestamp().atOffset(ZoneOffset.UTC))
                .withExtension("partitionkey", event.campaignId())
                .withData("application/json", EventJson.mapper().writeValueAsBytes(event.data()))
                .build();
        Headers headers = new RecordHeaders();
        try (CloudEventSerializer serializer = new CloudEventSerializer()) {
            serializer.configure(
                    encoding == Encoding.STRUCTURED
                            ? Map.of(
                                    CloudEventSerializer.ENCODING_CONFIG,
                                    encoding,
                                    CloudEventSerializer.EVENT_FORMAT_CONFIG,
                                    JsonFormat.CONTENT_TYPE)
                            : Map.of(CloudEventSerializer.ENCODING_CONFIG, encoding),
                    false);
            byte[] value = serializer.serialize(TOPIC, headers, cloudEvent);
            return reader.read(value, name -> {
                Header header = headers.lastHeader(name);
                return header == null ? null : new String(header.value(), UTF_8);
            });
        }
    }

    /** CloudEvents know no account. */
    private static DomainEvent withTheCampaignAsItsAccount(DomainEvent event) {
        return new DomainEvent(event.id(), event.campaignId(), event.data(), event.timestamp());
    }
}
