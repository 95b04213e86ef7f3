package routes.deadletter;

import org.springframework.http.HttpStatus;
import org.springframework.web.server.ResponseStatusException;

/** Kafka did not return the dead letters in time (HTTP 503). */
public final class DeadLettersUnavailableException extends ResponseStatusException {

    DeadLettersUnavailableException(String message, Throwable cause) {
        super(HttpStatus.SERVICE_UNAVAILABLE, message, cause);
    }
}
