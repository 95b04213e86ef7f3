package routes.replay;

/** What is asked of a replay must not be done as things stand; the message says why. */
public final class ReplayRefusedException extends Exception {

    ReplayRefusedException(String message) {
        super(message);
    }
}
