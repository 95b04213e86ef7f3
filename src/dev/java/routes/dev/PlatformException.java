package routes.dev;

import org.jspecify.annotations.Nullable;

/** The platform cannot start. The message says in a sentence why, and what to do about it. */
public final class PlatformException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What to do about data that a server, or this version of the service, cannot use. */
    static final String RESET = "To start without the data from before: -Dplatform.reset=true";

    PlatformException(String message) {
        this(message, null);
    }

    PlatformException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
