package routes.console;

import static org.springframework.web.servlet.function.RouterFunctions.route;
import static routes.console.Requests.given;

import java.util.HashMap;
import java.util.Map;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;
import routes.operation.Page;
import routes.outbox.Outbox;
import routes.outbox.OutboxEndpoint;
import routes.outbox.OutboxOperations.Content;
import routes.outbox.OutboxOperations.Refused;

/** Shows the rows of the outbox that are not valid events; publishes them, unchanged or corrected, or drops them. */
@Component
record OutboxTab(Layout layout, ObjectProvider<OutboxEndpoint> rows, ObjectProvider<Outbox> outbox) implements Tab {

    /** A row, with its id as links need it: pages group the digits of numbers. */
    record Row(String id, Refused refused) {}

    @Override
    public RouterFunction<ServerResponse> routes() {
        return route().GET("/outbox", this::rows)
                .GET("/outbox/{row}", this::row)
                .POST("/outbox/{row}", this::change)
                .build();
    }

    private ServerResponse rows(ServerRequest request) {
        Map<String, Object> model = new HashMap<>();
        model.put("elsewhere", rows.getIfAvailable() == null);
        outbox.ifAvailable(here -> model.put("backlog", here.backlog()));
        rows.ifAvailable(here -> {
            Page<Refused> found = here.list(null, null, given(request, "after"));
            model.put("rows", found.rows().stream().map(OutboxTab::row).toList());
            model.put("next", Requests.next(request, "after", found.next()));
        });
        return layout.page(request, "outbox", "Outbox", model);
    }

    private ServerResponse row(ServerRequest request) {
        Content whole = here().show(request.pathVariable("row"));
        return layout.page(
                request,
                "outbox-row",
                "Row of the outbox",
                Map.of("row", row(whole.row()), "event", DeliveriesTab.pretty(whole.event())));
    }

    private static Row row(Refused refused) {
        return new Row(String.valueOf(refused.id()), refused);
    }

    private ServerResponse change(ServerRequest request) {
        String action = given(request, "action");
        here().change(
                        request.pathVariable("row"),
                        action,
                        Requests.by(request),
                        given(request, "event"),
                        given(request, "reason"));
        return Requests.seeOther("/outbox?done=" + action);
    }

    private OutboxEndpoint here() {
        return Requests.here(rows, "publish");
    }
}
