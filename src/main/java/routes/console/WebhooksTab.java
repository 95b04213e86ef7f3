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
import routes.operation.Arguments;
import routes.operation.Page;
import routes.webhook.WebhookOperations;
import routes.webhook.WebhookOperations.Webhook;

/** Shows how the receivers of rewards are doing, and enables one again. On an instance without the role it says so. */
@Component
class WebhooksTab implements Tab {

    private static final int PAGE_SIZE = 50;

    private final Layout layout;
    private final ObjectProvider<WebhookOperations> webhooks;

    WebhooksTab(Layout layout, ObjectProvider<WebhookOperations> webhooks) {
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
        WebhookOperations here = webhooks.getIfAvailable();
        model.put("elsewhere", here == null);
        model.put("all", state == null);
        model.put("failing", "failing".equals(state));
        model.put("disabled", "disabled".equals(state));
        if (here != null) {
            Page<Webhook> found = here.find(
                    null,
                    given(request, "state", WebhookOperations::state),
                    PAGE_SIZE,
                    given(request, "after", Arguments::uuid));
            model.put("webhooks", found.rows());
            model.put("next", Requests.next(request, "after", found.next()));
        }
        return layout.page(request, "webhooks", "Webhooks", model);
    }

    private ServerResponse enable(ServerRequest request) {
        WebhookOperations here = webhooks.getIfAvailable();
        if (here == null) {
            throw Arguments.missing("this instance does not have the role reward");
        }
        here.enable(Requests.id(request), Requests.by(request));
        return Requests.seeOther("/webhooks");
    }
}
