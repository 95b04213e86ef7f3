package routes.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import routes.delivery.Heartbeats.Heartbeat;

/** The service's statements beside the model: after each request both have answered the same, and have the same rows. */
final class ComparedLedger implements LedgerProtocol {

    private final LedgerProtocol model;
    private final LedgerProtocol real;

    /** Heartbeats as the model tells them, by those of the database. */
    private final Map<Heartbeat, Heartbeat> known = new HashMap<>();

    ComparedLedger(LedgerProtocol model, LedgerProtocol real) {
        this.model = model;
        this.real = real;
    }

    private <T extends @Nullable Object> T same(String request, T modelled, T answered) {
        assertThat(answered).as(request).isEqualTo(modelled);
        same(request);
        return answered;
    }

    private List<Lease> same(String request, List<Lease> modelled, List<Lease> answered) {
        assertThat(answered).as(request).containsExactlyInAnyOrderElementsOf(modelled);
        same(request);
        return modelled;
    }

    private void same(String request) {
        assertThat(real.rows()).as("rows after %s", request).isEqualTo(model.rows());
    }

    @Override
    public void setClock(long millis) {
        model.setClock(millis);
        real.setClock(millis);
    }

    @Override
    public List<Lease> record(UUID instance, Collection<Event> events) {
        return same("record " + events, model.record(instance, events), real.record(instance, events));
    }

    @Override
    public List<Lease> takeDue(UUID instance) {
        return same("take-due", model.takeDue(instance), real.takeDue(instance));
    }

    @Override
    public void release(Collection<Lease> leases) {
        model.release(leases);
        real.release(leases);
        same("release " + leases);
    }

    @Override
    public OptionalInt begin(Lease lease) {
        return same("begin " + lease, model.begin(lease), real.begin(lease));
    }

    @Override
    public boolean finish(Lease lease, int attempt, DeliveryStatus status, @Nullable Long pause) {
        return same(
                "finish %s, %s".formatted(lease, status),
                model.finish(lease, attempt, status, pause),
                real.finish(lease, attempt, status, pause));
    }

    @Override
    public boolean waitFor(Lease lease, int attempt, long pause) {
        return same("wait-for " + lease, model.waitFor(lease, attempt, pause), real.waitFor(lease, attempt, pause));
    }

    @Override
    public void putOff(Event event) {
        model.putOff(event);
        real.putOff(event);
        same("put-off " + event);
    }

    @Override
    public void retry(int key) {
        model.retry(key);
        real.retry(key);
        same("retry %d".formatted(key));
    }

    @Override
    public void cancel(int key) {
        model.cancel(key);
        real.cancel(key);
        same("cancel %d".formatted(key));
    }

    @Override
    public void heartbeat(UUID instance) {
        model.heartbeat(instance);
        real.heartbeat(instance);
    }

    @Override
    public List<Heartbeat> heartbeats() {
        Map<UUID, Heartbeat> modelled = new HashMap<>();
        model.heartbeats().forEach(heartbeat -> modelled.put(heartbeat.instance(), heartbeat));
        List<Heartbeat> answered = new ArrayList<>(real.heartbeats());
        assertThat(answered).extracting(Heartbeat::instance).containsExactlyInAnyOrderElementsOf(modelled.keySet());
        for (Heartbeat heartbeat : answered) {
            Heartbeat its = Objects.requireNonNull(modelled.get(heartbeat.instance()));
            assertThat(heartbeat.old()).isEqualTo(its.old());
            assertThat(heartbeat.seenAt() == null).isEqualTo(its.seenAt() == null);
            known.put(heartbeat, its);
        }
        return answered;
    }

    @Override
    public void rescue(Collection<Heartbeat> gone) {
        model.rescue(gone.stream()
                .map(heartbeat -> Objects.requireNonNull(known.get(heartbeat)))
                .toList());
        real.rescue(gone);
        same("rescue " + gone);
    }

    @Override
    public void leave(UUID instance) {
        model.leave(instance);
        real.leave(instance);
        same("leave " + instance);
    }

    @Override
    public void reclaimStrays(UUID instance, Set<Integer> held) {
        model.reclaimStrays(instance, held);
        real.reclaimStrays(instance, held);
        same("reclaim-strays " + held);
    }

    @Override
    public void restartPauses() {
        model.restartPauses();
        real.restartPauses();
        same("restart-pauses");
    }

    @Override
    public void purge() {
        model.purge();
        real.purge();
        same("purge");
    }

    @Override
    public SortedMap<Integer, Row> rows() {
        return model.rows();
    }
}
