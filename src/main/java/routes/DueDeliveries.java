package routes;

import org.apache.camel.builder.RouteBuilder;
import org.springframework.stereotype.Component;
import routes.delivery.ConsumerGroups;
import routes.delivery.DeliveryLedger;
import routes.delivery.DueSearch;
import routes.delivery.Instance;
import routes.delivery.LedgerUpkeep;
import routes.delivery.Outcomes;
import routes.worker.HandOver;

/**
 * {@code due-deliveries}: hands due deliveries to the same workers as new ones: retries, announcements, and the work of lost
 * instances. It is a scheduler, like everything periodic here: a timer would stall while the machine's clock is set back.
 */
@Component
class DueDeliveries extends RouteBuilder {

    private final ConsumerGroups groups;
    private final DueSearch due;
    private final DeliveryLedger ledger;
    private final HandOver handOver;
    private final LedgerUpkeep upkeep;
    private final Instance instance;
    private final Outcomes outcomes;

    DueDeliveries(
            ConsumerGroups groups,
            DueSearch due,
            DeliveryLedger ledger,
            HandOver handOver,
            LedgerUpkeep upkeep,
            Instance instance,
            Outcomes outcomes) {
        this.groups = groups;
        this.due = due;
        this.ledger = ledger;
        this.handOver = handOver;
        this.upkeep = upkeep;
        this.instance = instance;
        this.outcomes = outcomes;
    }

    // spotless:off
    @Override
    public void configure() {
        from("scheduler:due-deliveries?delay={{deliveries.due-interval}}")
            .routeId("due-deliveries")
            .routeConfigurationId("poll")
            .description("Hands due deliveries to the workers of their group")
            .bean(groups, "all")
            .split(body())
                .setProperty("group", simple("${body.name}"))
                .setProperty("room").method(handOver, "room(${exchangeProperty.group})")
                .filter(simple("${exchangeProperty.room} > 0"))
                    .bean(due, "take(${exchangeProperty.group}, ${exchangeProperty.room})")
                    .bean(handOver, "offer")
                    .bean(handOver, "lanes(${exchangeProperty.group})")             // as many as each receiver has room for
                    .bean(ledger, "takeLanes(${exchangeProperty.group}, ${body})")  // each from its own backlog
                    .bean(handOver, "offer")
                .end()
            .end();

        from("scheduler:stray-deliveries?delay=5000")
            .routeId("stray-deliveries")
            .routeConfigurationId("poll")
            .description("Makes due what the ledger wrongly says this instance holds; tells the application outcomes that it has not heard")
            .bean(handOver, "reclaimStrays")
            .bean(instance, "findOwnersWithoutHeartbeat")
            .bean(outcomes, "tellRest")
            .bean(upkeep, "followClock");
    }
    // spotless:on
}
