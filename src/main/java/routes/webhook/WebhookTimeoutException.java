package routes.webhook;

import java.io.InterruptedIOException;
import java.time.Duration;

/** A webhook call timed out. */
final class WebhookTimeoutException extends InterruptedIOException {

    /** What was waited for. */
    enum Step {
        /** A connection, including the lookup of the host's addresses. */
        CONNECT("there was no connection to it yet"),
        /** The TLS handshake. */
        TLS("its TLS handshake had not finished"),
        /** The head of the answer; 103 and its kin (RFC 9110, section 15.2) only announce it. */
        ANSWER("it had not answered"),
        /** The rest of the answer. */
        END("its answer was not complete");

        private final String words;

        Step(String words) {
            this.words = words;
        }
    }

    WebhookTimeoutException(Step step, Duration limit, Throwable cause) {
        super("the receiver timed out after %d s: %s".formatted(limit.toSeconds(), step.words));
        initCause(cause);
    }

    /** What timed out, and after how long. */
    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }
}
