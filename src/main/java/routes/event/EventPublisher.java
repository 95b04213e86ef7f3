package routes.event;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import routes.event.EventData.CampaignMilestoneReached;
import routes.event.EventData.ReferralCreated;
import routes.event.EventData.ReferralVerified;
import routes.event.EventData.RewardEarned;
import routes.event.EventData.UserSignedUp;
import routes.event.EventData.UserVerified;

/**
 * Publishes events: one method per type, named as in the specification. Each returns after the brokers have acknowledged the event
 * (acks=all), and throws {@link PublishingException} when they do not, or {@link InvalidEventException} when an argument is invalid.
 */
@Component
public class EventPublisher {

    private final EventChannel channel;

    /** Publishes through a channel. Spring makes one, in this service and where it is embedded. */
    public EventPublisher(EventChannel channel) {
        this.channel = channel;
    }

    /** Publishes {@code user.signed_up}. */
    public Published publishUserSignedUp(String userId, String campaignId, String email) throws InvalidEventException {
        return publish(DomainEvent.now(new UserSignedUp(userId, campaignId, email)));
    }

    /** Publishes {@code user.verified}. */
    public Published publishUserVerified(String userId, String campaignId, String email) throws InvalidEventException {
        return publish(DomainEvent.now(new UserVerified(userId, campaignId, email)));
    }

    /** Publishes {@code referral.created}. */
    public Published publishReferralCreated(String referralId, String referrerId, String referredId, String campaignId)
            throws InvalidEventException {
        return publish(DomainEvent.now(new ReferralCreated(referralId, referrerId, referredId, campaignId)));
    }

    /**
     * Publishes {@code referral.verified}.
     *
     * @param pointsPerReferral how many places a referral is worth; null leaves it to the campaign
     */
    public Published publishReferralVerified(
            String referralId,
            String referrerId,
            String referredId,
            String campaignId,
            @Nullable Integer pointsPerReferral)
            throws InvalidEventException {
        return publish(DomainEvent.now(
                new ReferralVerified(referralId, referrerId, referredId, campaignId, pointsPerReferral)));
    }

    /** Publishes {@code reward.earned}. */
    public Published publishRewardEarned(String userRewardId, String userId, String campaignId, String rewardId)
            throws InvalidEventException {
        return publish(DomainEvent.now(new RewardEarned(userRewardId, userId, campaignId, rewardId)));
    }

    /** Publishes {@code campaign.milestone_reached}. */
    public Published publishCampaignMilestoneReached(String campaignId, String milestone, int participantCount)
            throws InvalidEventException {
        return publish(DomainEvent.now(new CampaignMilestoneReached(campaignId, milestone, participantCount)));
    }

    /** Publishes an event that the caller has created. */
    public Published publish(DomainEvent event) throws InvalidEventException {
        return publish(List.of(event)).get(0);
    }

    /**
     * Publishes events in the order of the list.
     *
     * @return where each was written, in the same order
     */
    public List<Published> publish(List<DomainEvent> events) throws InvalidEventException {
        return channel.write(events);
    }
}
