package routes.deadletter;

import java.io.Serial;
import org.springframework.http.HttpStatus;
import org.springframework.web.server.ResponseStatusException;

/** Kafka did not give out dead letters in time (HTTP 503). */
public final class LettersUnavailableException extends ResponseStatusException {

    @Serial
    private static final long serialVersionUID = 1;

    LettersUnavailableException(String message, Throwable cause) {
        super(HttpStatus.SERVICE_UNAVAILABLE, message, cause);
    }
}
