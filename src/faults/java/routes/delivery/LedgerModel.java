package routes.delivery;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import routes.delivery.Heartbeats.Heartbeat;

/** The ledger as its statements say it, in memory; with a defect, if one is given, to see that the simulation finds it. */
final class LedgerModel implements LedgerProtocol {

    /** What may be wrong with a ledger. */
    enum Defect {
        BEGINS_WITHOUT_LEASE,
        BEGINS_TWICE,
        FINISHES_WITHOUT_LEASE,
        TAKES_UNDER_THE_OLD_LEASE,
        RESCUES_WITHOUT_A_SECOND_LOOK,
        FORGETS_CUT_OFF_ATTEMPTS,
        RECLAIMS_WHAT_IS_HELD,
        NEVER_RECLAIMS,
        RECORDS_OVER_LEASES,
        REOPENS_FOR_THE_SAME_EVENT,
        REOPENS_WHAT_WAS_CANCELLED,
        PURGES_BY_AGE_ALONE,
        LEAVES_PAUSES_IN_THE_FUTURE,
        NEVER_RESCUES_UNKNOWN_OWNERS
    }

    private static final class Entry {
        private DeliveryStatus status = DeliveryStatus.LEASED;
        private int lease = 1;
        private @Nullable UUID owner;
        private int attempts;
        private int scheduleStart;
        private @Nullable Long dueAt;
        private boolean cancelled;
        private int event;
        private long createdAt;
        private long updatedAt;
        private final SortedSet<Integer> written = new TreeSet<>();

        private void due(long at, long now) {
            status = DeliveryStatus.DUE;
            dueAt = at;
            owner = null;
            updatedAt = now;
        }
    }

    private final @Nullable Defect defect;
    private final SortedMap<Integer, Entry> entries = new TreeMap<>();
    private final Map<UUID, Long> seen = new TreeMap<>();
    private long now;

    LedgerModel(@Nullable Defect defect) {
        this.defect = defect;
    }

    private boolean has(Defect some) {
        return defect == some;
    }

    @Override
    public void setClock(long millis) {
        now = millis;
    }

    @Override
    public List<Lease> record(UUID instance, Collection<Event> events) {
        List<Lease> recorded = new ArrayList<>();
        for (Event event : events) {
            Entry entry = entries.get(event.key());
            if (entry == null) {
                entry = new Entry();
                entry.createdAt = now;
                entries.put(event.key(), entry);
            } else if (isReopened(entry, event)) {
                entry.status = DeliveryStatus.LEASED;
                entry.dueAt = null;
                entry.lease++;
                entry.scheduleStart = entry.attempts;
                entry.createdAt = now;
            } else {
                continue;
            }
            entry.owner = instance;
            entry.event = event.number();
            entry.updatedAt = now;
            recorded.add(new Lease(event.key(), entry.lease, entry.attempts));
        }
        return recorded;
    }

    private boolean isReopened(Entry entry, Event event) {
        if (has(Defect.RECORDS_OVER_LEASES) && entry.status == DeliveryStatus.LEASED) {
            return true;
        }
        return (entry.status == DeliveryStatus.SKIPPED || entry.status == DeliveryStatus.FAILED)
                && (!entry.cancelled || has(Defect.REOPENS_WHAT_WAS_CANCELLED))
                && (event.number() > entry.event || has(Defect.REOPENS_FOR_THE_SAME_EVENT));
    }

    @Override
    public List<Lease> takeDue(UUID instance) {
        List<Lease> taken = new ArrayList<>();
        entries.forEach((key, entry) -> {
            if (entry.status == DeliveryStatus.DUE && Objects.requireNonNull(entry.dueAt) <= now) {
                entry.status = DeliveryStatus.LEASED;
                entry.lease += has(Defect.TAKES_UNDER_THE_OLD_LEASE) ? 0 : 1;
                entry.owner = instance;
                entry.dueAt = null;
                entry.updatedAt = now;
                taken.add(new Lease(key, entry.lease, entry.attempts));
            }
        });
        return taken;
    }

    @Override
    public void release(Collection<Lease> leases) {
        for (Lease lease : leases) {
            Entry entry = entries.get(lease.key());
            if (entry != null && entry.status == DeliveryStatus.LEASED && entry.lease == lease.lease()) {
                entry.due(now, now);
            }
        }
    }

    @Override
    public OptionalInt begin(Lease lease) {
        Entry entry = entries.get(lease.key());
        if (entry == null
                || entry.status != DeliveryStatus.LEASED
                || (entry.lease != lease.lease() && !has(Defect.BEGINS_WITHOUT_LEASE))
                || (entry.attempts != lease.attempts() && !has(Defect.BEGINS_TWICE))) {
            return OptionalInt.empty();
        }
        entry.attempts++;
        entry.updatedAt = now;
        return OptionalInt.of(entry.attempts);
    }

    @Override
    public boolean finish(Lease lease, int attempt, DeliveryStatus status, @Nullable Long pause) {
        Entry entry = entries.get(lease.key());
        if (entry == null || (!isOpen(entry, lease) && (isOver(entry) || !has(Defect.FINISHES_WITHOUT_LEASE)))) {
            return false;
        }
        entry.status = status;
        entry.attempts = Math.max(entry.attempts, attempt);
        entry.dueAt = pause == null ? null : now + pause;
        entry.owner = null;
        entry.updatedAt = now;
        entry.written.add(attempt);
        return true;
    }

    private static boolean isOver(Entry entry) {
        return entry.status != DeliveryStatus.LEASED && entry.status != DeliveryStatus.DUE;
    }

    private static boolean isOpen(Entry entry, Lease lease) {
        return !isOver(entry) && entry.lease == lease.lease();
    }

    @Override
    public boolean waitFor(Lease lease, int attempt, long pause) {
        Entry entry = entries.get(lease.key());
        if (entry == null || !isOpen(entry, lease) || entry.attempts != attempt) {
            return false;
        }
        entry.attempts--;
        entry.scheduleStart = Math.min(entry.scheduleStart, entry.attempts);
        entry.due(now + pause, now);
        return true;
    }

    @Override
    public void putOff(Event event) {
        Entry entry = entries.get(event.key());
        if (entry == null) {
            entry = new Entry();
            entry.createdAt = now;
            entry.lease = 0;
            entries.put(event.key(), entry);
        } else {
            cutOff(entry);
            entry.lease++;
            entry.scheduleStart = entry.attempts;
        }
        entry.event = event.number();
        entry.due(now, now);
    }

    private void cutOff(Entry entry) {
        if (entry.status == DeliveryStatus.LEASED && entry.attempts > 0 && !has(Defect.FORGETS_CUT_OFF_ATTEMPTS)) {
            entry.written.add(entry.attempts);
        }
    }

    @Override
    public void retry(int key) {
        Entry entry = entries.get(key);
        if (entry == null || entry.status == DeliveryStatus.LEASED || entry.status == DeliveryStatus.DELIVERED) {
            return;
        }
        entry.scheduleStart = entry.attempts;
        entry.lease++;
        entry.cancelled = false;
        entry.due(now, now);
    }

    @Override
    public void cancel(int key) {
        Entry entry = entries.get(key);
        if (entry != null && (entry.status == DeliveryStatus.DUE || entry.status == DeliveryStatus.FAILED)) {
            entry.status = DeliveryStatus.SKIPPED;
            entry.cancelled = true;
            entry.dueAt = null;
            entry.updatedAt = now;
        }
    }

    @Override
    public void heartbeat(UUID instance) {
        seen.put(instance, now);
    }

    @Override
    public List<Heartbeat> heartbeats() {
        Stream<Heartbeat> known = seen.entrySet().stream()
                .map(each -> new Heartbeat(
                        each.getKey(), each.getValue().toString(), each.getValue() < now - HEARTBEAT_TIMEOUT));
        Stream<Heartbeat> unknown = entries.values().stream()
                .filter(entry -> entry.status == DeliveryStatus.LEASED && !has(Defect.NEVER_RESCUES_UNKNOWN_OWNERS))
                .map(entry -> Objects.requireNonNull(entry.owner))
                .filter(owner -> !seen.containsKey(owner))
                .distinct()
                .map(owner -> new Heartbeat(owner, null, true));
        return Stream.concat(known, unknown).toList();
    }

    @Override
    public void rescue(Collection<Heartbeat> gone) {
        for (Heartbeat heartbeat : gone) {
            Long last = seen.get(heartbeat.instance());
            if (!Objects.equals(last == null ? null : last.toString(), heartbeat.seenAt())
                    && !has(Defect.RESCUES_WITHOUT_A_SECOND_LOOK)) {
                continue;
            }
            if (!releaseAll(heartbeat.instance())) {
                seen.remove(heartbeat.instance());
            }
        }
    }

    /** Whether there were any. */
    private boolean releaseAll(UUID owner) {
        boolean some = false;
        for (Entry entry : entries.values()) {
            if (entry.status == DeliveryStatus.LEASED && owner.equals(entry.owner)) {
                cutOff(entry);
                entry.due(now, now);
                some = true;
            }
        }
        return some;
    }

    @Override
    public void leave(UUID instance) {
        seen.remove(instance);
        releaseAll(instance);
    }

    @Override
    public void reclaimStrays(UUID instance, Set<Integer> held) {
        entries.forEach((key, entry) -> {
            if (entry.status == DeliveryStatus.LEASED
                    && instance.equals(entry.owner)
                    && Math.abs(now - entry.updatedAt) > STRAY_AGE
                    && (!held.contains(key) || has(Defect.RECLAIMS_WHAT_IS_HELD))
                    && !has(Defect.NEVER_RECLAIMS)) {
                cutOff(entry);
                entry.due(now, now);
            }
        });
    }

    @Override
    public void restartPauses() {
        for (Entry entry : entries.values()) {
            if (entry.status == DeliveryStatus.DUE
                    && Objects.requireNonNull(entry.dueAt) > now
                    && entry.updatedAt > now + 1_000
                    && !has(Defect.LEAVES_PAUSES_IN_THE_FUTURE)) {
                entry.due(now + Math.max(0, entry.dueAt - entry.updatedAt), now);
            }
        }
    }

    @Override
    public void purge() {
        entries.values()
                .removeIf(entry -> isOver(entry)
                        && entry.createdAt < now - KEPT
                        && (entry.updatedAt < now - KEPT || has(Defect.PURGES_BY_AGE_ALONE)));
    }

    @Override
    public SortedMap<Integer, Row> rows() {
        SortedMap<Integer, Row> rows = new TreeMap<>();
        entries.forEach((key, entry) -> rows.put(
                key,
                new Row(
                        entry.status.value(),
                        entry.lease,
                        entry.owner,
                        entry.attempts,
                        entry.scheduleStart,
                        entry.dueAt,
                        entry.cancelled,
                        entry.event,
                        new TreeSet<>(entry.written))));
        return rows;
    }
}
