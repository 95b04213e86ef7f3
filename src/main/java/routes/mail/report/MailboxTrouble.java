package routes.mail.report;

import java.util.Optional;
import org.apache.camel.Consumer;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.spi.ExceptionHandler;
import org.apache.camel.spi.PollingConsumerPollStrategy;
import org.jspecify.annotations.Nullable;
import routes.background.Trouble;

/**
 * Tells a problem of the bounce mailbox when it begins and when it is over, and not at each look. The exception handler gets all of
 * them. After most, such as a search that is refused, Camel tells the poll strategy that the look has worked.
 */
public final class MailboxTrouble implements ExceptionHandler, PollingConsumerPollStrategy {

    private final Trouble trouble = new Trouble("the bounce mailbox");

    /** In this look. */
    private volatile boolean failed;

    MailboxTrouble() {}

    /** Why the mailbox could not be read at the last look, in words for an operator; empty if it was read. */
    public Optional<String> reason() {
        return trouble.reason();
    }

    @Override
    public boolean begin(Consumer consumer, Endpoint endpoint) {
        failed = false;
        return true;
    }

    @Override
    public void commit(Consumer consumer, Endpoint endpoint, int mails) {
        if (!failed) {
            trouble.worked();
        }
    }

    @Override
    public boolean rollback(Consumer consumer, Endpoint endpoint, int tries, @Nullable Exception failure) {
        return false; // not at once, but at the next look
    }

    @Override
    public void handleException(Throwable failure) {
        failed = true;
        Throwable cause = failure.getCause();
        trouble.failed(failure instanceof RuntimeCamelException && cause != null ? cause : failure);
    }

    @Override
    public void handleException(@Nullable String message, Throwable failure) {
        handleException(failure);
    }

    @Override
    public void handleException(@Nullable String message, @Nullable Exchange exchange, Throwable failure) {
        handleException(failure);
    }
}
