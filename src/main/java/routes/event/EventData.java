package routes.event;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import org.jspecify.annotations.Nullable;

/** What an event says of its type: one record a type, with the fields of the specification. */
@JsonNaming(SnakeCaseStrategy.class)
public sealed interface EventData {

    /** The type of the events that carry this data. */
    @JsonIgnore
    default EventType type() {
        return EventType.of(this);
    }

    /** The campaign in which it happened. */
    String campaignId();

    /**
     * What happened, in the domain's words and without the event's own id: a producer that says the same thing twice,
     * under two ids, has said it once.
     */
    @JsonIgnore
    String subject();

    /** A person signed up; mail may be sent to {@code email}. */
    record UserSignedUp(String userId, String campaignId, String email) implements EventData {
        @Override
        public String subject() {
            return campaignId + "/" + userId;
        }
    }

    /** A person proved that {@code email} is theirs. */
    record UserVerified(String userId, String campaignId, String email) implements EventData {
        @Override
        public String subject() {
            return campaignId + "/" + userId;
        }
    }

    /** A person brought another, who has not proved to be real yet. */
    record ReferralCreated(String referralId, String referrerId, String referredId, String campaignId)
            implements EventData {
        /** All that names the referral: an event that names a wrong referrer must not pass for the right one. */
        @Override
        public String subject() {
            return referralId + "/" + campaignId + "/" + referrerId;
        }
    }

    /**
     * The person who was brought proved to be real, and the referrer moves up.
     *
     * @param pointsPerReferral places that a referral is worth, as the publisher saw it; null when it did not say
     */
    record ReferralVerified(
            String referralId,
            String referrerId,
            String referredId,
            String campaignId,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            Integer pointsPerReferral)
            implements EventData {
        /** All that names the referral: an event that names a wrong referrer must not pass for the right one. */
        @Override
        public String subject() {
            return referralId + "/" + campaignId + "/" + referrerId;
        }
    }

    /** A person earned a reward, which {@code userRewardId} names. */
    record RewardEarned(String userRewardId, String userId, String campaignId, String rewardId) implements EventData {
        /** All that names the reward: an event that names another's must not pass for the one that is still to come. */
        @Override
        public String subject() {
            return userRewardId + "/" + campaignId + "/" + userId + "/" + rewardId;
        }
    }

    /** A campaign reached a milestone, such as {@code 1000_participants}. */
    record CampaignMilestoneReached(String campaignId, String milestone, int participantCount) implements EventData {
        @Override
        public String subject() {
            return campaignId + "/" + milestone;
        }
    }
}
