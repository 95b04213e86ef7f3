package routes.deadletter;

import java.io.Serial;

/** Kafka did not give out dead letters in time. */
public final class LettersUnavailableException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1;

    LettersUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
