package routes;

import org.apache.camel.LoggingLevel;
import org.apache.camel.builder.RouteBuilder;
import org.springframework.stereotype.Component;
import routes.delivery.DeliveryLedger;
import routes.kafka.DeadLetterTable;
import routes.mail.Suppressions;

/** {@code purge-ledger}: what was finished long ago is forgotten, a little at a time. */
@Component
class PurgeLedger extends RouteBuilder {

    private final DeliveryLedger ledger;
    private final DeadLetterTable deadLetters;
    private final Suppressions suppressions;

    PurgeLedger(DeliveryLedger ledger, DeadLetterTable deadLetters, Suppressions suppressions) {
        this.ledger = ledger;
        this.deadLetters = deadLetters;
        this.suppressions = suppressions;
    }

    // spotless:off
    @Override
    public void configure() {
        from("scheduler:purge-ledger?delay={{deliveries.purge-interval}}&initialDelay={{deliveries.purge-interval}}")
            .routeId("purge-ledger")
            .routeConfigurationId("poll")
            .description("Forgets deliveries that were finished before deliveries.purge-after, old dead letters, and suppressions that are over")
            .bean(deadLetters, "purge")
            .bean(suppressions, "purge")
            .bean(ledger, "purge")
            .filter(simple("${body} > 0"))
                .log(LoggingLevel.INFO, "${body} deliveries were finished long ago and are forgotten")
            .end();
    }
    // spotless:on
}
