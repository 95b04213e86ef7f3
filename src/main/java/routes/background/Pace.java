package routes.background;

import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Keeps periodic work that has become slow from taking the machine's time: after it has run, it is not due again for twenty times as long
 * as it took, or for a minute at most. So it does when it fails: what has timed out would time out again at once.
 */
public final class Pace {

    private static final int SHARE = 20;
    private static final long LONGEST = Duration.ofMinutes(1).toNanos();

    private final LongSupplier nanoTime;
    private long rest;
    private long since;

    /** For work that is due at once. */
    public Pace() {
        this(System::nanoTime);
    }

    /**
     * For work that is due at once.
     *
     * @param nanoTime as {@link System#nanoTime()}
     */
    public Pace(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.since = nanoTime.getAsLong();
    }

    /** Whether the work should run now. */
    public synchronized boolean isDue() {
        return nanoTime.getAsLong() - since >= rest;
    }

    /** Runs the work, due or not, and takes its time. */
    public <T> T run(Supplier<T> work) {
        long begun = nanoTime.getAsLong();
        try {
            return work.get();
        } finally {
            rest(begun);
        }
    }

    private synchronized void rest(long begun) {
        since = nanoTime.getAsLong();
        rest = Math.min(SHARE * (since - begun), LONGEST);
    }
}
