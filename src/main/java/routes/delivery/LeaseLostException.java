package routes.delivery;

import java.io.Serial;
import java.util.UUID;

/** This instance no longer holds a delivery: it was silent for too long, and another has taken it over. */
public final class LeaseLostException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1;

    LeaseLostException(UUID delivery) {
        super("Another instance has taken over delivery " + delivery);
    }
}
