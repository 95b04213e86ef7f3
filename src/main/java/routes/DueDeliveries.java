package routes;

import org.apache.camel.builder.RouteBuilder;
import org.springframework.stereotype.Component;
import routes.delivery.ConsumerGroups;
import routes.delivery.DeliveryLedger;
import routes.delivery.HandOver;

/**
 * {@code due-deliveries}: what is due in the ledger goes to the same workers as what has just come in. Retries, fan-out and
 * what a lost instance held all pass here.
 */
@Component
class DueDeliveries extends RouteBuilder {

    private final ConsumerGroups groups;
    private final DeliveryLedger ledger;
    private final HandOver handOver;

    DueDeliveries(ConsumerGroups groups, DeliveryLedger ledger, HandOver handOver) {
        this.groups = groups;
        this.ledger = ledger;
        this.handOver = handOver;
    }

    // spotless:off
    @Override
    public void configure() {
        from("timer:due-deliveries?period={{deliveries.due-interval}}")
            .routeId("due-deliveries")
            .routeConfigurationId("poll")
            .description("Takes what is due in the ledger to the workers of its group")
            .bean(groups, "all")
            .split(body())
                .setProperty("room").method(handOver, "room(${body.name})")
                .filter(simple("${exchangeProperty.room} > 0"))
                    .bean(ledger, "takeDue(${body.name}, ${exchangeProperty.room})")
                    .bean(handOver, "offer")
                .end()
            .end();

        from("timer:stray-deliveries?period=10s&delay=60s")
            .routeId("stray-deliveries")
            .routeConfigurationId("poll")
            .description("Makes due what the ledger says this instance holds, and it does not")
            .bean(handOver, "reclaimStrays");
    }
    // spotless:on
}
