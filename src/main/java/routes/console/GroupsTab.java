package routes.console;

import static org.springframework.web.servlet.function.RouterFunctions.route;
import static routes.console.Requests.given;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;
import routes.consumer.ConsumerOperations.Status;
import routes.consumer.ConsumersEndpoint;
import routes.delivery.DeliveryStatus;

/** Shows how each group is doing, and stops and starts its reading on this instance. */
@Component
record GroupsTab(Layout layout, ConsumersEndpoint consumers, Attention attention) implements Tab {

    /** A group, whether this instance reads for it, whether that was just changed, and how many of its deliveries failed. */
    record Group(
            Status status,
            boolean reads,
            boolean changed,
            @Nullable Long failed) {}

    @Override
    public RouterFunction<ServerResponse> routes() {
        return route().GET("/groups", this::groups)
                .POST("/groups/{group}", this::change)
                .build();
    }

    private ServerResponse groups(ServerRequest request) {
        String changed = given(request, "group");
        List<Group> groups = consumers.list().consumers().stream()
                .map(status -> new Group(
                        status,
                        status.reading().equals("started"),
                        status.group().equals(changed),
                        attention.inLedger(status.group(), DeliveryStatus.FAILED)))
                .toList();
        return layout.page(request, "groups", "Consumer groups", Map.of("groups", groups));
    }

    private ServerResponse change(ServerRequest request) {
        String action = given(request, "action");
        String group = consumers
                .change(request.pathVariable("group"), action, Requests.by(request))
                .consumer()
                .group();
        return Requests.seeOther("/groups?done=%s&group=%s#%s".formatted(action, group, group));
    }
}
