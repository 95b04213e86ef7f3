package routes;

import org.apache.camel.builder.RouteBuilder;
import org.springframework.stereotype.Component;
import routes.delivery.ConsumerGroups;
import routes.worker.Backpressure;

/**
 * {@code hold-intake}: a group that could do nothing with what it takes in, because the SMTP server or the database is away,
 * takes in nothing. Its backlog stays in Kafka, and it goes on by itself.
 */
@Component
class HoldIntake extends RouteBuilder {

    private final ConsumerGroups groups;
    private final Backpressure intake;

    HoldIntake(ConsumerGroups groups, Backpressure intake) {
        this.groups = groups;
        this.intake = intake;
    }

    // spotless:off
    @Override
    public void configure() {
        from("scheduler:hold-intake?delay=1000")
            .routeId("hold-intake")
            .routeConfigurationId("poll")
            .description("Pauses the intake of groups that have to wait, and resumes it")
            .bean(groups, "all")
            .split(body())
                .bean(intake, "adjust")
            .end();
    }
    // spotless:on
}
