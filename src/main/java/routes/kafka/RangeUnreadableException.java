package routes.kafka;

import org.jspecify.annotations.Nullable;

/** A range that cannot be read, and will not become readable: the message says why. Other exceptions are worth a retry. */
public final class RangeUnreadableException extends RuntimeException {

    RangeUnreadableException(String message) {
        this(message, null);
    }

    RangeUnreadableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
