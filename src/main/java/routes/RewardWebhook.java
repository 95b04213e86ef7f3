package routes;

import org.apache.camel.builder.RouteBuilder;
import org.springframework.stereotype.Component;
import routes.reward.Webhooks;

/** {@code reward-webhook}: posts a reward to the receiver that its campaign registered (Standard Webhooks). */
@Component
class RewardWebhook extends RouteBuilder {

    private final Webhooks webhooks;

    RewardWebhook(Webhooks webhooks) {
        this.webhooks = webhooks;
    }

    // spotless:off
    @Override
    public void configure() {
        from("direct:reward-webhook")
            .routeId("reward-webhook")
            .errorHandler(noErrorHandler())                 // what a failure means is for the worker to decide
            .description("Posts a reward, signed, to its webhook")
            .bean(webhooks, "payload")
            .marshal("webhookJson")
            .bean(webhooks, "sign")                         // signs these very bytes, and sets where they go
            .to("http:webhook?httpMethod=POST"
                + "&clientConnectionManager=#webhookConnections&httpClientConfigurer=#webhookClientConfigurer"
                + "&throwExceptionOnFailure=false&followRedirects=false&disableStreamCache=true")
            .bean(webhooks, "outcome");
    }
    // spotless:on
}
