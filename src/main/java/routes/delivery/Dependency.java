package routes.delivery;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import routes.background.Masking;

/**
 * Something that many deliveries need, such as the SMTP server. While it is down, none of them is tried: they wait in the
 * ledger and use up no attempts, and the groups that need it stop consuming. Its users call {@link #requireBack()} before
 * they use it, and {@link #worked()} or {@link #failed(String)} afterwards.
 */
public final class Dependency {

    private static final Logger LOG = LoggerFactory.getLogger(Dependency.class);

    private final String name;
    private final String whole;
    private final int failuresUntilAway;
    private final Probe probe;
    private int failures;

    /** {@link System#nanoTime()}; null while it is up. */
    private @Nullable Long awaySince;

    private @Nullable String because;

    /** Checks whether a dependency is up. */
    @FunctionalInterface
    public interface Probe {

        /**
         * Returns once it has answered, within a bounded time.
         *
         * @throws Exception if it is down; the message says why
         */
        void ask() throws Exception;
    }

    /** The whole is the dependency that deliveries wait for: itself, or the one that it is a part of. */
    Dependency(String name, String whole, int failuresUntilAway, Probe probe) {
        this.name = name;
        this.whole = whole;
        this.failuresUntilAway = failuresUntilAway;
        this.probe = probe;
    }

    /** Its name in the ledger, in metrics and in the log. */
    public String name() {
        return name;
    }

    /** Whether it is down for everybody. */
    public boolean isAway() {
        return isAwayFor(Duration.ZERO);
    }

    /** Whether it has been down for at least this long. */
    public synchronized boolean isAwayFor(Duration atLeast) {
        return awaySince != null && System.nanoTime() - awaySince >= atLeast.toNanos();
    }

    /**
     * Call this before using it.
     *
     * @throws DeliveryException.Waiting while it is down
     */
    public synchronized void requireBack() {
        if (isAway()) {
            throw new DeliveryException.Waiting(whole, because);
        }
    }

    /** It did its job, or answered with a refusal of the single request. */
    public synchronized void worked() {
        failures = 0;
        if (awaySince != null) {
            LOG.warn(
                    "{} is back after {} s",
                    name,
                    Duration.ofNanos(System.nanoTime() - awaySince).toSeconds());
            awaySince = null;
            because = null;
        }
    }

    /** It failed for reasons unrelated to the request. Several consecutive failures mean that it is down. */
    public synchronized void failed(@Nullable String reason) {
        failures++;
        if (failures >= failuresUntilAway && awaySince == null) {
            awaySince = System.nanoTime();
            String then = name.equals(whole) ? ", work that needs it waits" : "";
            LOG.warn("{} is down{}: {}", name, then, Masking.mask(reason));
        }
    }

    /** It answered that it refuses this service altogether: it is down at once, and the reason of each waiting delivery says why. */
    public synchronized void refused(String reason) {
        failures = failuresUntilAway;
        failed(reason);
        because = reason;
    }

    Probe probe() {
        return probe;
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
