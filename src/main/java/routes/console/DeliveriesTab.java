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
import routes.delivery.BulkDeliveries;
import routes.delivery.BulkDeliveries.Count;
import routes.delivery.ConsumerGroups;
import routes.delivery.DeliveryAction;
import routes.delivery.DeliveryCriteria;
import routes.delivery.DeliveryException;
import routes.delivery.DeliveryOperations;
import routes.delivery.DeliveryOperations.Details;
import routes.delivery.DeliveryOperations.Summary;
import routes.event.EventJson;
import routes.event.EventType;
import routes.operation.Arguments;
import routes.operation.Page;

/** Finds and counts deliveries, shows one with its attempts, and retries it; changes all that were found, after it has shown which. */
@Component
class DeliveriesTab implements Tab {

    private static final int PAGE_SIZE = 50;
    private static final int SHOWN = 10;

    private static final Map<DeliveryAction, String> VERBS =
            Map.of(DeliveryAction.RETRY, "Retry", DeliveryAction.CANCEL, "Cancel", DeliveryAction.DONE, "Mark as done");

    private final Layout layout;
    private final ConsumerGroups groups;
    private final DeliveryOperations deliveries;
    private final BulkDeliveries bulk;

    DeliveriesTab(Layout layout, ConsumerGroups groups, DeliveryOperations deliveries, BulkDeliveries bulk) {
        this.layout = layout;
        this.groups = groups;
        this.deliveries = deliveries;
        this.bulk = bulk;
    }

    /** Deliveries that are alike, and where to see them. */
    record Alike(Count count, String link) {}

    @Override
    public RouterFunction<ServerResponse> routes() {
        return route().GET("/deliveries", this::deliveries)
                .GET("/deliveries/csv", this::csv)
                .POST("/deliveries/change", this::changeAll)
                .GET("/deliveries/{id}", this::delivery)
                .POST("/deliveries/{id}/retry", this::retry)
                .build();
    }

    private ServerResponse deliveries(ServerRequest request) {
        DeliveryCriteria criteria = criteria(request);
        Map<String, Object> model = new HashMap<>();
        DeliveryCriteria.FIELDS.forEach(field -> model.put(field, given(request, field)));
        model.put("groups", Choice.groups(groups, given(request, "group")));
        model.put("statuses", Choice.statuses(given(request, "status")));
        model.put("types", EventType.values());
        model.put("held", DeliveryException.Held.WAITS_FOR.equals(given(request, "waitsFor")));
        Page<Summary> found = deliveries.find(criteria, PAGE_SIZE, given(request, "after", Arguments::uuid));
        model.put("deliveries", found.rows());
        model.put("next", Requests.next(request, "after", found.next()));
        model.put("query", Requests.query(criteria.given()));
        model.put("criteria", criteria.given());
        List<Count> counts = criteria.given().isEmpty() ? List.of() : bulk.counts(criteria);
        model.put("total", Math.min(Count.total(counts), BulkDeliveries.MAX));
        model.put("more", Count.total(counts) > BulkDeliveries.MAX);
        model.put(
                "reasons",
                counts.stream()
                        .limit(SHOWN)
                        .map(count -> new Alike(
                                count, Requests.query(criteria.alike(count).given())))
                        .toList());
        return layout.page(request, "deliveries", "Deliveries", model);
    }

    private DeliveryCriteria criteria(ServerRequest request) {
        return DeliveryCriteria.of(
                groups,
                DeliveryCriteria.FIELDS.stream()
                        .map(field -> given(request, field))
                        .toArray(String[]::new));
    }

    private ServerResponse csv(ServerRequest request) {
        DeliveryCriteria criteria = criteria(request);
        return Requests.csv("deliveries", out -> deliveries.csv(criteria, out));
    }

    /** Without the count of a plan it only shows the plan, and asks. */
    private ServerResponse changeAll(ServerRequest request) {
        DeliveryAction action = DeliveryAction.named("action", given(request, "action"));
        DeliveryCriteria criteria = criteria(request);
        boolean sure = request.param("expected").isPresent();
        Map<String, Object> model = new HashMap<>();
        model.put("criteria", criteria.given());
        // The end of the plan: what was changed comes after it.
        model.put("query", Requests.query(criteria.without("before").given()));
        model.put("verb", VERBS.get(action));
        model.put("result", action.result);
        model.put("explained", action != DeliveryAction.RETRY);
        model.put(
                "bulk",
                !sure
                        ? bulk.plan(criteria, action)
                        : bulk.change(
                                criteria,
                                action,
                                given(request, "expected", Arguments::required),
                                Requests.by(request),
                                given(request, "reason")));
        return layout.page(request, "deliveries-plan", VERBS.get(action) + (sure ? ": done" : " all?"), model);
    }

    private ServerResponse delivery(ServerRequest request) {
        Details whole = deliveries.get(Requests.id(request));
        Map<String, Object> model = new HashMap<>();
        model.put("delivery", whole.delivery());
        model.put("attempts", whole.attempts());
        model.put("event", pretty(whole.event()));
        model.put("retriable", DeliveryOperations.isRetriable(whole.delivery().status()));
        model.put("done", request.param("done").isPresent() ? "The retry was requested: it is due at once." : null);
        return layout.page(request, "delivery", "Delivery", model);
    }

    /** Continues on the page whose button it was: that of the event, if the form says so, or of the delivery. */
    private ServerResponse retry(ServerRequest request) {
        UUID id = Requests.id(request);
        Summary due = deliveries.change(id, DeliveryAction.RETRY, Requests.by(request), null);
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
