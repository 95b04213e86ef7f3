package routes.replay;

import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.stereotype.Component;
import routes.delivery.ConsumerGroups;
import routes.operation.Arguments;

/** {@code /observe/replays}: reads events of a range again and offers them to one group, after a plan has been reviewed. */
@Component
@Endpoint(id = "replays")
class ReplaysEndpoint {

    private final ReplayOperations replays;
    private final ConsumerGroups groups;

    ReplaysEndpoint(ReplayOperations replays, ConsumerGroups groups) {
        this.replays = replays;
        this.groups = groups;
    }

    /** The latest replays, newest first. */
    @ReadOperation
    List<Replay> list() {
        return replays.list();
    }

    /** One replay, with its plan and progress. */
    @ReadOperation
    Replay find(@Selector String id) {
        return replays.get(Arguments.uuid("id", id));
    }

    /** Plans a replay. Nothing happens until somebody starts it. */
    @WriteOperation
    Replay plan(
            @Nullable String group,
            @Nullable String policy,
            @Nullable String partition,
            @Nullable String from,
            @Nullable String to,
            @Nullable String types,
            @Nullable String campaign,
            @Nullable String event,
            @Nullable String rate,
            @Nullable String by) {
        String asker = Arguments.by(by);
        return replays.plan(
                ReplayArguments.request(
                        groups.named("group", group), policy, partition, from, to, types, campaign, event, rate),
                asker);
    }

    /** Starts or cancels a replay. */
    @WriteOperation
    Replay act(@Selector String id, @Nullable String action, @Nullable String expected, @Nullable String by) {
        UUID uuid = Arguments.uuid("id", id);
        String asker = Arguments.by(by);
        boolean start =
                Arguments.oneOf("action", action, List.of("start", "cancel")).equals("start");
        return start
                ? replays.start(uuid, Arguments.ifGiven("expected", expected, ReplayOperations::effects), asker)
                : replays.cancel(uuid, asker);
    }
}
