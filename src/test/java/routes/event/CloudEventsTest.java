package routes.event;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.core.message.Encoding;
import io.cloudevents.jackson.JsonFormat;
import io.cloudevents.kafka.CloudEventDeserializer;
import io.cloudevents.kafka.CloudEventSerializer;
import java.net.URI;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

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
