package routes.event;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import java.util.UUID;
import java.util.function.Consumer;
import routes.event.EventData.CampaignMilestoneReached;
import routes.event.EventData.ReferralCreated;
import routes.event.EventData.ReferralVerified;
import routes.event.EventData.RewardEarned;
import routes.event.EventData.UserSignedUp;
import routes.event.EventData.UserVerified;

/** Events of the tests. Each is valid and, but for what a test sets, unlike every other. */
public final class Events {

    public static final String CAMPAIGN = "c0ffee00-0000-4000-8000-000000000001";

    private static final Instant TIME = Instant.parse("2026-01-01T12:00:00Z");

    private Events() {}

    public static DomainEvent of(EventData data) {
        return new DomainEvent(id(), "a0000000-0000-4000-8000-000000000001", data, TIME);
    }

    /** An event of this type, about people and rewards that no table knows. */
    public static DomainEvent any(EventType type) {
        return of(
                switch (type) {
                    case USER_SIGNED_UP -> new UserSignedUp(id(), CAMPAIGN, email());
                    case USER_VERIFIED -> new UserVerified(id(), CAMPAIGN, email());
                    case REFERRAL_CREATED -> new ReferralCreated(id(), id(), id(), CAMPAIGN);
                    case REFERRAL_VERIFIED -> new ReferralVerified(id(), id(), id(), CAMPAIGN, 1);
                    case REWARD_EARNED -> new RewardEarned(id(), id(), CAMPAIGN, id());
                    case CAMPAIGN_MILESTONE_REACHED -> new CampaignMilestoneReached(CAMPAIGN, id(), 1000);
                });
    }

    public static DomainEvent signedUp(String email) {
        return of(new UserSignedUp(id(), CAMPAIGN, email));
    }

    /** The event as JSON, with a change. */
    public static ObjectNode json(DomainEvent event, Consumer<ObjectNode> change) {
        ObjectNode json = EventJson.mapper().valueToTree(event);
        change.accept(json);
        return json;
    }

    /** A reader on a machine with this clock. */
    public static EventReader reader(InstantSource clock) {
        return new EventReader(clock);
    }

    public static String id() {
        return UUID.randomUUID().toString();
    }

    public static String email() {
        return "p%s@example.com".formatted(UUID.randomUUID().toString().toLowerCase(Locale.ROOT));
    }
}
