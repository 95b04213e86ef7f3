package routes.event;

import java.io.Serial;

/**
 * Kafka did not acknowledge all events. Some may have been written all the same: publish all of them again, since
 * consumers know what they have had.
 */
public final class PublishingException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1;

    PublishingException(String message, Throwable cause) {
        super(message, cause);
    }

    /** Says what the first cause says. */
    public static PublishingException because(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        String reason = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        return new PublishingException("Kafka did not acknowledge the events: " + reason, failure);
    }
}
