package routes.replay;

import java.io.Serial;

/** What is asked of a replay must not be done as things stand; the message says why. */
public final class ReplayRefusedException extends Exception {

    @Serial
    private static final long serialVersionUID = 1;

    ReplayRefusedException(String message) {
        super(message);
    }
}
