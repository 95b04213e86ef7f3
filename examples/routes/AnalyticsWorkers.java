package routes;

import static routes.event.EventType.REFERRAL_CREATED;
import static routes.event.EventType.REFERRAL_VERIFIED;
import static routes.event.EventType.USER_SIGNED_UP;
import static routes.event.EventType.USER_VERIFIED;

import org.apache.camel.builder.RouteBuilder;
import org.springframework.stereotype.Component;
import routes.delivery.ConsumerGroups;
import routes.delivery.DeliveryLedger;
import routes.delivery.Outcome;

/** {@code analytics-workers}: an example of a fourth consumer, which the README explains under "Adding a consumer". */
@Component
class AnalyticsWorkers extends RouteBuilder {

    private final DeliveryLedger ledger;

    AnalyticsWorkers(ConsumerGroups groups, DeliveryLedger ledger) {
        groups.add("analytics-workers", USER_SIGNED_UP, USER_VERIFIED, REFERRAL_CREATED, REFERRAL_VERIFIED);
        this.ledger = ledger;
    }

    // spotless:off
    @Override
    public void configure() {
        from("kafka:{{domain-events.topic}}?groupId=analytics-workers&consumersCount=1")
            .routeId("analytics-workers")                   // the name of the group: take-in looks the group up by it
            .routeConfigurationId("consumer-group")
            .description("Takes in what analytics wants to know")
            .to("direct:take-in");

        from("seda:analytics-workers?concurrentConsumers={{deliveries.worker-pool-size}}&purgeWhenStopping=true")
            .routeId("analytics-worker")
            .routeConfigurationId("worker")
            .description("Tells analytics what happened")
            .bean(ledger, "begin")
            .log("${body.event.campaignId}: ${body.type}")  // the effect: call what you like here
            .transform(constant(Outcome.delivered()))
            .bean(ledger, "finish");
    }
    // spotless:on
}
