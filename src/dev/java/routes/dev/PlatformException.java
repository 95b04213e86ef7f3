package routes.dev;

import org.jspecify.annotations.Nullable;

/** The platform cannot start. The message says in a sentence why, and what to do about it. */
public final class PlatformException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    PlatformException(String message) {
        this(message, null);
    }

    PlatformException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
