package routes.outbox;

import java.util.List;
import java.util.Map;
import routes.event.DomainEvent;

/**
 * The next rows of the outbox.
 *
 * @param ids the rows that are events
 * @param events what they say, in the same order
 * @param refused why the other rows are not events, by their ids
 * @param full whether there may be more
 */
public record OutboxBatch(List<Long> ids, List<DomainEvent> events, Map<Long, String> refused, boolean full) {}
