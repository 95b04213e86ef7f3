package routes.delivery;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import routes.delivery.Heartbeats.Heartbeat;

/**
 * What instances ask of the ledger, for one consumer group: by {@link LedgerModel} in memory, by {@link SqlLedger} with the service's own
 * statements. Deliveries are named by their keys, times are milliseconds of the database's clock.
 */
interface LedgerProtocol {

    /** After how long a silent instance is dead, in ms. */
    long HEARTBEAT_TIMEOUT = 10_000;

    /** How long a delivery may be leased to an instance that does not hold it, in ms. */
    long STRAY_AGE = 20_000;

    /** How long deliveries are kept that have ended, in ms. */
    long KEPT = 3_600_000;

    /** A delivery in the hands of an instance. */
    record Lease(int key, int lease, int attempts) {}

    /** An event: a later one with the same key has a higher number. */
    record Event(int key, int number) {}

    /**
     * A row of the ledger.
     *
     * @param written the attempts that have a row of their own: they ended, or were cut off
     */
    record Row(
            String status,
            int lease,
            @Nullable UUID owner,
            int attempts,
            int scheduleStart,
            @Nullable Long dueAt,
            boolean cancelled,
            int event,
            SortedSet<Integer> written) {

        boolean isOver() {
            return Set.of("delivered", "skipped", "failed").contains(status);
        }
    }

    /** Sets the database's clock. */
    void setClock(long millis);

    List<Lease> record(UUID instance, Collection<Event> events);

    /** Takes everything that is due. */
    List<Lease> takeDue(UUID instance);

    /** Gives back deliveries that have not begun. */
    void release(Collection<Lease> leases);

    /** The number of the attempt that begins; empty if the delivery is no longer the caller's. */
    OptionalInt begin(Lease lease);

    /**
     * Writes how an attempt ended.
     *
     * @param pause until the next one, in ms; null if there is none
     * @return whether it was written
     */
    boolean finish(Lease lease, int attempt, DeliveryStatus status, @Nullable Long pause);

    /** Takes back an attempt that did not take place, for a pause in ms. */
    boolean waitFor(Lease lease, int attempt, long pause);

    /** Work that is to be done anew, whoever has it now. */
    void putOff(Event event);

    /** An operator retries a delivery; nothing happens if it is leased or delivered. */
    void retry(int key);

    /** An operator cancels a delivery that is due or failed. */
    void cancel(int key);

    void heartbeat(UUID instance);

    List<Heartbeat> heartbeats();

    void rescue(Collection<Heartbeat> gone);

    void leave(UUID instance);

    void reclaimStrays(UUID instance, Set<Integer> held);

    /** After the clock was set back. */
    void restartPauses();

    void purge();

    /** All rows, by key. */
    SortedMap<Integer, Row> rows();

    /** The owners of leases, by key. */
    default Map<Integer, Row> leased() {
        SortedMap<Integer, Row> all = rows();
        all.values().removeIf(row -> !row.status().equals("leased"));
        return all;
    }
}
