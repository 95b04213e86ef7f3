package routes.delivery;

import java.util.UUID;
import org.jspecify.annotations.Nullable;
import routes.event.DomainEvent;

/**
 * One thing that a consumer group has to do once: a row of the ledger, in the hands of this instance.
 *
 * @param id the row; it also names the delivery to the outside, the same over all attempts
 * @param group the consumer group
 * @param recipient the person, when one event has several deliveries; else empty
 * @param event what happened
 * @param attempt the attempt under way, from 1; 0 before the first has begun
 * @param tries the attempts since the schedule of retries began, this one included; an operator can begin it anew
 * @param lease the number of the lease under which this instance holds it. An outcome counts under that lease alone.
 * @param forced whether it is to be carried out though it was done before: somebody asked for a replay by force
 * @param young whether a row of which its event speaks may still be missing, because the event came before its transaction's commit
 * @param lane the receiver that it is for, where receivers are served {@linkplain Lanes each at its own pace}; null as long as that is not
 *     known, and where there is none
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

    /** The same, in the lane of its receiver, or in none. */
    public Delivery in(@Nullable String itsLane) {
        return new Delivery(id, group, recipient, event, attempt, tries, lease, forced, young, itsLane);
    }

    /** What it means that there is no row of which its event speaks: while it is young, not yet; after that there is none. */
    public DeliveryException missing(String reason) {
        return young
                ? new DeliveryException.Transient(reason, null, null, null)
                : new DeliveryException.Permanent(reason);
    }

    Delivery begun(int attempt, int tries, boolean young) {
        return new Delivery(id, group, recipient, event, attempt, tries, lease, forced, young, lane);
    }
}
