package routes.console;

import static org.springframework.web.servlet.function.RouterFunctions.route;
import static routes.console.Requests.given;

import java.util.HashMap;
import java.util.Map;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;
import routes.operation.AuditEndpoint;
import routes.operation.AuditEndpoint.Entry;
import routes.operation.Page;

/** Lists who changed what. */
@Component
record AuditTab(Layout layout, AuditEndpoint audit) implements Tab {

    @Override
    public RouterFunction<ServerResponse> routes() {
        return route().GET("/audit", this::audit).build();
    }

    private ServerResponse audit(ServerRequest request) {
        String operation = given(request, "operation");
        String who = given(request, "who");
        Page<Entry> found = audit.list(operation, who, null, given(request, "before"));
        Map<String, Object> model = new HashMap<>();
        model.put("operation", operation);
        model.put("who", who);
        model.put("entries", found.rows());
        model.put("next", Requests.next(request, "before", found.next()));
        return layout.page(request, "audit", "Audit", model);
    }
}
