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
 * The heartbeats of all instances, as one of them sees them. An instance is gone when its heartbeat has not changed for a while of the
 * observer's own monotonic time: clocks that are set, the database's among them, make nobody look gone or alive.
 */
final class Heartbeats {

    private final long timeout;
    private final LongSupplier nanoTime;
    private final Map<UUID, Sighting> sightings = new HashMap<>();
    private @Nullable Long lastLook;
    private boolean interrupted;

    /**
     * Of an observer that has not looked yet.
     *
     * @param timeout after how long without a change an instance counts as gone
     * @param nanoTime as {@link System#nanoTime()}
     */
    Heartbeats(Duration timeout, LongSupplier nanoTime) {
        this.timeout = timeout.toNanos();
        this.nanoTime = nanoTime;
    }

    /**
     * What is in the table.
     *
     * @param seenAt the heartbeat, to be compared with itself alone; null for the owner of leases that has none
     * @param old whether the database's clock makes it older than the timeout
     */
    record Heartbeat(UUID instance, @Nullable String seenAt, boolean old) {}

    /** A heartbeat that has not changed since. */
    private record Sighting(@Nullable String seenAt, long since) {}

    /**
     * Looks at all heartbeats. One that looks long after the last time, however that came, begins anew: what did not change may not have
     * been able to.
     *
     * @return those whose instance is gone
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
     * Half of the time is enough for an observer that has just started and finds a heartbeat that is old: one that crashes again and again
     * soon after its start must still make due what those before it held. After a pause of the database all are old.
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

    /** A heartbeat could not be written, or not be looked at: others may have fared alike. */
    void missed() {
        sightings.clear();
        interrupted = true;
    }
}
