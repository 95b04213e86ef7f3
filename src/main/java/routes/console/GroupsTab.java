package routes.console;

import static org.springframework.web.servlet.function.RouterFunctions.route;
import static routes.console.Requests.given;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;
import routes.consumer.ConsumerOperations;
import routes.consumer.ConsumerOperations.Status;
import routes.delivery.ConsumerGroup;
import routes.delivery.ConsumerGroups;
import routes.operation.Arguments;

/** Shows how each group is doing, and stops and starts its reading on this instance. */
@Component
class GroupsTab implements Tab {

    private static final Map<String, String> CHANGED = Map.of(
            "stop",
            "This instance no longer reads for %s. Other instances take over; without any, its events wait in Kafka.",
            "start",
            "This instance reads for %s again, from where the group was.");

    private final Layout layout;
    private final ConsumerGroups groups;
    private final ConsumerOperations consumers;

    GroupsTab(Layout layout, ConsumerGroups groups, ConsumerOperations consumers) {
        this.layout = layout;
        this.groups = groups;
        this.consumers = consumers;
    }

    /** A group, and whether this instance reads for it. */
    record Reading(Status status, boolean reads) {}

    @Override
    public RouterFunction<ServerResponse> routes() {
        return route().GET("/groups", this::groups)
                .POST("/groups/{group}", this::change)
                .build();
    }

    private ServerResponse groups(ServerRequest request) {
        ConsumerGroup changed = given(request, "group", groups::named);
        Map<String, Object> model = new HashMap<>();
        model.put("groups", groups.all().stream().map(this::reading).toList());
        model.put(
                "done",
                changed == null
                        ? null
                        : request.param("done")
                                .map(CHANGED::get)
                                .map(says -> says.formatted(changed.name()))
                                .orElse(null));
        return layout.page(request, "groups", "Consumer groups", model);
    }

    private Reading reading(ConsumerGroup group) {
        Status status = consumers.status(group);
        return new Reading(status, status.reading().equals("started"));
    }

    private ServerResponse change(ServerRequest request) {
        ConsumerGroup group = groups.named("group", request.pathVariable("group"));
        String action = Arguments.oneOf("action", given(request, "action"), List.of("stop", "start"));
        if (action.equals("stop")) {
            consumers.stop(group, Requests.by(request));
        } else {
            consumers.start(group, Requests.by(request));
        }
        return Requests.seeOther("/groups?done=%s&group=%s".formatted(action, group.name()));
    }
}
