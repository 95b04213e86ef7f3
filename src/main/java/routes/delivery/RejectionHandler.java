package routes.delivery;

import routes.event.DomainEvent;

/** Takes the events that the database refuses, for something in them that it cannot store. Trying again would not help. */
@FunctionalInterface
public interface RejectionHandler {

    /**
     * An event is in no row and never will.
     *
     * @param event as it was given to the ledger
     * @param reason what the database says, without the names of mail addresses
     */
    void refused(DomainEvent event, String reason);
}
