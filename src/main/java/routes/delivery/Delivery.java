package routes.delivery;

import java.util.UUID;
import routes.event.DomainEvent;

/**
 * One thing that a consumer group has to do once: a row of the ledger, in the hands of this instance.
 *
 * @param id the row; it also names the delivery to the outside, the same over all attempts
 * @param group the consumer group
 * @param recipient the person, when one event has several deliveries; else empty
 * @param event what happened
 * @param attempt the attempt under way, from 1; 0 before the first has begun
 * @param lease the number of the lease under which this instance holds it. An outcome counts under that lease alone.
 */
public record Delivery(UUID id, String group, String recipient, DomainEvent event, int attempt, int lease) {

    /** The event's type, as routes branch on it. */
    public String type() {
        return event.type().value();
    }

    Delivery begun(int attempt) {
        return new Delivery(id, group, recipient, event, attempt, lease);
    }
}
