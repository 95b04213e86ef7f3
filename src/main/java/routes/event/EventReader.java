package routes.event;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Reads events from bytes: the plain envelope, and CloudEvents 1.0. The headers decide which of them it is, and in which
 * content mode (CloudEvents Kafka protocol binding 1.0.2, section 3); without them, an object with
 * {@code specversion} is a CloudEvent in structured mode. Strict about the fields it knows, lenient about others.
 */
@Component
public class EventReader {

    private static final String CONTENT_TYPE_HEADER = "content-type";

    /** The prefix of CloudEvents media types of any format; only JSON is read. */
    private static final Pattern CLOUD_EVENT = Pattern.compile("(?i)application/cloudevents.*");

    private static final Pattern CLOUD_EVENT_AS_JSON =
            Pattern.compile("(?i)application/cloudevents(\\+json)?\\s*(;.*)?");

    private static final String SPEC_VERSION_HEADER = "ce_specversion";
    private static final String TYPE_HEADER = "ce_type";
    private static final String SPEC_VERSION = "1.0";
    private static final Duration CLOCK_SKEW = Duration.ofDays(1);

    /** A broker's default limit for a record. A compressed record may unpack to a thousand times the size that the broker checked. */
    private static final int MAX_BYTES = 1024 * 1024;

    /** How a record holds an event. */
    private enum Mode {
        PLAIN,
        STRUCTURED,
        BINARY;

        static Mode of(EventHeaders headers) {
            String contentType = headers.get(CONTENT_TYPE_HEADER);
            return contentType != null && CLOUD_EVENT.matcher(contentType).matches()
                    ? STRUCTURED
                    : headers.get(SPEC_VERSION_HEADER) != null ? BINARY : PLAIN;
        }
    }

    private final InstantSource clock;

    /** A reader with the system clock. */
    public EventReader() {
        this(InstantSource.system());
    }

    EventReader(InstantSource clock) {
        this.clock = clock;
    }

    /**
     * Finds the type of an event, and reads no further: most records of a topic are of a type that a group does not handle, and skips.
     *
     * @return the type's value, known or not; empty if the value has none
     * @throws InvalidEventException when the part that had to be read is not a JSON object
     */
    public Optional<String> peekType(byte @Nullable [] value, EventHeaders headers) throws InvalidEventException {
        String header = headers.get(TYPE_HEADER);
        if (header != null && Mode.of(headers) == Mode.BINARY) {
            return Optional.of(header);
        }
        try (JsonParser parser = EventJson.mapper().createParser(bounded(value))) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw invalid("", "the value is not a JSON object");
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                boolean type = parser.currentName().equals("type");
                JsonToken token = parser.nextToken();
                if (type) {
                    return token == JsonToken.VALUE_STRING ? Optional.of(parser.getText()) : Optional.empty();
                }
                parser.skipChildren();
            }
            return Optional.empty();
        } catch (IOException e) {
            throw invalidJson(e);
        }
    }

    /** Reads an event that is being published now; otherwise as {@link #read(byte[], EventHeaders, Instant)}. */
    public DomainEvent read(byte @Nullable [] value, EventHeaders headers) throws InvalidEventException {
        return read(value, headers, clock.instant());
    }

    /**
     * Reads an event.
     *
     * @param value the record's value
     * @param headers the record's headers
     * @param writtenAt when the record was written: the time of a CloudEvent without one. An event cannot have happened more
     *     than a day after this time or this machine's clock, whichever is later.
     * @throws InvalidEventException when the value is not an event; it names every invalid field
     */
    public DomainEvent read(byte @Nullable [] value, EventHeaders headers, Instant writtenAt)
            throws InvalidEventException {
        String contentType = headers.get(CONTENT_TYPE_HEADER);
        if (contentType != null
                && CLOUD_EVENT.matcher(contentType).matches()
                && !CLOUD_EVENT_AS_JSON.matcher(contentType).matches()) {
            throw invalid(
                    CONTENT_TYPE_HEADER, "names an unsupported CloudEvents format: write application/cloudevents+json");
        }
        Instant at = writtenAt.isBefore(EventRules.EARLIEST) ? clock.instant() : writtenAt;
        return read(json(value), headers, at, latest(at));
    }

    /**
     * Reads an event that waits to be published. {@link EventWriter} accepts what is read here: both go by this machine's clock alone.
     *
     * @param since since when it waits, by any clock: the time of a CloudEvent without one, unless that has yet to come
     */
    public DomainEvent readWaiting(String event, Instant since) throws InvalidEventException {
        Instant now = clock.instant();
        return read(event.getBytes(StandardCharsets.UTF_8), EventHeaders.NONE, since.isBefore(now) ? since : now);
    }

    /** Reads an event that was accepted before: its time is not checked again. */
    public DomainEvent readStored(String event) throws InvalidEventException {
        return read(json(event.getBytes(StandardCharsets.UTF_8)), EventHeaders.NONE, Instant.MAX, Instant.MAX);
    }

    /** Checks an event that is being published now, by the rules of reading it. */
    void check(DomainEvent event) throws InvalidEventException {
        List<Violation> violations = EventRules.violations(event, latest(clock.instant()));
        if (!violations.isEmpty()) {
            throw new InvalidEventException(violations);
        }
    }

    private Instant latest(Instant writtenAt) {
        Instant now = clock.instant();
        return (writtenAt.isAfter(now) ? writtenAt : now).plus(CLOCK_SKEW);
    }

    private static JsonNode json(byte @Nullable [] value) throws InvalidEventException {
        try {
            return EventJson.tree(bounded(value));
        } catch (IOException e) {
            throw invalidJson(e);
        }
    }

    private static byte[] bounded(byte @Nullable [] value) throws InvalidEventException {
        if (value == null) {
            throw invalid("", "the value is null");
        }
        if (value.length > MAX_BYTES) {
            throw invalid("", "the value has " + value.length + " bytes; at most " + MAX_BYTES + " are allowed");
        }
        return value;
    }

    /** Reads an event that is being published now, from parsed JSON. */
    public DomainEvent read(JsonNode value, EventHeaders headers) throws InvalidEventException {
        Instant now = clock.instant();
        return read(value, headers, now, latest(now));
    }

    private static DomainEvent read(JsonNode value, EventHeaders headers, Instant writtenAt, Instant latest)
            throws InvalidEventException {
        if (!value.isObject()) {
            throw invalid("", "the value is not a JSON object");
        }
        List<Violation> violations = new ArrayList<>();
        Fields fields = new Fields(value, "", violations, writtenAt, latest);
        DomainEvent event =
                switch (Mode.of(headers)) {
                    case STRUCTURED -> structured(fields);
                    case BINARY ->
                        isEnvelope(value, headers)
                                ? plain(fields)
                                : cloudEvent(
                                        new Fields(attributes(headers), "ce_", violations, writtenAt, latest), fields);
                    case PLAIN -> value.has("specversion") ? structured(fields) : plain(fields);
                };
        if (event == null || !violations.isEmpty()) {
            throw new InvalidEventException(violations);
        }
        return event.tracedBy(traceparent(value, headers));
    }

    private static @Nullable String traceparent(JsonNode value, EventHeaders headers) {
        String header = TraceParent.valid(headers.get(TraceParent.NAME));
        return header != null
                ? header
                : TraceParent.valid(value.path(TraceParent.NAME).textValue());
    }

    private static @Nullable DomainEvent plain(Fields event) {
        String id = event.id("id");
        EventType type = type(event);
        String account = event.id("account_id");
        String campaign = event.id("campaign_id");
        Fields data = event.object("data");
        EventData read = type == null ? null : data(type, data);
        var timestamp = event.timestamp("timestamp");
        if (read == null) {
            return null;
        }
        if (!read.campaignId().isEmpty()
                && !campaign.isEmpty()
                && !read.campaignId().equals(campaign)) {
            data.wrong("campaign_id", "differs from the event's campaign_id");
        }
        return new DomainEvent(id, account, read, timestamp);
    }

    /** The data of a CloudEvent may be the plain envelope, as in this service's own records: then it repeats id and type. */
    private static boolean isEnvelope(JsonNode value, EventHeaders headers) {
        return value.path("data").isObject()
                && value.path("id").isTextual()
                && value.path("id").textValue().equals(headers.get("ce_id"))
                && value.path("type").asText().equals(headers.get(TYPE_HEADER));
    }

    /** CloudEvents JSON format 1.0.2, section 3: the attributes and the data, or its bytes in Base64, are in one JSON object. */
    private static @Nullable DomainEvent structured(Fields event) {
        if (event.has("data") && event.has("data_base64")) {
            event.wrong("data_base64", "is present as well as data: write only one of them");
        }
        return cloudEvent(event, event.has("data_base64") ? event.encodedObject("data_base64") : event.object("data"));
    }

    private static @Nullable DomainEvent cloudEvent(Fields attributes, Fields data) {
        String version = attributes.text("specversion");
        if (!version.isEmpty() && !version.equals(SPEC_VERSION)) {
            attributes.wrong("specversion", "is not " + SPEC_VERSION);
        }
        String id = attributes.id("id");
        EventType type = type(attributes);
        var time = attributes.optionalTimestamp("time");
        EventData read = type == null ? null : data(type, data);
        // CloudEvents have no account. Like the reference publisher, use the campaign.
        return read == null ? null : new DomainEvent(id, read.campaignId(), read, time);
    }

    private static JsonNode attributes(EventHeaders headers) {
        var attributes = EventJson.mapper().createObjectNode();
        for (String name : List.of("specversion", "id", "type", "time")) {
            String value = headers.get("ce_" + name);
            if (value != null) {
                attributes.put(name, value);
            }
        }
        return attributes;
    }

    private static @Nullable EventType type(Fields event) {
        String value = event.text("type");
        EventType type = EventType.of(value).orElse(null);
        if (type == null && !value.isEmpty()) {
            String known =
                    Arrays.stream(EventType.values()).map(EventType::value).collect(Collectors.joining(", "));
            event.wrong("type", "is not one of " + known);
        }
        return type;
    }

    private static EventData data(EventType type, Fields data) {
        return switch (type) {
            case USER_SIGNED_UP ->
                new EventData.UserSignedUp(data.id("user_id"), data.id("campaign_id"), data.email("email"));
            case USER_VERIFIED ->
                new EventData.UserVerified(data.id("user_id"), data.id("campaign_id"), data.email("email"));
            case REFERRAL_CREATED ->
                new EventData.ReferralCreated(
                        data.id("referral_id"), data.id("referrer_id"), data.id("referred_id"), data.id("campaign_id"));
            case REFERRAL_VERIFIED ->
                new EventData.ReferralVerified(
                        data.id("referral_id"),
                        data.id("referrer_id"),
                        data.id("referred_id"),
                        data.id("campaign_id"),
                        data.optionalCount("points_per_referral", EventRules.MAX_POINTS));
            case REWARD_EARNED ->
                new EventData.RewardEarned(
                        data.id("user_reward_id"), data.id("user_id"), data.id("campaign_id"), data.id("reward_id"));
            case CAMPAIGN_MILESTONE_REACHED ->
                new EventData.CampaignMilestoneReached(
                        data.id("campaign_id"),
                        data.text("milestone"),
                        data.count("participant_count", EventRules.MAX_PARTICIPANTS));
        };
    }

    private static InvalidEventException invalid(String field, String message) {
        return new InvalidEventException(List.of(new Violation(field, message)));
    }

    /** Where parsing failed, without the excerpt that Jackson would quote. */
    private static InvalidEventException invalidJson(IOException cause) {
        if (cause instanceof StreamConstraintsException) {
            return invalid("", "the value is nested too deeply, or has too many values or too long a string");
        }
        String where = cause instanceof JsonProcessingException json && json.getLocation() != null
                ? " at line " + json.getLocation().getLineNr() + ", column "
                        + json.getLocation().getColumnNr()
                : "";
        var invalid = invalid("", "the value is not valid JSON: parsing failed" + where);
        invalid.initCause(cause);
        return invalid;
    }
}
