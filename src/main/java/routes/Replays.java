package routes;

import org.apache.camel.builder.RouteBuilder;
import org.springframework.stereotype.Component;
import routes.replay.ReplayRunner;

/**
 * {@code replays}: reads ranges of the topic again, on operators' request, and offers their events to one group. The groups'
 * consumers and offsets are not touched.
 */
@Component
class Replays extends RouteBuilder {

    private final ReplayRunner runner;

    Replays(ReplayRunner runner) {
        this.runner = runner;
    }

    // spotless:off
    @Override
    public void configure() {
        from("scheduler:replays?delay={{deliveries.due-interval}}")
            .routeId("replays")
            .routeConfigurationId("poll")
            .description("Runs replays, batch by batch, at the requested rate")
            .bean(runner, "advance");
    }
    // spotless:on
}
