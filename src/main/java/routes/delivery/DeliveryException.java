package routes.delivery;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Why an effect did not come about, in a way that decides what becomes of its delivery. */
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

    /** What becomes of the delivery. */
    Outcome outcome() {
        return new Outcome(status, getMessage(), plain(), code, wait, waitsFor, tried);
    }

    /** Says the reason in words that tenants may read, too: without addresses, names and errors of the inside. */
    public DeliveryException toOthers(String words) {
        toOthers = words;
        return this;
    }

    /** A reason that quotes a remote side or an exception is the operator's alone. */
    private @Nullable String plain() {
        if (toOthers != null) {
            return toOthers;
        }
        if (code != null) {
            return "the other side answered " + code;
        }
        return getCause() == null ? getMessage() : Outcome.UNSAID;
    }

    /** There is nothing to do, and rightly so: a person who left, a reward that was delivered before. */
    public static final class Skipped extends DeliveryException {

        /** Says why, to an operator. */
        public Skipped(String reason) {
            super(DeliveryStatus.SKIPPED, reason, null, null, null, true, null);
        }
    }

    /** It cannot succeed by being tried again: a missing row, an address that the server refuses for good. */
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

    /** It was not tried: a dependency that many deliveries share is away. It is tried as soon as that is back. */
    public static final class Waiting extends DeliveryException {

        Waiting(String dependency, @Nullable String because) {
            super(
                    DeliveryStatus.DUE,
                    "not tried: %s is away%s".formatted(dependency, because == null ? "" : ": " + because),
                    null,
                    null,
                    dependency,
                    false,
                    null);
        }
    }

    /** It was not tried, since its time has not come yet. No attempt is used up. */
    public static final class Later extends DeliveryException {

        /**
         * Says why, to an operator.
         *
         * @param wait until it is looked at again
         */
        public Later(String reason, Duration wait) {
            super(DeliveryStatus.DUE, reason, null, wait, null, false, null);
        }
    }

    /** It was not tried: somebody wants it to wait. No attempt is used up. */
    public static final class Held extends DeliveryException {

        /** What a held delivery waits for, as the ledger has it. */
        public static final String WAITS_FOR = "hold";

        /**
         * Says until when, and who wants it, to an operator.
         *
         * @param wait until it is looked at again
         */
        public Held(String reason, Duration wait) {
            super(DeliveryStatus.DUE, reason, null, wait, WAITS_FOR, false, null);
        }
    }

    /** It may succeed later: the remote side is away, busy or in trouble. */
    public static final class Transient extends DeliveryException {

        /**
         * Says why, with the answer of the remote side.
         *
         * @param retryAfter how long the remote side asked to be left alone; null when it did not
         */
        public Transient(
                String reason, @Nullable String code, @Nullable Duration retryAfter, @Nullable Throwable cause) {
            super(DeliveryStatus.DUE, reason, code, retryAfter, null, true, cause);
        }
    }
}
