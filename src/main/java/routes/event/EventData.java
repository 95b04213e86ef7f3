package routes.event;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import org.jspecify.annotations.Nullable;

/** The data of an event: one record per type, with the fields of the specification. */
@JsonNaming(SnakeCaseStrategy.class)
public sealed interface EventData {

    /** The type of the events that carry this data. */
    @JsonIgnore
    default EventType type() {
        return EventType.of(this);
    }

    /** The campaign in which it happened. */
    String campaignId();

    /** What happened, in terms of the domain and without the event's own id: the same fact published under two ids is one fact. */
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

    /** A person referred another, who is not verified yet. */
    record ReferralCreated(String referralId, String referrerId, String referredId, String campaignId)
            implements EventData {
        /** All that names the referral: an event that names a wrong referrer must not pass for the right one. */
        @Override
        public String subject() {
            return referralId + "/" + campaignId + "/" + referrerId;
        }
    }

    /**
     * The referred person was verified, and the referrer moves up.
     *
     * @param pointsPerReferral how many places a referral is worth, according to the publisher; null if not given
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
        /** All that names the reward: an event with another's id must not pass for the one that is still to come. */
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
