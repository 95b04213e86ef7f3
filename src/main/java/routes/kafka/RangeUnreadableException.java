package routes.kafka;

import org.jspecify.annotations.Nullable;

/** A range that cannot be read, and will not be by itself: the message says why. All else is worth another try. */
public final class RangeUnreadableException extends RuntimeException {

    RangeUnreadableException(String message) {
        this(message, null);
    }

    RangeUnreadableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
