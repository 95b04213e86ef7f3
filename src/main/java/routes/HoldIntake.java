package routes;

import org.apache.camel.builder.RouteBuilder;
import org.springframework.stereotype.Component;
import routes.delivery.ConsumerGroups;
import routes.worker.Backpressure;

/**
 * {@code hold-intake}: pauses the intake of a group that could not process events anyway, because the SMTP server or the
 * database is down. Its backlog stays in Kafka, and it resumes automatically.
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
