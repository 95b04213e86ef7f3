package routes.delivery;

import java.util.UUID;
import org.jspecify.annotations.Nullable;
import routes.event.DomainEvent;

/**
 * One thing that a consumer group has to do once: a row of the ledger, leased to this instance.
 *
 * @param id the row; receivers also know the delivery by it, the same for all attempts
 * @param group the consumer group
 * @param recipient the person, when one event has several deliveries; else empty
 * @param event what happened
 * @param attempt the attempt in progress, from 1; 0 before the first has begun
 * @param tries the attempts since the retry schedule began, including this one; an operator can restart the schedule
 * @param lease the number of the lease under which this instance holds it. An outcome counts only under that lease.
 * @param forced whether to process it even if it was done before, because an operator forced a replay
 * @param young whether a row that its event refers to may still be missing, because the event arrived before its transaction's commit
 * @param lane its receiver, where receivers are served {@linkplain Lanes each at its own pace}; null if that is not known yet, or if it
 *     has no such receiver
 */
public record Delivery(
        UUID id,
        String group,
        String recipient,
        DomainEvent event,
        int attempt,
        int tries,
        int lease,
        boolean forced,
        boolean young,
        @Nullable String lane) {

    /** A delivery that waits for its next attempt. */
    static Delivery waiting(
            UUID id,
            String group,
            String recipient,
            DomainEvent event,
            int attempts,
            int lease,
            boolean forced,
            @Nullable String lane) {
        return new Delivery(id, group, recipient, event, attempts, 0, lease, forced, false, lane);
    }

    /** The event's type, as routes branch on it. */
    public String type() {
        return event.type().value();
    }

    /** The same, in the lane of its receiver, or without a lane. */
    public Delivery in(@Nullable String itsLane) {
        return new Delivery(id, group, recipient, event, attempt, tries, lease, forced, young, itsLane);
    }

    /** The failure when a row that its event refers to is missing: transient while the delivery is young, permanent after that. */
    public DeliveryException missing(String reason) {
        return young
                ? new DeliveryException.Transient(reason, null, null, null)
                : new DeliveryException.Permanent(reason);
    }

    Delivery begun(int attempt, int tries, boolean young) {
        return new Delivery(id, group, recipient, event, attempt, tries, lease, forced, young, lane);
    }
}
