package routes.deadletter;

/** Kafka did not give out dead letters in time. */
public final class LettersUnavailableException extends RuntimeException {

    LettersUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
