package routes.delivery;

import java.util.UUID;

/** A worker no longer holds a delivery: another instance has taken it over, or its attempt has already begun. */
public final class LeaseLostException extends RuntimeException {

    /** Names the delivery. */
    public LeaseLostException(UUID delivery) {
        super("Delivery %s was taken over, or its attempt has already begun".formatted(delivery));
    }
}
