package routes.delivery;

import java.util.UUID;

/** A delivery is no longer this worker's: another instance has taken it over, or it was begun before. */
public final class LeaseLostException extends RuntimeException {

    /** Names the delivery. */
    public LeaseLostException(UUID delivery) {
        super("Delivery %s was taken over or begun before".formatted(delivery));
    }
}
