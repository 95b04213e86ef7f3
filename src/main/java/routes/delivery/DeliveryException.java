package routes.delivery;

import java.io.Serial;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Why an effect did not come about, in a way that decides what becomes of its delivery. */
public abstract sealed class DeliveryException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1;

    private final @Nullable String code;

    private DeliveryException(String reason, @Nullable String code, @Nullable Throwable cause) {
        super(reason, cause);
        this.code = code;
    }

    /** What becomes of the delivery. */
    Outcome outcome() {
        return new Outcome(status(), getMessage(), code, retryAfter());
    }

    abstract DeliveryStatus status();

    @Nullable
    Duration retryAfter() {
        return null;
    }

    /** There is nothing to do, and rightly so: a person who left, a reward that was delivered before. */
    public static final class Skipped extends DeliveryException {
        @Serial
        private static final long serialVersionUID = 1;

        /** Says why, to an operator. */
        public Skipped(String reason) {
            super(reason, null, null);
        }

        @Override
        DeliveryStatus status() {
            return DeliveryStatus.SKIPPED;
        }
    }

    /** It cannot succeed by being tried again: a missing row, an address that the server refuses for good. */
    public static final class Permanent extends DeliveryException {
        @Serial
        private static final long serialVersionUID = 1;

        /** Says why, to an operator. */
        public Permanent(String reason) {
            super(reason, null, null);
        }

        /** Says why, with the answer of the remote side. */
        public Permanent(String reason, @Nullable String code, @Nullable Throwable cause) {
            super(reason, code, cause);
        }

        @Override
        DeliveryStatus status() {
            return DeliveryStatus.FAILED;
        }
    }

    /** It was not tried: a dependency that many deliveries share is away. It is tried as soon as that is back. */
    public static final class Waiting extends DeliveryException {
        @Serial
        private static final long serialVersionUID = 1;

        private final String dependency;

        Waiting(String dependency, @Nullable String because) {
            super("not tried: %s is away%s".formatted(dependency, because == null ? "" : ": " + because), null, null);
            this.dependency = dependency;
        }

        @Override
        Outcome outcome() {
            return new Outcome(status(), getMessage(), null, null, dependency, false);
        }

        @Override
        DeliveryStatus status() {
            return DeliveryStatus.DUE;
        }
    }

    /** It was not tried, since its time has not come yet. No attempt is used up. */
    public static final class Later extends DeliveryException {
        @Serial
        private static final long serialVersionUID = 1;

        private final Duration wait;

        /**
         * Says why, to an operator.
         *
         * @param wait until it is looked at again
         */
        public Later(String reason, Duration wait) {
            super(reason, null, null);
            this.wait = wait;
        }

        @Override
        Outcome outcome() {
            return new Outcome(status(), getMessage(), null, wait, null, false);
        }

        @Override
        DeliveryStatus status() {
            return DeliveryStatus.DUE;
        }
    }

    /** It may succeed later: the remote side is away, busy or in trouble. */
    public static final class Transient extends DeliveryException {
        @Serial
        private static final long serialVersionUID = 1;

        private final @Nullable Duration retryAfter;

        /**
         * Says why, with the answer of the remote side.
         *
         * @param retryAfter how long the remote side asked to be left alone; null when it did not
         */
        public Transient(
                String reason, @Nullable String code, @Nullable Duration retryAfter, @Nullable Throwable cause) {
            super(reason, code, cause);
            this.retryAfter = retryAfter;
        }

        @Override
        DeliveryStatus status() {
            return DeliveryStatus.DUE;
        }

        @Override
        @Nullable
        Duration retryAfter() {
            return retryAfter;
        }
    }
}
