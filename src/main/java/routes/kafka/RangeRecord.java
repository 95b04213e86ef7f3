package routes.kafka;

import org.jspecify.annotations.Nullable;
import routes.event.DomainEvent;

/**
 * A record of a range, as a group reads it.
 *
 * @param offset its offset in the partition
 * @param event the event; null if the group does not handle its type, or if it is unreadable
 * @param unreadable whether it cannot be read as an event
 */
public record RangeRecord(long offset, @Nullable DomainEvent event, boolean unreadable) {

    static RangeRecord of(long offset, DomainEvent event) {
        return new RangeRecord(offset, event, false);
    }

    static RangeRecord passedOver(long offset) {
        return new RangeRecord(offset, null, false);
    }

    static RangeRecord unreadable(long offset) {
        return new RangeRecord(offset, null, true);
    }
}
