package routes.delivery;

import routes.event.DomainEvent;

/** Takes the events that the database refuses because it cannot store something in them. A retry would not help. */
@FunctionalInterface
public interface RejectionHandler {

    /**
     * An event is not in the ledger and never will be.
     *
     * @param event as it was passed to the ledger
     * @param reason the database's message, with mail addresses masked
     */
    void refused(DomainEvent event, String reason);
}
