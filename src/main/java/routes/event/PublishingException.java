package routes.event;

import org.springframework.core.NestedExceptionUtils;

/** Kafka did not acknowledge all events. Some may have been written anyway: publish all of them again, consumers recognize duplicates. */
public final class PublishingException extends RuntimeException {

    PublishingException(String message, Throwable cause) {
        super(message, cause);
    }

    /** Has the message of the root cause. */
    public static PublishingException because(Throwable failure) {
        Throwable cause = NestedExceptionUtils.getMostSpecificCause(failure);
        String reason = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        return new PublishingException("Kafka did not acknowledge the events: " + reason, failure);
    }
}
