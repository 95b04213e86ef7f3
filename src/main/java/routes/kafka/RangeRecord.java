package routes.kafka;

import org.jspecify.annotations.Nullable;
import routes.event.DomainEvent;

/**
 * A record of a range, as a group reads it.
 *
 * @param offset where in its partition it lies
 * @param event the event; null when it is of a type that the group does not handle, or not an event
 * @param unreadable whether it is not an event
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
