package routes.outbox;

import java.util.List;
import java.util.Map;
import routes.event.DomainEvent;

/**
 * The next rows of the outbox.
 *
 * @param ids the rows that are valid events
 * @param events their events, in the same order
 * @param refused why the other rows are not valid events, by id
 * @param full whether there may be more rows
 */
public record OutboxBatch(List<Long> ids, List<DomainEvent> events, Map<Long, String> refused, boolean full) {}
