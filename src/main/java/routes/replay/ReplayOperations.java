package routes.replay;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import routes.operation.Arguments;
import routes.operation.Audit;

/** Plans, shows, starts and cancels replays for operators. Each change has a row in the audit. */
@Component
public class ReplayOperations {

    private final ReplayStore store;
    private final Audit audit;

    ReplayOperations(ReplayStore store, Audit audit) {
        this.store = store;
        this.audit = audit;
    }

    /** The number of effects that an operator expects. */
    public static long effects(String field, String expected) {
        return Arguments.number(field, expected, 18, "is not a number of effects: write the one in the plan");
    }

    /** The latest 100 replays, newest first. */
    public List<Replay> list() {
        return store.list();
    }

    /** A replay and its state. */
    public Replay get(UUID id) {
        return store.find(id).orElseThrow(() -> Arguments.missing("there is no replay with this id"));
    }

    /**
     * Plans a replay: reads its range, and does nothing else.
     *
     * @param by who asks
     */
    public Replay plan(ReplayRequest request, String by) {
        Map<String, Object> arguments = new LinkedHashMap<>();
        arguments.put("group", request.group());
        arguments.put("policy", request.policy().value());
        arguments.put("partition", request.partition());
        arguments.put("from", request.from());
        arguments.put("to", request.to());
        arguments.put("types", request.types());
        arguments.put("campaign", request.campaign());
        arguments.put("event", request.event());
        arguments.put("rate", request.rate());
        Supplier<UUID> work = () -> store.create(request, by);
        return get(audit.change(by, "replays.plan", arguments, work, id -> "replay " + id));
    }

    /**
     * Starts a planned replay.
     *
     * @param expected the number of effects in the plan: required with force, so that nobody forces what they have not reviewed
     */
    public Replay start(UUID id, @Nullable Long expected, String by) {
        Replay replay = get(id);
        if (expected == null
                ? replay.request().policy() == ReplayPolicy.FORCE
                : replay.state() == ReplayState.PLANNED && !expected.equals(replay.effects())) {
            throw Arguments.refused("the plan has a different number of effects from the expected one:"
                    + " review it, and write the number that it has");
        }
        Map<String, Object> arguments = Map.of("id", id, "effects", String.valueOf(replay.effects()));
        Supplier<String> work = () -> {
            if (!store.start(id, by)) {
                throw Arguments.refused("the replay is %s: only a planned replay can be started"
                        .formatted(replay.state().value()));
            }
            return "running";
        };
        audit.change(by, "replays.start", arguments, work);
        return get(id);
    }

    /** Cancels an unfinished replay after its current batch. Deliveries recorded by then are processed. */
    public Replay cancel(UUID id, String by) {
        Replay replay = get(id);
        Supplier<String> work = () -> {
            if (!store.end(id, ReplayState.CANCELLED, null, by)) {
                throw Arguments.refused("the replay is %s: there is nothing to cancel"
                        .formatted(replay.state().value()));
            }
            return "cancelled";
        };
        audit.change(by, "replays.cancel", Map.of("id", id), work);
        return get(id);
    }
}
