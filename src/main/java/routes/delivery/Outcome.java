package routes.delivery;

import java.time.Duration;
import java.util.Optional;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.util.ObjectHelper;
import org.jspecify.annotations.Nullable;
import routes.background.Masking;

/**
 * How an attempt ended.
 *
 * @param status the delivery's new status; {@link DeliveryStatus#DUE} asks for another attempt by the schedule
 * @param reason why, in words for an operator; null if the status says it all
 * @param toOthers the same in words that tenants may read: without addresses, names and internal errors
 * @param code the code that the remote side answered, of SMTP or HTTP
 * @param retryAfter the minimum time that the remote side asked to wait
 * @param waitsFor what kept the attempt from taking place, a dependency that was down or a hold; else null
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

    /** What tenants read if the reason is not for them. */
    static final String UNSAID = "an error, which the service's operator can see";

    /** An attempt that took place, with a reason that everybody may read. */
    public Outcome(
            DeliveryStatus status, @Nullable String reason, @Nullable String code, @Nullable Duration retryAfter) {
        this(status, reason, reason, code, retryAfter, null, true);
    }

    /** Done. */
    public static Outcome delivered() {
        return new Outcome(DeliveryStatus.DELIVERED, null, null, null);
    }

    /** Done, with the result, or with the answer of the remote side, which only operators see. */
    public static Outcome delivered(@Nullable String reason, @Nullable String code) {
        return new Outcome(DeliveryStatus.DELIVERED, reason, code == null ? reason : null, code, null, null, true);
    }

    /** Handed to a person. */
    public static Outcome manual(String reason) {
        return new Outcome(DeliveryStatus.MANUAL, reason, null, null);
    }

    /** Handed to a person, after the remote side has answered. */
    public static Outcome manual(String reason, String code) {
        return new Outcome(DeliveryStatus.MANUAL, reason, code, null);
    }

    /** What steps left as the body, if it is an outcome; otherwise delivered, since they ran to the end. */
    public static Outcome orDelivered(@Nullable Object left) {
        return left instanceof Outcome outcome ? outcome : delivered();
    }

    /** No attempt took place, and the delivery is due at once: another instance makes it. */
    public static Outcome notTried(String why) {
        return new DeliveryException.Later("not tried: " + why, Duration.ZERO).outcome();
    }

    static Outcome failed(String reason) {
        return new Outcome(DeliveryStatus.FAILED, reason, null, null);
    }

    /** The pause after the database refused work for lack of a session, resources or privileges. */
    private static final Duration DATABASE_PAUSE = Duration.ofSeconds(10);

    /**
     * What a failure means for its delivery. An unforeseen failure is retried, so that nothing is given up by accident. If the database
     * would have refused any work, no attempt is used up; outcomes of effects that have happened do not take this path, and are retried.
     */
    public static Outcome of(Exception failure) {
        return foreseen(failure).orElseGet(() -> {
            boolean tried = !DatabaseErrors.isOfTheServer(failure);
            return unforeseen(failure, tried ? null : DATABASE_PAUSE, tried);
        });
    }

    /**
     * What a failure means if an attempt has taken place: what steps that are not ours had done before the database refused one is
     * unknown.
     */
    public static Outcome ofAttempt(Exception failure) {
        return foreseen(failure).orElseGet(() -> unforeseen(failure, null, true));
    }

    private static Outcome unforeseen(Exception failure, @Nullable Duration pause, boolean tried) {
        // Camel wraps an error, in words that say nothing.
        Throwable said = failure instanceof CamelExecutionException wrapped && wrapped.getCause() != null
                ? wrapped.getCause()
                : failure;
        return new Outcome(DeliveryStatus.DUE, said.toString(), UNSAID, null, pause, null, tried);
    }

    private static Optional<Outcome> foreseen(Exception failure) {
        // Camel wraps what a bean throws inside an expression.
        return Optional.ofNullable(ObjectHelper.getException(DeliveryException.class, failure))
                .map(DeliveryException::outcome);
    }

    /** Safe to store: the answer of a remote side may have characters that no column accepts, and mail addresses. */
    Outcome masked() {
        return new Outcome(status, Masking.mask(reason), Masking.mask(toOthers), code, retryAfter, waitsFor, tried);
    }

    Outcome givenUpAfter(int attempts) {
        String gaveUp = "gave up after %d attempts: ".formatted(attempts);
        return new Outcome(DeliveryStatus.FAILED, gaveUp + reason, gaveUp + toOthers, code, null, null, true);
    }
}
