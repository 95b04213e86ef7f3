package routes.event;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What can happen in a campaign. The values are the specification's. */
public enum EventType {
    USER_SIGNED_UP("user.signed_up"),
    USER_VERIFIED("user.verified"),
    REFERRAL_CREATED("referral.created"),
    REFERRAL_VERIFIED("referral.verified"),
    REWARD_EARNED("reward.earned"),
    CAMPAIGN_MILESTONE_REACHED("campaign.milestone_reached");

    private static final Map<String, EventType> BY_VALUE =
            Arrays.stream(values()).collect(Collectors.toMap(EventType::value, Function.identity()));

    private final String value;

    EventType(String value) {
        this.value = value;
    }

    /** The type as it is in an event, such as {@code user.signed_up}. */
    @JsonValue
    public String value() {
        return value;
    }

    /** The type with this value; empty for a type that this service does not know, which is not an error. */
    public static Optional<EventType> of(String value) {
        return Optional.ofNullable(BY_VALUE.get(value));
    }

    @Override
    public String toString() {
        return value;
    }
}
