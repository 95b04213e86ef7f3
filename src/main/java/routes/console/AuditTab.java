package routes.console;

import static org.springframework.web.servlet.function.RouterFunctions.route;
import static routes.console.Requests.given;

import java.util.HashMap;
import java.util.Map;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;
import routes.operation.Audit;
import routes.operation.Audit.Entry;
import routes.operation.Page;

/** Lists who changed what. */
@Component
class AuditTab implements Tab {

    private static final int PAGE_SIZE = 50;

    private final Layout layout;
    private final Audit audit;

    AuditTab(Layout layout, Audit audit) {
        this.layout = layout;
        this.audit = audit;
    }

    @Override
    public RouterFunction<ServerResponse> routes() {
        return route().GET("/audit", this::audit).build();
    }

    private ServerResponse audit(ServerRequest request) {
        String who = given(request, "who");
        String operation = given(request, "operation");
        Page<Entry> found = audit.list(operation, who, PAGE_SIZE, given(request, "before"));
        Map<String, Object> model = new HashMap<>();
        model.put("who", who);
        model.put("operation", operation);
        model.put("entries", found.rows());
        model.put("next", Requests.next(request, "before", found.next()));
        return layout.page(request, "audit", "Audit", model);
    }
}
