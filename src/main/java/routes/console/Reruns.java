package routes.console;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.springframework.stereotype.Component;
import routes.replay.Replay;
import routes.replay.ReplayOperations;

/** Replays as pages show them. */
@Component
class Reruns {

    private final ReplayOperations replays;

    Reruns(ReplayOperations replays) {
        this.replays = replays;
    }

    /** A replay with its progress bar and the actions that are possible now. */
    record Rerun(
            Replay replay,
            String state,
            int percent,
            List<Count> plan,
            List<Count> result,
            boolean planning,
            boolean startable,
            boolean cancellable) {

        /** The policy as operators spell it. */
        String policy() {
            return replay.request().policy().value();
        }
    }

    /** Newest first. */
    List<Rerun> latest() {
        return replays.list().stream().map(Reruns::rerun).toList();
    }

    Rerun get(UUID id) {
        return rerun(replays.get(id));
    }

    private static Rerun rerun(Replay replay) {
        String state = replay.state().value();
        return new Rerun(
                replay,
                state,
                replay.progress().percent(),
                counts(replay.plan().all()),
                counts(replay.result().all()),
                state.equals("planning"),
                state.equals("planned"),
                List.of("planning", "planned", "running").contains(state));
    }

    private static List<Count> counts(Map<String, Map<String, Long>> counts) {
        return counts.entrySet().stream()
                .flatMap(subject -> subject.getValue().entrySet().stream()
                        .map(count -> new Count(subject.getKey() + ": " + count.getKey(), count.getValue())))
                .toList();
    }
}
