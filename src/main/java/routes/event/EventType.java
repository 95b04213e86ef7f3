package routes.event;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What can happen in a campaign. The values are the specification's. */
public enum EventType {
    USER_SIGNED_UP("user.signed_up", EventData.UserSignedUp.class),
    USER_VERIFIED("user.verified", EventData.UserVerified.class),
    REFERRAL_CREATED("referral.created", EventData.ReferralCreated.class),
    REFERRAL_VERIFIED("referral.verified", EventData.ReferralVerified.class),
    REWARD_EARNED("reward.earned", EventData.RewardEarned.class),
    CAMPAIGN_MILESTONE_REACHED("campaign.milestone_reached", EventData.CampaignMilestoneReached.class);

    private static final Map<String, EventType> BY_VALUE =
            Arrays.stream(values()).collect(Collectors.toMap(EventType::value, Function.identity()));

    private static final Map<Class<?>, EventType> BY_DATA =
            Arrays.stream(values()).collect(Collectors.toMap(type -> type.data, Function.identity()));

    private final String value;
    private final Class<? extends EventData> data;

    EventType(String value, Class<? extends EventData> data) {
        this.value = value;
        this.data = data;
    }

    /** The type as written in an event, such as {@code user.signed_up}. */
    @JsonValue
    public String value() {
        return value;
    }

    /** The type with this value; empty for a type that this service does not know, which is not an error. */
    public static Optional<EventType> of(String value) {
        return Optional.ofNullable(BY_VALUE.get(value));
    }

    /** The type of the events that carry this data. */
    static EventType of(EventData data) {
        return Objects.requireNonNull(BY_DATA.get(data.getClass()));
    }

    @Override
    public String toString() {
        return value;
    }
}
