package routes.delivery;

import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Whether an instance has been able to say that it lives for long enough to judge others. After a pause of the database all are
 * late, and each would take the others for gone. Half of the time that others are given is enough, and all of it would be too
 * long: an instance that crashes again and again soon after its start must still make due what those before it held.
 */
final class Steadiness {

    private final long needed;
    private final LongSupplier nanoTime;
    private @Nullable Long since;
    private long last;

    /**
     * Of an instance that has not said anything yet.
     *
     * @param timeout after how long without a heartbeat an instance counts as gone
     */
    Steadiness(Duration timeout, LongSupplier nanoTime) {
        this.needed = timeout.toNanos() / 2;
        this.nanoTime = nanoTime;
    }

    /** A heartbeat has been written. One that is long after the one before, however that came, begins anew. */
    boolean beat() {
        long now = nanoTime.getAsLong();
        if (since == null || now - last > needed) {
            since = now;
        }
        last = now;
        return now - since >= needed;
    }

    /** A heartbeat could not be written. */
    void missed() {
        since = null;
    }
}
