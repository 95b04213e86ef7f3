package routes.webhook;

import java.io.InterruptedIOException;
import java.time.Duration;

/** A webhook call timed out. */
final class WebhookTimeoutException extends InterruptedIOException {

    /** What was waited for. Before {@link #ANSWER} nothing was sent, and the words say that there was no connection. */
    enum Step {
        /** A connection, including the lookup of the host's addresses. */
        CONNECT("no connection to the receiver after %d s"),
        /** The TLS handshake. */
        TLS("no connection to the receiver after %d s: its TLS handshake had not finished"),
        /** The head of the answer; 103 and its kin (RFC 9110, section 15.2) only announce it. */
        ANSWER("the receiver timed out after %d s: it had not answered"),
        /** The rest of the answer. */
        END("the receiver timed out after %d s: its answer was not complete");

        private final String words;

        Step(String words) {
            this.words = words;
        }
    }

    WebhookTimeoutException(Step step, Duration limit, Throwable cause) {
        super(step.words.formatted(limit.toSeconds()));
        initCause(cause);
    }

    /** What timed out, and after how long. */
    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }
}
