package routes.delivery;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import routes.background.Masking;

/**
 * Something that many deliveries need alike, such as the SMTP server. While it is away for all of them none is tried: they
 * wait in the ledger and use up no attempts, and the groups behind it take in nothing. What was asked for is known by
 * {@link #requireBack()}, what came of it by {@link #worked()} and {@link #failed(String)}.
 */
public final class Dependency {

    private static final Logger LOG = LoggerFactory.getLogger(Dependency.class);

    private final String name;
    private final int failuresUntilAway;
    private final Probe probe;
    private int failures;
    private @Nullable Instant awaySince;
    private @Nullable String because;

    /** Asks a dependency for a sign of life. */
    @FunctionalInterface
    public interface Probe {

        /**
         * Returns when it has answered, within a bounded time.
         *
         * @throws Exception when it is away; the message says in which way
         */
        void ask() throws Exception;
    }

    Dependency(String name, int failuresUntilAway, Probe probe) {
        this.name = name;
        this.failuresUntilAway = failuresUntilAway;
        this.probe = probe;
    }

    /** What it is called in the ledger, in metrics and in the log. */
    public String name() {
        return name;
    }

    /** Whether it is away for everybody. */
    public synchronized boolean isAway() {
        return awaySince != null;
    }

    /**
     * To be called before it is used.
     *
     * @throws DeliveryException.Waiting while it is away
     */
    public synchronized void requireBack() {
        if (isAway()) {
            throw new DeliveryException.Waiting(name, because);
        }
    }

    /** It did what it is there for, or refused it with an answer of its own. */
    public synchronized void worked() {
        failures = 0;
        if (awaySince != null) {
            LOG.warn(
                    "{} is back after {} s",
                    name,
                    Duration.between(awaySince, Instant.now()).toSeconds());
            awaySince = null;
            because = null;
        }
    }

    /** It did not answer, in a way that has nothing to do with what it was asked. Several times in a row mean that it is away. */
    public synchronized void failed(@Nullable String reason) {
        failures++;
        if (failures >= failuresUntilAway && awaySince == null) {
            awaySince = Instant.now();
            LOG.warn("{} is away, what needs it waits: {}", name, Masking.mask(reason));
        }
    }

    /** It answered that it does nothing for anybody here: it is away at once, and what waits says why. */
    public synchronized void refused(String reason) {
        failures = failuresUntilAway;
        failed(reason);
        because = reason;
    }

    void ask() {
        try {
            probe.ask();
            worked();
        } catch (Exception e) {
            failed(e.getMessage());
        }
    }
}
