package routes;

import static org.apache.camel.Exchange.SCHEDULER_POLLED_MESSAGES;

import org.apache.camel.LoggingLevel;
import org.apache.camel.builder.RouteBuilder;
import org.springframework.stereotype.Component;
import routes.position.Leaderboards;
import routes.position.RecentPeople;
import routes.settings.OnRole;
import routes.settings.Role;

/**
 * {@code recheck-positions}: checks the people of events again, for changes that were committed after their event.
 * {@code repair-positions}: recalculates each board as a whole from time to time, for changes without an event (somebody was
 * blocked, deleted, edited), and continues boards that are too large to be recalculated in one go.
 */
@OnRole(Role.POSITION)
@Component
class RepairPositions extends RouteBuilder {

    private final RecentPeople recent;
    private final Leaderboards leaderboards;

    RepairPositions(RecentPeople recent, Leaderboards leaderboards) {
        this.recent = recent;
        this.leaderboards = leaderboards;
    }

    // spotless:off
    @Override
    public void configure() {
        from("scheduler:recheck-positions?delay=1000")
            .routeId("recheck-positions")
            .routeConfigurationId("poll")
            .description("Checks the people of recent batches again, and recalculates those who have changed since")
            .bean(recent, "changed")
            .split(body())
                .to("direct:repair-board")
            .end();

        from("scheduler:repair-positions?delay=1000&initialDelay=5000&greedy=true")
            .routeId("repair-positions")
            .routeConfigurationId("poll")
            .description("Continues unfinished boards, and recalculates whole boards that were not for positions.repair-interval")
            .setProperty(SCHEDULER_POLLED_MESSAGES, constant(false))
            .bean(leaderboards, "dueForRepair")
            .filter(body().isNotNull())
                .setProperty(SCHEDULER_POLLED_MESSAGES, constant(true))   // the next one at once
                .filter().method(leaderboards, "isThere")                 // else its board is forgotten
                    .to("direct:repair-board")
                .end()
            .end();

        from("direct:repair-board")
            .routeId("repair-board")
            .errorHandler(noErrorHandler())
            .description("Recalculates a board, or some of its people, without holding up others")
            .doTry()
                .to("direct:recalculate-positions")
            .doCatch(Exception.class)                       // a board's turn comes again
                .bean(recent, "again")
                .log(LoggingLevel.WARN, "The board of campaign ${body.campaignId} was not repaired, and will be retried: ${exception.message}")
            .end();
    }
    // spotless:on
}
