package routes;

import org.apache.camel.builder.RouteBuilder;
import org.springframework.stereotype.Component;
import routes.delivery.Outcome;
import routes.mail.smtp.LostAnswers;
import routes.mail.smtp.Suppressions;
import routes.settings.OnRole;
import routes.settings.Role;

/** {@code send-mail}: hands a mail to the SMTP server, unless its address is suppressed. */
@OnRole({Role.EMAIL, Role.REWARD})
@Component
class SendMail extends RouteBuilder {

    private final Suppressions suppressions;
    private final LostAnswers answers;

    SendMail(Suppressions suppressions, LostAnswers answers) {
        this.suppressions = suppressions;
        this.answers = answers;
    }

    // spotless:off
    @Override
    public void configure() {
        from("direct:send-mail")
            .routeId("send-mail")
            .errorHandler(noErrorHandler())                 // the worker decides what a failure means
            .description("Sends a mail, unless its address is suppressed")
            .bean(suppressions, "requireNone")              // a suppressed address: it ends here
            .bean(answers, "recall")                        // a retry: one of two servers may have the mail already
            .to("direct:transmit-mail")
            .transform(constant(Outcome.delivered()));

        from("direct:transmit-mail")                        // a place, as a file may have it
            .routeId("transmit-mail")
            .errorHandler(noErrorHandler())
            .description("Hands a mail to the SMTP server over a pooled connection")
            .to("smtp:{{mail.host}}:{{mail.port}}?javaMailSender=#mailSender");
    }
    // spotless:on
}
