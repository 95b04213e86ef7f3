package routes.console;

import static org.springframework.web.servlet.function.RouterFunctions.route;
import static routes.console.Requests.given;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;
import routes.delivery.ConsumerGroups;
import routes.delivery.Deliveries;
import routes.delivery.DeliveriesEndpoint;
import routes.delivery.DeliveryStatus;
import routes.event.EventJson;

/** Finds deliveries, shows one with its attempts, and retries it. */
@Component
class DeliveriesTab implements Tab {

    private static final String PAGE_SIZE = "50";

    private final Layout layout;
    private final ConsumerGroups groups;
    private final DeliveriesEndpoint deliveries;

    DeliveriesTab(Layout layout, ConsumerGroups groups, DeliveriesEndpoint deliveries) {
        this.layout = layout;
        this.groups = groups;
        this.deliveries = deliveries;
    }

    @Override
    public RouterFunction<ServerResponse> routes() {
        return route().GET("/deliveries", this::deliveries)
                .GET("/deliveries/{id}", this::delivery)
                .POST("/deliveries/{id}/retry", this::retry)
                .build();
    }

    private ServerResponse deliveries(ServerRequest request) {
        Map<String, Object> model = new HashMap<>();
        for (String criterion : List.of("event", "campaign", "recipient", "webhook")) {
            model.put(criterion, given(request, criterion));
        }
        String group = given(request, "group");
        String status = given(request, "status");
        model.put("groups", Choice.groups(groups, group));
        model.put("statuses", Choice.statuses(status));
        DeliveriesEndpoint.Page found = deliveries.find(
                given(request, "event"),
                given(request, "campaign"),
                group,
                given(request, "recipient"),
                status,
                given(request, "webhook"),
                PAGE_SIZE,
                given(request, "after"));
        model.put("deliveries", found.deliveries());
        model.put("next", Requests.next(request, "after", found.next()));
        return layout.page(request, "deliveries", "Deliveries", model);
    }

    private ServerResponse delivery(ServerRequest request) {
        Deliveries.Whole whole = deliveries.show(request.pathVariable("id"));
        String status = whole.delivery().status();
        Map<String, Object> model = new HashMap<>();
        model.put("delivery", whole.delivery());
        model.put("attempts", whole.attempts());
        model.put("event", pretty(whole.event()));
        model.put(
                "retriable",
                !List.of(DeliveryStatus.DELIVERED.value(), DeliveryStatus.LEASED.value())
                        .contains(status));
        model.put("done", request.param("done").isPresent() ? "Retry was asked for: it is carried out now." : null);
        return layout.page(request, "delivery", "Delivery", model);
    }

    private ServerResponse retry(ServerRequest request) {
        String id = request.pathVariable("id");
        deliveries.change(id, "retry", Requests.user(request), null);
        return Requests.seeOther("/deliveries/%s?done=retry".formatted(UUID.fromString(id)));
    }

    private static String pretty(Object json) {
        try {
            return EventJson.mapper().writerWithDefaultPrettyPrinter().writeValueAsString(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
