package routes;

import java.io.IOException;
import org.apache.camel.builder.RouteBuilder;
import org.springframework.stereotype.Component;
import routes.settings.OnRole;
import routes.settings.Role;
import routes.webhook.WebhookLanes;
import routes.webhook.Webhooks;

/** {@code reward-webhook}: posts a reward to the receiver that its campaign registered (Standard Webhooks). */
@OnRole(Role.REWARD)
@Component
class RewardWebhook extends RouteBuilder {

    private final Webhooks webhooks;
    private final WebhookLanes lanes;

    RewardWebhook(Webhooks webhooks, WebhookLanes lanes) {
        this.webhooks = webhooks;
        this.lanes = lanes;
    }

    // spotless:off
    @Override
    public void configure() {
        from("direct:reward-webhook")
            .routeId("reward-webhook")
            .errorHandler(noErrorHandler())                 // the worker decides what a failure means
            .description("Posts a reward, signed, to its webhook")
            .bean(webhooks, "receiver")
            .bean(webhooks, "payload")
            .marshal("webhookJson")
            .bean(lanes, "awaitConnection")
            .bean(webhooks, "sign")                         // exactly these bytes, right now
            .doTry()
                .to("direct:post-webhook")
                .bean(webhooks, "answered")                 // its meaning for the reward and for the webhook
            .doCatch(IOException.class)
                .bean(webhooks, "unanswered")
            .end();

        from("direct:post-webhook")                         // also the pings of a rehearsal
            .routeId("post-webhook")
            .errorHandler(noErrorHandler())
            .description("Posts a signed request to its receiver")
            .to("http:webhook?httpMethod=POST"
                + "&httpClient=#webhookHttpClient"
                + "&throwExceptionOnFailure=false&disableStreamCache=true");
    }
    // spotless:on
}
