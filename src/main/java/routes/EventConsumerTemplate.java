package routes;

import org.apache.camel.builder.RouteBuilder;
import org.springframework.stereotype.Component;
import routes.delivery.DeliveryLedger;
import routes.settings.OnRole;
import routes.settings.Role;
import routes.yaml.EventSteps;

/**
 * {@code event-consumer}: the template of consumers in YAML files. The file names the group and the types, and has a route
 * from {@code direct:<group>} that handles one event; everything else works as in the built-in consumers.
 */
@OnRole(Role.ROUTES)
@Component
class EventConsumerTemplate extends RouteBuilder {

    private final DeliveryLedger ledger;
    private final EventSteps steps;

    EventConsumerTemplate(DeliveryLedger ledger, EventSteps steps) {
        this.ledger = ledger;
        this.steps = steps;
    }

    // spotless:off
    @Override
    public void configure() {
        routeTemplate("event-consumer")
            .templateParameter("group", null, "The consumer group, such as analytics-workers; also the id of its route")
            .templateParameter("types", null, "The event types that it handles, separated by commas; * for all")
            .templateParameter("start", "{{camel.component.kafka.auto-offset-reset}}", "Where a new group starts: earliest, latest, or a time")
            .templateParameter("workers", "{{deliveries.worker-pool-size}}", "How many events an instance handles at a time")
            .from("kafka:{{domain-events.topic}}?groupId={{group}}&consumersCount=1&autoOffsetReset={{start}}")
                .routeConfigurationId("consumer-group")
                .routeDescription("Takes in what a consumer in a YAML file handles")
                .to("direct:take-in");

        routeTemplate("event-worker")                       // created along with each event-consumer
            .templateParameter("group")
            .templateParameter("workers")
            .from("seda:{{group}}?concurrentConsumers={{workers}}&purgeWhenStopping=true")
                .routeConfigurationId("worker")
                .routeDescription("Runs the steps of a YAML file for each event")
                .bean(ledger, "begin")
                .bean(steps, "process")                    // direct:<group>: an exception there is the outcome
                .bean(ledger, "finish");
    }
    // spotless:on
}
