package routes.kafka;

import org.jspecify.annotations.Nullable;
import routes.event.DomainEvent;

/**
 * A record of a range, as a group reads it.
 *
 * @param offset its offset in the partition
 * @param event the event; null if the group does not handle its type, if it is unreadable, or too late
 * @param unreadable whether it cannot be read as an event
 * @param tooLate whether its timestamp is not before the end of the range, so that it was not read
 */
public record RangeRecord(long offset, @Nullable DomainEvent event, boolean unreadable, boolean tooLate) {}
