package routes.event;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.time.temporal.ChronoUnit.DAYS;
import static java.time.temporal.ChronoUnit.HOURS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.Charset;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import routes.event.EventData.UserSignedUp;

class EventReaderTest {

    private static final String SYNTAX = "\"\\{}[]:,u0eE+-.";

    private final EventReader reader = new EventReader();

    @Test
    void readsTheSpecificationsExampleAsItStands() throws Exception {
        byte[] example = """
                {
                  "id": "550e8400-e29b-41d4-a716-446655440000",
                  "type": "user.signed_up",
                  "account_id": "campaign-uuid",
                  "campaign_id": "campaign-uuid",
                  "data": {
                    "user_id": "user-uuid",
                    "campaign_id": "campaign-uuid",
                    "email": "user@example.com"
                  },
                  "timestamp": "2025-01-01T12:00:00Z"
                }
                """.getBytes(UTF_8);

        DomainEvent event = reader.read(example, EventHeaders.NONE);

        assertThat(event)
                .isEqualTo(new DomainEvent(
                        "550e8400-e29b-41d4-a716-446655440000",
                        "campaign-uuid",
                        new UserSignedUp("user-uuid", "campaign-uuid", "user@example.com"),
                        Instant.parse("2025-01-01T12:00:00Z")));
        assertThat(event.idempotencyKey()).isEqualTo("user.signed_up:campaign-uuid/user-uuid");
    }

    @ParameterizedTest
    @EnumSource
    void readsWhatWasWritten(EventType type) throws Exception {
        DomainEvent event = Events.any(type);

        byte[] written = new EventWriter(reader).write(event);

        assertThat(reader.read(written, EventHeaders.NONE)).isEqualTo(event);
        assertThat(reader.peekType(written, EventHeaders.NONE)).contains(type.value());
    }

    @ParameterizedTest
    @EnumSource
    void writesTheSpecificationsFieldsInTheirOrder(EventType type) throws Exception {
        byte[] written = new EventWriter(reader).write(Events.any(type));

        assertThat(EventJson.mapper().readTree(written).fieldNames())
                .toIterable()
                .containsExactly("id", "type", "account_id", "campaign_id", "data", "timestamp");
    }

    @Test
    void ignoresFieldsThatItDoesNotKnow() throws Exception {
        DomainEvent event = Events.any(EventType.REFERRAL_VERIFIED);
        ObjectNode json = Events.json(event, e -> {
            e.putObject("trace").put("id", 1);
            data(e).putArray("tags").add("new");
        });

        assertThat(reader.read(json, EventHeaders.NONE)).isEqualTo(event);
    }

    @Test
    void readsUuidsInLowerCaseSinceTheyNameTheSame() throws Exception {
        DomainEvent event = Events.any(EventType.USER_VERIFIED);
        String capitals = event.campaignId().toUpperCase(java.util.Locale.ROOT);
        ObjectNode json = Events.json(event, e -> {
            e.put("campaign_id", capitals);
            data(e).put("campaign_id", capitals);
        });

        assertThat(reader.read(json, EventHeaders.NONE)).isEqualTo(event);
    }

    /** As in a row: the same address, whichever of the two it is from. */
    @Test
    void whiteSpaceAroundAnAddressIsNotAPartOfIt() throws Exception {
        ObjectNode json = Events.json(Events.any(EventType.USER_SIGNED_UP), e -> data(e).put(
                        "email", "\r\n\t\u00a0\ufeffada@example.com\u200b\u3000 "));

        assertThat(((UserSignedUp) reader.read(json, EventHeaders.NONE).data()).email())
                .isEqualTo("ada@example.com");
    }

    @Test
    void readsCloudEventsInStructuredMode() throws Exception {
        DomainEvent event = Events.any(EventType.REWARD_EARNED);
        ObjectNode json = EventJson.mapper()
                .createObjectNode()
                .put("specversion", "1.0")
                .put("id", event.id())
                .put("source", "/shop")
                .put("type", "reward.earned")
                .put("time", "2026-01-01T13:00:00+01:00");
        json.set("data", data(Events.json(event, e -> {})));

        assertThat(reader.read(json, EventHeaders.NONE))
                .isEqualTo(new DomainEvent(event.id(), Events.CAMPAIGN, event.data(), event.timestamp()));
    }

    @Test
    void readsCloudEventsInBinaryMode() throws Exception {
        DomainEvent event = Events.any(EventType.REFERRAL_CREATED);
        Map<String, String> headers = new EventWriter(reader).headers(event);
        byte[] value = EventJson.mapper().writeValueAsBytes(event.data());

        assertThat(reader.peekType(value, headers::get)).contains("referral.created");
        assertThat(reader.read(value, headers::get))
                .isEqualTo(new DomainEvent(event.id(), Events.CAMPAIGN, event.data(), event.timestamp()));
    }

    /** Jackson tells them by their first bytes: whoever looks at the type alone would pass over what another reads. */
    @ParameterizedTest
    @ValueSource(strings = {"UTF-16", "UTF-16BE", "UTF-16LE", "UTF-32", "UTF-32BE", "UTF-32LE", "X-UTF-32BE-BOM"})
    void refusesOtherEncodingsThanUtf8WhereverItLooks(String charset) throws Exception {
        byte[] value = Events.json(Events.any(EventType.USER_SIGNED_UP), event -> {})
                .toString()
                .getBytes(Charset.forName(charset));

        assertThatThrownBy(() -> reader.read(value, EventHeaders.NONE)).isInstanceOf(InvalidEventException.class);
        assertThatThrownBy(() -> reader.peekType(value, EventHeaders.NONE)).isInstanceOf(InvalidEventException.class);
        assertThatThrownBy(() -> EventJson.mapper().readTree(value)).hasMessageContaining("UTF-8");
    }

    @Test
    void aByteOrderMarkOfUtf8IsPassedOver() throws Exception {
        DomainEvent event = Events.any(EventType.USER_SIGNED_UP);
        byte[] value = ("\uFEFF" + Events.json(event, json -> {})).getBytes(UTF_8);

        assertThat(reader.read(value, EventHeaders.NONE)).isEqualTo(event);
    }

    @Test
    void refusesABinaryCloudEventWhoseValueIsAnEnvelopeOfAnotherType() throws Exception {
        DomainEvent event = Events.any(EventType.USER_SIGNED_UP);
        Map<String, String> headers = new EventWriter(reader).headers(Events.any(EventType.USER_VERIFIED));

        assertThatThrownBy(() -> reader.read(Events.json(event, e -> {}), headers::get))
                .isInstanceOf(InvalidEventException.class)
                .hasMessageContaining("user_id is missing");
    }

    /** Groups pass over what they do not handle by the type that is read here, too. */
    @Test
    void theTypeOfAStructuredCloudEventIsThatOfItsValueWhateverAHeaderSays() throws Exception {
        DomainEvent event = Events.any(EventType.REFERRAL_VERIFIED);
        ObjectNode json = EventJson.mapper()
                .createObjectNode()
                .put("specversion", "1.0")
                .put("id", event.id())
                .put("type", "referral.verified")
                .put("time", "2026-01-01T12:00:00Z");
        json.set("data", data(Events.json(event, e -> {})));
        Map<String, String> headers =
                new HashMap<>(new EventWriter(reader).headers(Events.any(EventType.USER_SIGNED_UP)));
        headers.put("content-type", "application/cloudevents+json; charset=utf-8");
        byte[] value = json.toString().getBytes(UTF_8);

        assertThat(reader.peekType(value, headers::get)).contains("referral.verified");
        assertThat(reader.read(value, headers::get, Instant.now()).data()).isEqualTo(event.data());
    }

    @Test
    void anEventMayBeADayLaterThanItsRecordAndThanThisMachinesClock() throws Exception {
        DomainEvent event = Events.any(EventType.USER_SIGNED_UP);
        byte[] value = Events.json(event, e -> {}).toString().getBytes(UTF_8);
        Instant happened = event.timestamp();
        EventReader twoDaysBehind = new EventReader(() -> happened.minus(2, DAYS));

        assertThat(twoDaysBehind.read(value, EventHeaders.NONE, happened)).isEqualTo(event);
        assertThat(twoDaysBehind.readStored(new String(value, UTF_8))).isEqualTo(event);
        assertThat(new EventReader(() -> happened).read(value, EventHeaders.NONE, Instant.ofEpochMilli(-1)))
                .as("a record without a time")
                .isEqualTo(event);
        for (Instant writtenAt : List.of(happened.minus(25, HOURS), Instant.EPOCH)) {
            assertThatThrownBy(() -> twoDaysBehind.read(value, EventHeaders.NONE, writtenAt))
                    .isInstanceOfSatisfying(InvalidEventException.class, invalid -> assertThat(invalid.isAhead())
                            .isTrue())
                    .hasMessage("timestamp is more than a day ahead");
        }
    }

    /** A row that is read by the clock of the database, and published by this machine's, would be refused by the second alone. */
    @Test
    void whatWaitsToBePublishedIsReadByThisMachinesClockSoThatItCanBeWritten() throws Exception {
        DomainEvent event = Events.any(EventType.USER_SIGNED_UP);
        Instant now = event.timestamp().minus(2, DAYS);
        EventReader reader = new EventReader(() -> now);
        Instant inThreeDays = now.plus(3, DAYS);

        assertThatThrownBy(() -> reader.readWaiting(Events.json(event, e -> {}).toString(), inThreeDays))
                .hasMessage("timestamp is more than a day ahead");
        String withoutTime = """
                {"specversion": "1.0", "id": "1", "source": "/test", "type": "user.signed_up",
                 "data": {"user_id": "u", "campaign_id": "c", "email": "ada@example.com"}}
                """;
        DomainEvent ahead = reader.readWaiting(withoutTime, inThreeDays);
        assertThat(ahead.timestamp()).isEqualTo(now);
        assertThat(new EventWriter(reader).write(ahead)).isNotEmpty();
        assertThat(reader.readWaiting(withoutTime, now.minus(1, HOURS)).timestamp())
                .isEqualTo(now.minus(1, HOURS));
    }

    @Test
    void namesEveryFieldThatIsWrong() {
        ObjectNode json = Events.json(Events.any(EventType.USER_SIGNED_UP), e -> {
            e.remove("id");
            e.put("timestamp", "yesterday");
            data(e).put("email", "nobody").put("user_id", 7);
        });

        InvalidEventException invalid =
                catchThrowableOfType(InvalidEventException.class, () -> reader.read(json, EventHeaders.NONE));

        assertThat(invalid.violations())
                .containsExactly(
                        new Violation("id", "is missing"),
                        new Violation("data.user_id", "is a number, not a string"),
                        new Violation("data.email", "is not an email address"),
                        new Violation("timestamp", "is not a timestamp such as 2025-01-01T12:00:00Z"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void refuses(String message, EventType type, Consumer<ObjectNode> change) {
        ObjectNode json = Events.json(Events.any(type), change);

        assertThatThrownBy(() -> reader.read(json, EventHeaders.NONE))
                .isInstanceOf(InvalidEventException.class)
                .hasMessageContaining(message);
    }

    static Stream<Arguments> refuses() {
        return Stream.of(
                refusal("data is missing", EventType.USER_VERIFIED, e -> e.remove("data")),
                refusal("data is an array, not an object", EventType.USER_VERIFIED, e -> e.putArray("data")),
                refusal("type is not one of user.signed_up,", EventType.USER_VERIFIED, e -> e.put("type", "user.left")),
                refusal("type is null, not a string", EventType.USER_VERIFIED, e -> e.putNull("type")),
                refusal("account_id is empty", EventType.USER_VERIFIED, e -> e.put("account_id", " ")),
                refusal("id has 300 characters", EventType.USER_VERIFIED, e -> e.put("id", "x".repeat(300))),
                refusal(
                        "id must be 1 to 128 letters, digits, or . _ : -",
                        EventType.USER_VERIFIED,
                        e -> e.put("id", "a/b")),
                refusal("id has 100000 characters", EventType.USER_VERIFIED, e -> e.put("id", "x".repeat(100_000))),
                refusal("id contains a control character", EventType.USER_VERIFIED, e -> e.put("id", "a\u0000b")),
                refusal("type contains a control character", EventType.USER_VERIFIED, e -> e.put("type", "user\u0000")),
                refusal("data.user_id contains an unpaired surrogate", EventType.USER_VERIFIED, e -> data(e).put(
                                "user_id", "\udc00")),
                refusal(
                        "timestamp is before the year 2000",
                        EventType.USER_VERIFIED,
                        e -> e.put("timestamp", "-999999999-01-01T00:00:00Z")),
                refusal(
                        "timestamp is more than a day ahead",
                        EventType.USER_VERIFIED,
                        e -> e.put("timestamp", "+999999999-12-31T23:59:59.999999999-17:59")),
                refusal(
                        "timestamp is not a timestamp",
                        EventType.USER_VERIFIED,
                        e -> e.put("timestamp", "+1000000000-01-01T00:00:00Z")),
                refusal(
                        "timestamp is not a timestamp",
                        EventType.USER_VERIFIED,
                        e -> e.put("timestamp", "2025-02-30T00:00:00Z")),
                refusal(
                        "data.campaign_id differs from the event's campaign_id",
                        EventType.USER_VERIFIED,
                        e -> data(e).put("campaign_id", "c0ffee00-0000-4000-8000-000000000002")),
                refusal(
                        "data.milestone contains a control character",
                        EventType.CAMPAIGN_MILESTONE_REACHED,
                        e -> data(e).put("milestone", "1\u0000")),
                refusal(
                        "data.milestone contains an unpaired surrogate",
                        EventType.CAMPAIGN_MILESTONE_REACHED,
                        e -> data(e).put("milestone", "1\ud800")),
                refusal(
                        "data.participant_count is a string, not a whole number",
                        EventType.CAMPAIGN_MILESTONE_REACHED,
                        e -> data(e).put("participant_count", "1000")),
                refusal(
                        "data.participant_count must be between 0 and",
                        EventType.CAMPAIGN_MILESTONE_REACHED,
                        e -> data(e).put("participant_count", -1)),
                refusal(
                        "data.points_per_referral is a number, not a whole number",
                        EventType.REFERRAL_VERIFIED,
                        e -> data(e).put("points_per_referral", 1.5)),
                refusal(
                        "data.email contains white space, a control character or a zero-width character",
                        EventType.USER_SIGNED_UP,
                        e -> data(e).put("email", "a@example.com\r\nBcc: b@example.com")),
                refusal(
                        "data.email contains white space, a control character or a zero-width character",
                        EventType.USER_SIGNED_UP,
                        e -> data(e).put("email", "a@exam\ufeffple.com")),
                refusal("data.email contains an unpaired surrogate", EventType.USER_SIGNED_UP, e -> data(e).put(
                                "email", "a\udc00@example.com")),
                refusal("data.email is not an email address", EventType.USER_SIGNED_UP, e -> data(e).put(
                                "email", "\u00a0")),
                refusal("data.email is not an email address", EventType.USER_SIGNED_UP, e -> data(e).put(
                                "email", "a@example.com,b@example.com")));
    }

    private static Arguments refusal(String message, EventType type, Consumer<ObjectNode> change) {
        return Arguments.of(message, type, change);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "[]",
                "\"text\"",
                "{\"id\":",
                "{\"id\":1}{}",
                "{\"type\":\"user.verified\",\"type\":\"user.signed_up\"}"
            })
    void refusesWhatIsNoJsonObject(String value) {
        assertThatThrownBy(() -> reader.read(value.getBytes(UTF_8), EventHeaders.NONE))
                .isInstanceOf(InvalidEventException.class);
    }

    @Test
    void refusesANullValue() {
        assertThatThrownBy(() -> reader.peekType(null, EventHeaders.NONE))
                .isInstanceOf(InvalidEventException.class)
                .hasMessage("the value is null");
    }

    @Test
    void refusesInvalidUtf8() {
        byte[] value = "{\"id\":\"??\",\"type\":\"user.verified\"}".getBytes(UTF_8);
        value[7] = (byte) 0xC3;
        value[8] = (byte) 0x28;

        assertThatThrownBy(() -> reader.read(value, EventHeaders.NONE))
                .isInstanceOf(InvalidEventException.class)
                .hasMessageContaining("parsing failed at line 1");
    }

    @Test
    void refusesDepthsThatCouldExhaustTheStack() {
        byte[] value = ("{\"id\":" + "[".repeat(10_000)).getBytes(UTF_8);

        assertThatThrownBy(() -> reader.peekType(value, EventHeaders.NONE)).isInstanceOf(InvalidEventException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1e999999", "-1e999999", "123456789012345678901234567890", "1e3", "0.5", "true"})
    void refusesNumbersThatNoColumnTakes(String number) {
        byte[] value = Events.json(Events.any(EventType.CAMPAIGN_MILESTONE_REACHED), e -> {})
                .toString()
                .replace("1000", number)
                .getBytes(UTF_8);

        assertThatThrownBy(() -> reader.read(value, EventHeaders.NONE))
                .isInstanceOf(InvalidEventException.class)
                .hasMessageContaining("data.participant_count");
    }

    @Test
    void refusesWhatIsLongerThanABrokerTakesUncompressed() {
        byte[] value = Events.json(Events.any(EventType.USER_VERIFIED), e -> e.put("type", "user.verified"))
                .toString()
                .concat(" ".repeat(1024 * 1024))
                .getBytes(UTF_8);

        assertThatThrownBy(() -> reader.peekType(value, EventHeaders.NONE))
                .isInstanceOf(InvalidEventException.class)
                .hasMessageContaining("at most 1048576 are allowed");
    }

    @Test
    void refusesMoreValuesThanTheHeapShouldHold() {
        byte[] value = ("{\"x\":[" + "{},".repeat(300_000) + "{}]}").getBytes(UTF_8);

        assertThatThrownBy(() -> reader.read(value, EventHeaders.NONE))
                .isInstanceOf(InvalidEventException.class)
                .hasMessageContaining("too many values");
    }

    /** A consumer goes on after an {@link InvalidEventException}, and after nothing else; a table takes what a reader lets through. */
    @Test
    void whateverTheBytesAreAnEventIsReadOrTheValueIsInvalid() {
        List<EventType> types = List.of(EventType.values());
        Random random = new Random(11);
        int read = 0;
        for (int i = 0; i < 20_000; i++) {
            EventType type = types.get(i % types.size());
            byte[] value =
                    mutated(Events.json(Events.any(type), e -> {}).toString().getBytes(UTF_8), random);
            try {
                reader.peekType(value, EventHeaders.NONE);
                DomainEvent event = reader.read(value, EventHeaders.NONE);
                read++;
                assertThat(event.idempotencyKey().getBytes(UTF_8).length).isLessThan(1000);
                assertThat(EventJson.mapper().valueToTree(event).toString()).doesNotContain("\\u0000");
            } catch (InvalidEventException e) {
                assertThat(e.getMessage()).isNotBlank();
            }
        }
        assertThat(read).as("mutations that left an event").isGreaterThan(100);
    }

    /** One to four bytes are changed, inserted, or left out from there on. */
    private static byte[] mutated(byte[] value, Random random) {
        byte[] mutated = value;
        for (int changes = random.nextInt(4); changes >= 0; changes--) {
            int at = random.nextInt(mutated.length);
            byte noise = (byte)
                    (random.nextBoolean() ? random.nextInt(256) : SYNTAX.charAt(random.nextInt(SYNTAX.length())));
            switch (random.nextInt(8)) {
                case 0 -> mutated = Arrays.copyOf(mutated, Math.max(1, at));
                case 1, 2 -> {
                    byte[] longer = Arrays.copyOf(mutated, mutated.length + 1);
                    System.arraycopy(mutated, at, longer, at + 1, mutated.length - at);
                    longer[at] = noise;
                    mutated = longer;
                }
                default -> mutated[at] = noise;
            }
        }
        return mutated;
    }

    @Test
    void peeksAtTheTypeWithoutReadingWhatFollowsIt() throws Exception {
        byte[] value = "{\"id\":{\"type\":\"inner\"},\"type\":\"cart.emptied\",\"data\":broken".getBytes(UTF_8);

        assertThat(reader.peekType(value, EventHeaders.NONE)).contains("cart.emptied");
    }

    @Test
    void neverRepeatsTheValueThatIsWrong() {
        ObjectNode json = Events.json(Events.any(EventType.USER_SIGNED_UP), e -> data(e).put("email", "secret person"));

        assertThatThrownBy(() -> reader.read(json, EventHeaders.NONE)).hasMessageNotContaining("secret");
    }

    private static ObjectNode data(ObjectNode event) {
        return (ObjectNode) event.get("data");
    }

    /** Jackson reports it as a programming error: a reader that let that through would read the record for ever. */
    @Test
    void aNumberBeyondAllThatJavaHoldsIsRefused() {
        assertThatThrownBy(
                        () -> new EventReader().read("{\"id\":1e5555555555555555}".getBytes(UTF_8), EventHeaders.NONE))
                .isInstanceOf(InvalidEventException.class)
                .hasMessageContaining("the value is not valid JSON");
    }
}
