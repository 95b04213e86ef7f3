package routes.console;

import static org.springframework.web.servlet.function.RouterFunctions.route;
import static routes.console.Requests.given;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;
import routes.operation.Arguments;
import routes.operation.Page;
import routes.outbox.Outbox;
import routes.outbox.OutboxOperations;
import routes.outbox.OutboxOperations.Content;
import routes.outbox.OutboxOperations.Refused;

/** Shows the rows of the outbox that are not valid events; publishes them, unchanged or corrected, or drops them. */
@Component
class OutboxTab implements Tab {

    private static final int PAGE_SIZE = 50;

    private static final Map<String, String> CHANGED = Map.of(
            "retry", "The row is a valid event now, and will be published in a moment.",
            "mend", "The row was corrected, and will be published in a moment.",
            "drop", "The row was deleted: it will never be published.");

    private final Layout layout;
    private final ObjectProvider<OutboxOperations> rows;
    private final ObjectProvider<Outbox> outbox;

    OutboxTab(Layout layout, ObjectProvider<OutboxOperations> rows, ObjectProvider<Outbox> outbox) {
        this.layout = layout;
        this.rows = rows;
        this.outbox = outbox;
    }

    /** A row, with its id as links need it: pages group the digits of numbers. */
    record Row(String id, Refused refused) {

        static Row of(Refused refused) {
            return new Row(String.valueOf(refused.id()), refused);
        }
    }

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
        model.put("done", request.param("done").map(CHANGED::get).orElse(null));
        // Neither on an instance without the role.
        outbox.ifAvailable(here -> model.put("backlog", here.backlog()));
        rows.ifAvailable(here -> {
            Page<Refused> found = here.find(null, given(request, "after", OutboxOperations::id), PAGE_SIZE);
            model.put("rows", found.rows().stream().map(Row::of).toList());
            model.put("next", Requests.next(request, "after", found.next()));
        });
        return layout.page(request, "outbox", "Outbox", model);
    }

    private ServerResponse row(ServerRequest request) {
        Content whole = here().get(id(request));
        return layout.page(
                request,
                "outbox-row",
                "Row of the outbox",
                Map.of("row", Row.of(whole.row()), "event", DeliveriesTab.pretty(whole.event())));
    }

    private ServerResponse change(ServerRequest request) {
        long row = id(request);
        String by = Requests.by(request);
        String action = Arguments.oneOf("action", given(request, "action"), List.of("retry", "mend", "drop"));
        switch (action) {
            case "retry" -> here().retry(row, by);
            case "mend" -> here().mend(row, request.param("event").orElse(""), by);
            default -> here().drop(row, by, Arguments.reason(given(request, "reason")));
        }
        return Requests.seeOther("/outbox?done=" + action);
    }

    private OutboxOperations here() {
        return Requests.here(rows, "publish");
    }

    private static long id(ServerRequest request) {
        return OutboxOperations.id("row", request.pathVariable("row"));
    }
}
