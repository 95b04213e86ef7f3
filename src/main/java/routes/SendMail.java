package routes;

import org.apache.camel.builder.RouteBuilder;
import org.springframework.stereotype.Component;
import routes.delivery.Outcome;
import routes.mail.smtp.LostAnswers;
import routes.mail.smtp.Suppressions;
import routes.settings.OnRole;
import routes.settings.Role;

/** {@code send-mail}: hands a mail to the SMTP server. */
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
            .description("Sends a mail over a pooled SMTP connection")
            .bean(suppressions, "requireNone")              // a suppressed address: it ends here
            .bean(answers, "recall")                        // a retry: one of two servers may have the mail already
            .to("smtp:{{mail.host}}:{{mail.port}}?javaMailSender=#mailSender")
            .transform(constant(Outcome.delivered()));
    }
    // spotless:on
}
