package routes;

import static org.apache.camel.Exchange.SCHEDULER_POLLED_MESSAGES;

import org.apache.camel.builder.RouteBuilder;
import org.springframework.stereotype.Component;
import routes.outbox.Outbox;
import routes.settings.OnRole;
import routes.settings.Role;

/**
 * {@code outbox}: publishes, in order, what the application wrote to {@code event_outbox} in its own transactions, and
 * deletes it once the brokers have it. Any number of instances may run it; one relays at a time.
 */
@OnRole(Role.PUBLISH)
@Component
class RelayOutbox extends RouteBuilder {

    private final Outbox outbox;
    private final InTransaction inTransaction;

    RelayOutbox(Outbox outbox, InTransaction inTransaction) {
        this.outbox = outbox;
        this.inTransaction = inTransaction;
    }

    // spotless:off
    @Override
    public void configure() {
        from("scheduler:outbox?delay={{outbox.interval}}&greedy=true")
            .routeId("outbox")
            .routeConfigurationId("poll")
            .description("Publishes what the application wrote to event_outbox, batch by batch while there is more")
            .setProperty(SCHEDULER_POLLED_MESSAGES, constant(false))
            .filter().method(outbox, "isWaiting")           // most of the time nothing is
                .to("direct:relay-outbox")
            .end();

        from("direct:relay-outbox")
            .routeId("relay-outbox")
            .errorHandler(noErrorHandler())                 // after the transaction: the pause must not hold the lock
            .description("Publishes the next rows of event_outbox, and deletes them, in one transaction")
            .policy(inTransaction)
                .filter().method(outbox, "lock")            // another instance relays; or from here on only this one does
                    .bean(outbox, "next")
                    .bean(outbox, "publish")                // by publish-event: returns when all brokers in sync have it
                    .bean(outbox, "settle")                 // and only then deletes
                    .setProperty(SCHEDULER_POLLED_MESSAGES, simple("${body.full}"))
                .end()
            .end();

        from("scheduler:outbox-lag?delay=5000")
            .routeId("outbox-lag")
            .routeConfigurationId("poll")
            .description("Measures how much waits in event_outbox, for the metrics")
            .bean(outbox, "measure");
    }
    // spotless:on
}
