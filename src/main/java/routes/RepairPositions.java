package routes;

import org.apache.camel.LoggingLevel;
import org.apache.camel.builder.RouteBuilder;
import org.springframework.stereotype.Component;
import routes.position.Leaderboards;
import routes.settings.OnRole;
import routes.settings.Role;

/**
 * {@code repair-positions}: what the application changed without an event (somebody blocked, deleted, edited) is put right by
 * recalculating each board as a whole from time to time, one after the other.
 */
@OnRole(Role.POSITION)
@Component
class RepairPositions extends RouteBuilder {

    private final Leaderboards leaderboards;

    RepairPositions(Leaderboards leaderboards) {
        this.leaderboards = leaderboards;
    }

    // spotless:off
    @Override
    public void configure() {
        from("scheduler:repair-positions?delay=5000&initialDelay=5000")
            .routeId("repair-positions")
            .routeConfigurationId("poll")
            .description("Recalculates a board that has not been recalculated as a whole for positions.repair-interval")
            .bean(leaderboards, "dueForRepair")
            .filter(body().isNotNull())
                .doTry()
                    .to("direct:recalculate-positions")
                .doCatch(Exception.class)                   // its turn comes again
                    .log(LoggingLevel.WARN, "The board of campaign ${body.campaignId} was not repaired: ${exception.message}")
                .end()
            .end();
    }
    // spotless:on
}
