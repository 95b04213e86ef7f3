package routes.delivery;

import java.time.Duration;
import java.util.Optional;
import org.apache.camel.util.ObjectHelper;
import org.jspecify.annotations.Nullable;
import routes.background.Masking;

/**
 * How an attempt ended.
 *
 * @param status what becomes of the delivery; {@link DeliveryStatus#DUE} asks for another attempt by the schedule
 * @param reason why, in words for an operator; null where the status says it all
 * @param toOthers the same in words that tenants may read, too: without addresses, names and errors of the inside
 * @param code what the remote side answered, such as an SMTP or an HTTP code
 * @param retryAfter how long the remote side asked to be left alone, at least
 * @param waitsFor what kept the attempt from taking place, a dependency that was away or a hold; else null
 * @param tried whether the attempt took place; if not, it does not count, and the delivery is due after {@code retryAfter}
 */
public record Outcome(
        DeliveryStatus status,
        @Nullable String reason,
        @Nullable String toOthers,
        @Nullable String code,
        @Nullable Duration retryAfter,
        @Nullable String waitsFor,
        boolean tried) {

    /** What tenants read where the reason is not for them. */
    static final String UNSAID = "an error, which the service's operator can see";

    /** An attempt that took place, with a reason that is for everybody. */
    public Outcome(
            DeliveryStatus status, @Nullable String reason, @Nullable String code, @Nullable Duration retryAfter) {
        this(status, reason, reason, code, retryAfter, null, true);
    }

    /** Done. */
    public static Outcome delivered() {
        return new Outcome(DeliveryStatus.DELIVERED, null, null, null);
    }

    /** Done, with the answer of the remote side, or with what came of it. */
    public static Outcome delivered(@Nullable String reason, @Nullable String code) {
        return new Outcome(DeliveryStatus.DELIVERED, reason, code, null);
    }

    /** Handed to a person. */
    public static Outcome manual(String reason) {
        return new Outcome(DeliveryStatus.MANUAL, reason, null, null);
    }

    /** Handed to a person, after the remote side has answered. */
    public static Outcome manual(String reason, String code) {
        return new Outcome(DeliveryStatus.MANUAL, reason, code, null);
    }

    static Outcome failed(String reason) {
        return new Outcome(DeliveryStatus.FAILED, reason, null, null);
    }

    /** When work is looked at again for which the database had no session, no room or no rights. */
    private static final Duration DATABASE_PAUSE = Duration.ofSeconds(10);

    /**
     * What a failure means for its delivery. One that nobody foresaw is tried again: nothing is given up by accident. Where the
     * database would have refused anything, no attempt is used up; what has reached the world is written down elsewhere, and repeatedly.
     */
    public static Outcome of(Exception failure) {
        return foreseen(failure).orElseGet(() -> {
            boolean tried = !DatabaseErrors.isOfTheServer(failure);
            return unforeseen(failure, tried ? null : DATABASE_PAUSE, tried);
        });
    }

    /**
     * What a failure means where an attempt has taken place: of steps that are not ours nobody knows what they had done before the
     * database refused one.
     */
    public static Outcome ofAttempt(Exception failure) {
        return foreseen(failure).orElseGet(() -> unforeseen(failure, null, true));
    }

    private static Outcome unforeseen(Exception failure, @Nullable Duration pause, boolean tried) {
        return new Outcome(DeliveryStatus.DUE, failure.toString(), UNSAID, null, pause, null, tried);
    }

    private static Optional<Outcome> foreseen(Exception failure) {
        // Camel wraps what a bean throws inside an expression.
        return Optional.ofNullable(ObjectHelper.getException(DeliveryException.class, failure))
                .map(DeliveryException::outcome);
    }

    /** Fit for a row: what a remote side answered may hold what no column takes, and somebody's address. */
    Outcome masked() {
        return new Outcome(status, Masking.mask(reason), Masking.mask(toOthers), code, retryAfter, waitsFor, tried);
    }

    Outcome givenUpAfter(int attempts) {
        String gaveUp = "gave up after %d attempts: ".formatted(attempts);
        return new Outcome(DeliveryStatus.FAILED, gaveUp + reason, gaveUp + toOthers, code, null, null, true);
    }
}
