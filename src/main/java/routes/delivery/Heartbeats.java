package routes.delivery;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The heartbeats of all instances, as one of them sees them. An instance is dead if its heartbeat has not changed for the timeout, by the
 * observer's own monotonic clock: setting a clock, even the database's, makes no instance look dead or alive.
 */
final class Heartbeats {

    private final long timeout;
    private final LongSupplier nanoTime;
    private final Map<UUID, Sighting> sightings = new HashMap<>();
    private @Nullable Long lastLook;
    private boolean interrupted;

    /**
     * For an observer that has not looked yet.
     *
     * @param timeout after how long without a change an instance counts as dead
     * @param nanoTime as {@link System#nanoTime()}
     */
    Heartbeats(Duration timeout, LongSupplier nanoTime) {
        this.timeout = timeout.toNanos();
        this.nanoTime = nanoTime;
    }

    /**
     * A row of the table.
     *
     * @param seenAt the heartbeat, comparable only with itself; null for an owner of leases that has no heartbeat
     * @param old whether it is older than the timeout by the database's clock
     */
    record Heartbeat(UUID instance, @Nullable String seenAt, boolean old) {}

    /** A heartbeat, and since when it has not changed. */
    private record Sighting(@Nullable String seenAt, long since) {}

    /**
     * Looks at all heartbeats. If the last look was long ago, for whatever reason, it starts over: heartbeats that did not change may not
     * have been able to.
     *
     * @return the heartbeats of dead instances
     */
    List<Heartbeat> gone(Collection<Heartbeat> all) {
        long now = nanoTime.getAsLong();
        if (lastLook != null && now - lastLook > timeout / 2) {
            missed();
        }
        lastLook = now;
        sightings.keySet().retainAll(all.stream().map(Heartbeat::instance).collect(Collectors.toSet()));
        return all.stream().filter(heartbeat -> isGone(heartbeat, now)).toList();
    }

    /**
     * Half of the timeout is enough for an observer that has just started and finds an old heartbeat: an instance that crashes repeatedly
     * soon after its start must still release what its predecessors held. After a pause of the database, all heartbeats are old.
     */
    private boolean isGone(Heartbeat heartbeat, long now) {
        Sighting before = sightings.get(heartbeat.instance());
        if (before == null || !Objects.equals(before.seenAt(), heartbeat.seenAt())) {
            sightings.put(heartbeat.instance(), new Sighting(heartbeat.seenAt(), now));
            return false;
        }
        long unchanged = now - before.since();
        return unchanged >= timeout || (heartbeat.old() && !interrupted && unchanged >= timeout / 2);
    }

    /** A heartbeat could not be written or read: other instances may have had the same problem. */
    void missed() {
        sightings.clear();
        interrupted = true;
    }
}
