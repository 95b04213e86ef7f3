package routes.delivery;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Why an effect did not happen. The subclass decides what happens to the delivery. */
public abstract sealed class DeliveryException extends RuntimeException {

    private final DeliveryStatus status;
    private final @Nullable String code;
    private final @Nullable Duration wait;
    private final @Nullable String waitsFor;
    private final boolean tried;
    private @Nullable String toOthers;

    /** The parameters are those of {@link Outcome}. */
    private DeliveryException(
            DeliveryStatus status,
            String reason,
            @Nullable String code,
            @Nullable Duration wait,
            @Nullable String waitsFor,
            boolean tried,
            @Nullable Throwable cause) {
        super(reason, cause);
        this.status = status;
        this.code = code;
        this.wait = wait;
        this.waitsFor = waitsFor;
        this.tried = tried;
    }

    /** What happens to the delivery. */
    Outcome outcome() {
        return new Outcome(status, getMessage(), plain(), code, wait, waitsFor, tried);
    }

    /** Sets the reason that tenants may read: without addresses, names and internal errors. */
    public DeliveryException toOthers(String words) {
        toOthers = words;
        return this;
    }

    /** A reason that quotes a remote side or an exception is for operators only. */
    private @Nullable String plain() {
        if (toOthers != null) {
            return toOthers;
        }
        if (code != null) {
            return "the other side answered " + code;
        }
        return getCause() == null ? getMessage() : Outcome.UNSAID;
    }

    /** There is nothing to do, as intended: the person has left, or the reward was delivered before. */
    public static final class Skipped extends DeliveryException {

        /** Says why, to an operator. */
        public Skipped(String reason) {
            this(reason, null);
        }

        /**
         * Says that the application has taken a reward back.
         *
         * @param code the word for it in the reward's row
         */
        public Skipped(String reason, @Nullable String code) {
            super(DeliveryStatus.SKIPPED, reason, code, null, null, true, null);
            toOthers(reason);
        }
    }

    /** A retry cannot succeed: a row is missing, or the server refuses the address permanently. */
    public static final class Permanent extends DeliveryException {

        /** Says why, to an operator. */
        public Permanent(String reason) {
            this(reason, null, null);
        }

        /** Says why, with the answer of the remote side. */
        public Permanent(String reason, @Nullable String code, @Nullable Throwable cause) {
            super(DeliveryStatus.FAILED, reason, code, null, null, true, cause);
        }
    }

    /** It was not tried because a shared dependency is down. It is tried once that is back. */
    public static final class Waiting extends DeliveryException {

        Waiting(String dependency, @Nullable String because) {
            super(
                    DeliveryStatus.DUE,
                    "not tried: %s is down%s".formatted(dependency, because == null ? "" : ": " + because),
                    null,
                    null,
                    dependency,
                    false,
                    null);
        }
    }

    /** It was not tried because it is not time yet. No attempt is used up. */
    public static final class Later extends DeliveryException {

        /**
         * Says why, to an operator.
         *
         * @param wait how long until it is due again
         */
        public Later(String reason, Duration wait) {
            super(DeliveryStatus.DUE, reason, null, wait, null, false, null);
        }
    }

    /** It is held, and was not tried. No attempt is used up. */
    public static final class Held extends DeliveryException {

        /** What a held delivery waits for, as the ledger has it. */
        public static final String WAITS_FOR = "hold";

        /**
         * Says until when, or by whom, to an operator.
         *
         * @param wait the time until it is checked again
         */
        public Held(String reason, Duration wait) {
            super(DeliveryStatus.DUE, reason, null, wait, WAITS_FOR, false, null);
        }
    }

    /** It may succeed later: the remote side is down, busy or failing. */
    public static final class Transient extends DeliveryException {

        /**
         * Says why, with the answer of the remote side.
         *
         * @param retryAfter how long the remote side asked to wait; null if it did not
         */
        public Transient(
                String reason, @Nullable String code, @Nullable Duration retryAfter, @Nullable Throwable cause) {
            super(DeliveryStatus.DUE, reason, code, retryAfter, null, true, cause);
        }
    }
}
