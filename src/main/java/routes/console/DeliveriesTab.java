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
import routes.delivery.DeliveryCriteria;
import routes.delivery.DeliveryException;
import routes.delivery.DeliveryOperations;
import routes.delivery.DeliveryOperations.Details;
import routes.delivery.DeliveryOperations.Summary;
import routes.event.EventJson;
import routes.operation.Arguments;
import routes.operation.Page;

/** Finds deliveries, shows one with its attempts, and retries it. */
@Component
class DeliveriesTab implements Tab {

    private static final int PAGE_SIZE = 50;

    private final Layout layout;
    private final ConsumerGroups groups;
    private final DeliveryOperations deliveries;

    DeliveriesTab(Layout layout, ConsumerGroups groups, DeliveryOperations deliveries) {
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
        model.put("groups", Choice.groups(groups, given(request, "group")));
        model.put("statuses", Choice.statuses(given(request, "status")));
        model.put("held", DeliveryException.Held.WAITS_FOR.equals(given(request, "waitsFor")));
        Page<Summary> found = deliveries.find(
                new DeliveryCriteria(
                        given(request, "event", Arguments::required),
                        given(request, "campaign", Arguments::required),
                        given(request, "group", groups::named),
                        given(request, "recipient", Arguments::required),
                        given(request, "status", DeliveryOperations::status),
                        given(request, "webhook", Arguments::required),
                        given(request, "waitsFor", Arguments::required)),
                PAGE_SIZE,
                given(request, "after", Arguments::uuid));
        model.put("deliveries", found.rows());
        model.put("next", Requests.next(request, "after", found.next()));
        return layout.page(request, "deliveries", "Deliveries", model);
    }

    private ServerResponse delivery(ServerRequest request) {
        Details whole = deliveries.get(Requests.id(request));
        Map<String, Object> model = new HashMap<>();
        model.put("delivery", whole.delivery());
        model.put("attempts", whole.attempts());
        model.put("event", pretty(whole.event()));
        model.put("retriable", DeliveryOperations.isRetriable(whole.delivery().status()));
        model.put("done", request.param("done").isPresent() ? "It will be retried now." : null);
        return layout.page(request, "delivery", "Delivery", model);
    }

    /** Continues on the page whose button it was: that of the event, if the form says so, or of the delivery. */
    private ServerResponse retry(ServerRequest request) {
        UUID id = Requests.id(request);
        Summary due = deliveries.retry(id, Requests.by(request));
        String page = request.param("story").isPresent() ? "/events/" + due.eventId() : "/deliveries/" + id;
        return Requests.seeOther(page + "?done=retry");
    }

    /** JSON as pages show it. */
    static String pretty(Object json) {
        try {
            return EventJson.mapper().writerWithDefaultPrettyPrinter().writeValueAsString(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
