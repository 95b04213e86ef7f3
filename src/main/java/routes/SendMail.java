package routes;

import org.apache.camel.builder.RouteBuilder;
import org.springframework.stereotype.Component;
import routes.delivery.Outcome;

/** {@code send-mail}: hands a mail to the SMTP server. */
@Component
class SendMail extends RouteBuilder {

    // spotless:off
    @Override
    public void configure() {
        from("direct:send-mail")
            .routeId("send-mail")
            .errorHandler(noErrorHandler())                 // what a failure means is for the worker to decide
            .description("Sends a mail on a kept SMTP connection")
            .to("smtp:{{mail.host}}:{{mail.port}}?javaMailSender=#mailSender")
            .transform(constant(Outcome.delivered()));
    }
    // spotless:on
}
