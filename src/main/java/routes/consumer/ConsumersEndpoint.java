package routes.consumer;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.stereotype.Component;
import routes.consumer.ConsumerOperations.Status;
import routes.delivery.ConsumerGroup;
import routes.delivery.ConsumerGroups;
import routes.operation.Arguments;

/** {@code consumers}: how each group is doing; stops and starts its reading on this instance. */
@Component
@Endpoint(id = "consumers")
public class ConsumersEndpoint {

    private final ConsumerOperations consumers;
    private final ConsumerGroups groups;

    ConsumersEndpoint(ConsumerOperations consumers, ConsumerGroups groups) {
        this.consumers = consumers;
        this.groups = groups;
    }

    /** All groups. */
    public record All(List<Status> consumers) {}

    /** The result for a group. */
    public record Changed(String action, Status consumer) {}

    /** How all groups are doing. */
    @ReadOperation
    public All list() {
        return new All(groups.all().stream().map(consumers::status).toList());
    }

    /** How one group is doing. */
    @ReadOperation
    Status show(@Selector String group) {
        return consumers.status(groups.named("group", group));
    }

    /** Stops or starts the reading of a group, on this instance until it restarts. */
    @WriteOperation
    public Changed change(@Selector String group, @Nullable String action, @Nullable String by) {
        ConsumerGroup of = groups.named("group", group);
        String what = Arguments.oneOf("action", action, List.of("stop", "start"));
        String who = Arguments.by(by);
        if (what.equals("stop")) {
            consumers.stop(of, who);
        } else {
            consumers.start(of, who);
        }
        return new Changed(what, consumers.status(of));
    }
}
