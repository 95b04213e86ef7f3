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
import routes.operation.Operator;
import routes.webhook.RegisteredWebhooks.Webhook;
import routes.webhook.WebhooksEndpoint;

/** How the receivers of rewards do, and enables one again. On an instance without them it says so. */
@Component
class WebhooksTab implements Tab {

    private static final String PAGE_SIZE = "50";
    private static final String FAILING = "20";

    private final Layout layout;
    private final ObjectProvider<WebhooksEndpoint> webhooks;

    WebhooksTab(Layout layout, ObjectProvider<WebhooksEndpoint> webhooks) {
        this.layout = layout;
        this.webhooks = webhooks;
    }

    @Override
    public RouterFunction<ServerResponse> routes() {
        return route().GET("/webhooks", this::webhooks)
                .POST("/webhooks/{id}/enable", this::enable)
                .build();
    }

    private ServerResponse webhooks(ServerRequest request) {
        String state = given(request, "state");
        Map<String, Object> model = new HashMap<>();
        WebhooksEndpoint endpoint = webhooks.getIfAvailable();
        model.put("elsewhere", endpoint == null);
        model.put("all", state == null);
        model.put("failing", "failing".equals(state));
        model.put("disabled", "disabled".equals(state));
        if (endpoint != null) {
            WebhooksEndpoint.Page found = endpoint.list(null, state, PAGE_SIZE, given(request, "after"));
            model.put("webhooks", found.webhooks());
            model.put("next", Requests.next(request, "after", found.next()));
        }
        return layout.page(request, "webhooks", "Webhooks", model);
    }

    /** Those that fail now; none on an instance that does not know. */
    List<Webhook> failing() {
        WebhooksEndpoint endpoint = webhooks.getIfAvailable();
        return endpoint == null
                ? List.of()
                : endpoint.list(null, "failing", FAILING, null).webhooks();
    }

    private ServerResponse enable(ServerRequest request) {
        WebhooksEndpoint endpoint = webhooks.getIfAvailable();
        if (endpoint == null) {
            throw Operator.missing("this instance has not the role reward");
        }
        endpoint.change(request.pathVariable("id"), "enable", Requests.user(request), null, null);
        return Requests.seeOther("/webhooks");
    }
}
