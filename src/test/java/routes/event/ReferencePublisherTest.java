package routes.event;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import routes.event.EventData.CampaignMilestoneReached;
import routes.event.EventData.ReferralCreated;
import routes.event.EventData.ReferralVerified;
import routes.event.EventData.RewardEarned;
import routes.event.EventData.UserSignedUp;
import routes.event.EventData.UserVerified;

/**
 * What the reference publisher writes, which is Go: encoding/json gives the envelope's fields in the order of the struct and those of
 * data, a map, by name; a time.Time is RFC 3339 with as many digits as it needs; &amp;, &lt; and &gt; are escaped. And its consumers, who
 * decode into the same struct, read what is written here.
 */
class ReferencePublisherTest {

    private static final String ENVELOPE = """
            {"id":"550e8400-e29b-41d4-a716-446655440000","type":"%s","account_id":"c1","campaign_id":"c1","data":%s,\
            "timestamp":"2025-01-01T12:00:00.123456789Z"}""";

    private final EventReader reader = new EventReader();
    private final EventWriter writer = new EventWriter(reader);

    static Stream<Arguments> events() {
        return Stream.of(
                Arguments.of("""
                        {"campaign_id":"c1","email":"a\\u0026b@example.com","user_id":"u1"}""", new UserSignedUp("u1", "c1", "a&b@example.com")),
                Arguments.of("""
                        {"campaign_id":"c1","email":"user@example.com","user_id":"u1"}""", new UserVerified("u1", "c1", "user@example.com")),
                Arguments.of("""
                        {"campaign_id":"c1","referral_id":"r1","referred_id":"u2","referrer_id":"u1"}""", new ReferralCreated("r1", "u1", "u2", "c1")),
                Arguments.of("""
                        {"campaign_id":"c1","points_per_referral":1,"referral_id":"r1","referred_id":"u2","referrer_id":"u1"}""", new ReferralVerified("r1", "u1", "u2", "c1", 1)),
                Arguments.of("""
                        {"campaign_id":"c1","reward_id":"w1","user_id":"u1","user_reward_id":"e1"}""", new RewardEarned("e1", "u1", "c1", "w1")),
                Arguments.of("""
                        {"campaign_id":"c1","milestone":"\\u003e1000 \\u0026 more","participant_count":1000}""", new CampaignMilestoneReached("c1", ">1000 & more", 1000)));
    }

    @ParameterizedTest
    @MethodSource("events")
    void itsEventsAreReadUnchanged(String data, EventData expected) throws Exception {
        String json = ENVELOPE.formatted(expected.type().value(), data);

        assertThat(reader.read(json.getBytes(UTF_8), EventHeaders.NONE))
                .isEqualTo(new DomainEvent(
                        "550e8400-e29b-41d4-a716-446655440000",
                        "c1",
                        expected,
                        Instant.parse("2025-01-01T12:00:00.123456789Z")));
        assertThat(Contract.schema("event").validate(EventJson.mapper().readTree(json)))
                .isEmpty();
    }

    /** time.RFC3339Nano leaves out zeros at the end, and has the offset of the machine. */
    @ParameterizedTest
    @CsvSource({
        "2025-01-01T12:00:00Z, 2025-01-01T12:00:00Z",
        "2025-01-01T12:00:00.1Z, 2025-01-01T12:00:00.1Z",
        "2025-01-01T12:00:00.123456Z, 2025-01-01T12:00:00.123456Z",
        "2025-01-01T14:00:00.5+02:00, 2025-01-01T12:00:00.5Z",
        "2025-01-01T06:30:00-05:30, 2025-01-01T12:00:00Z"
    })
    void itsTimesAreRead(String written, Instant expected) throws Exception {
        String json = Events.json(Events.any(EventType.USER_VERIFIED), event -> event.put("timestamp", written))
                .toString();

        assertThat(reader.read(json.getBytes(UTF_8), EventHeaders.NONE).timestamp())
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @EnumSource(EventType.class)
    void itsConsumersFindEveryFieldUnderItsNameAndOfItsType(EventType type) throws Exception {
        JsonNode written = EventJson.mapper().readTree(writer.write(Events.any(type)));

        assertThat(types(written))
                .isEqualTo(Map.of(
                        "id", "STRING",
                        "type", "STRING",
                        "account_id", "STRING",
                        "campaign_id", "STRING",
                        "data", "OBJECT",
                        "timestamp", "STRING"));
        assertThat(types(written.path("data")))
                .isEqualTo(
                        switch (type) {
                            case USER_SIGNED_UP, USER_VERIFIED ->
                                Map.of("user_id", "STRING", "campaign_id", "STRING", "email", "STRING");
                            case REFERRAL_CREATED ->
                                Map.of(
                                        "referral_id", "STRING",
                                        "referrer_id", "STRING",
                                        "referred_id", "STRING",
                                        "campaign_id", "STRING");
                            case REFERRAL_VERIFIED ->
                                Map.of(
                                        "referral_id", "STRING",
                                        "referrer_id", "STRING",
                                        "referred_id", "STRING",
                                        "campaign_id", "STRING",
                                        "points_per_referral", "NUMBER");
                            case REWARD_EARNED ->
                                Map.of(
                                        "user_reward_id", "STRING",
                                        "user_id", "STRING",
                                        "campaign_id", "STRING",
                                        "reward_id", "STRING");
                            case CAMPAIGN_MILESTONE_REACHED ->
                                Map.of("campaign_id", "STRING", "milestone", "STRING", "participant_count", "NUMBER");
                        });
    }

    /** time.Time takes RFC 3339 alone, with seconds; int takes no 1000.0. */
    @Test
    void itsTypesTakeWhatIsWritten() throws Exception {
        for (String time : new String[] {"2025-01-01T12:00:00Z", "2025-01-01T12:00:00.000000001Z"}) {
            DomainEvent event =
                    new DomainEvent("e1", "c1", new CampaignMilestoneReached("c1", "m", 1000), Instant.parse(time));

            assertThat(new String(writer.write(event), UTF_8)).isEqualTo("""
                            {"id":"e1","type":"campaign.milestone_reached","account_id":"c1","campaign_id":"c1",\
                            "data":{"campaign_id":"c1","milestone":"m","participant_count":1000},"timestamp":"%s"}""".formatted(time));
        }
    }

    private static Map<String, String> types(JsonNode object) {
        Map<String, String> types = new TreeMap<>();
        object.properties()
                .forEach(field ->
                        types.put(field.getKey(), field.getValue().getNodeType().name()));
        return types;
    }
}
