package routes;

import static org.apache.camel.Exchange.SCHEDULER_POLLED_MESSAGES;

import org.apache.camel.builder.RouteBuilder;
import org.springframework.stereotype.Component;
import routes.deadletter.DeadLetterTable;
import routes.delivery.LedgerUpkeep;
import routes.mail.smtp.Suppressions;

/** {@code purge-ledger}: deletes what was finished long ago, a little at a time. */
@Component
class PurgeLedger extends RouteBuilder {

    private final LedgerUpkeep ledger;
    private final DeadLetterTable deadLetters;
    private final Suppressions suppressions;

    PurgeLedger(LedgerUpkeep ledger, DeadLetterTable deadLetters, Suppressions suppressions) {
        this.ledger = ledger;
        this.deadLetters = deadLetters;
        this.suppressions = suppressions;
    }

    // spotless:off
    @Override
    public void configure() {
        from("scheduler:purge-ledger?delay={{deliveries.purge-interval}}&initialDelay={{deliveries.purge-interval}}&greedy=true")
            .routeId("purge-ledger")
            .routeConfigurationId("poll")
            .description("Deletes old finished deliveries, old dead letters and expired suppressions")
            .setProperty(SCHEDULER_POLLED_MESSAGES, constant(false))
            .bean(deadLetters, "purge")
            .bean(suppressions, "purge")
            .bean(ledger, "purge")
            .setProperty(SCHEDULER_POLLED_MESSAGES, body());    // again at once while there is more
    }
    // spotless:on
}
