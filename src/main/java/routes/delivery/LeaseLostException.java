package routes.delivery;

import java.io.Serial;
import java.util.UUID;

/** A delivery is no longer this worker's: another instance has taken it over, or it was begun before. */
public final class LeaseLostException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1;

    /** Names the delivery. */
    public LeaseLostException(UUID delivery) {
        super("Delivery %s was taken over or begun before".formatted(delivery));
    }
}
