package routes;

import static org.apache.camel.Exchange.SCHEDULER_POLLED_MESSAGES;

import org.apache.camel.builder.RouteBuilder;
import org.springframework.stereotype.Component;
import routes.delivery.DeliverySettings;
import routes.delivery.OutcomeEvents;
import routes.kafka.PublishedRecords;

/**
 * {@code outcomes}: publishes the outcomes of deliveries on the topic {@code <topic>.outcomes}, if {@code deliveries.outcome-events} is
 * set. Every role runs it, since every role has deliveries; one instance relays at a time.
 */
@Component
class RelayOutcomes extends RouteBuilder {

    private final OutcomeEvents outcomes;
    private final PublishedRecords records;
    private final InTransaction inTransaction;
    private final DeliverySettings settings;

    RelayOutcomes(
            OutcomeEvents outcomes, PublishedRecords records, InTransaction inTransaction, DeliverySettings settings) {
        this.outcomes = outcomes;
        this.records = records;
        this.inTransaction = inTransaction;
        this.settings = settings;
    }

    // spotless:off
    @Override
    public void configure() {
        if (!settings.outcomeEvents()) {
            return;
        }
        from("scheduler:outcomes?delay=1000&greedy=true")    // seldom, and then many: each run costs the brokers and the database
            .routeId("outcomes")
            .routeConfigurationId("poll")
            .description("Publishes outcomes as events, batch by batch while there are more")
            .setProperty(SCHEDULER_POLLED_MESSAGES, constant(false))
            .to("direct:relay-outcomes");

        from("direct:relay-outcomes")
            .routeId("relay-outcomes")
            .errorHandler(noErrorHandler())                 // after the transaction: the pause must not hold the lock
            .description("Publishes the next outcomes, and deletes their rows, in one transaction")
            .policy(inTransaction)
                .filter().method(outcomes, "lock")          // another instance relays; or from here on only this one does
                    .bean(outcomes, "take")
                    .bean(records, "outcomes")
                    .to("kafka:{{domain-events.topic}}.outcomes?synchronous=true"   // in this thread, which has the transaction
                        + "&lingerMs=20")                   // a few large requests instead of many
                    .bean(outcomes, "settle")               // every in-sync replica has them: only now may it commit
                    .setProperty(SCHEDULER_POLLED_MESSAGES, body())
                .end()
            .end();

        from("scheduler:outcomes-lag?delay=5000")
            .routeId("outcomes-lag")
            .routeConfigurationId("poll")
            .description("Measures how many outcomes wait to be published, for the metrics")
            .bean(outcomes, "measure");
    }
    // spotless:on
}
