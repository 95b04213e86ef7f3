package routes;

import static org.apache.camel.Exchange.SCHEDULER_POLLED_MESSAGES;

import org.apache.camel.LoggingLevel;
import org.apache.camel.builder.RouteBuilder;
import org.springframework.stereotype.Component;
import routes.position.Leaderboards;
import routes.position.PersonChanges;
import routes.settings.OnRole;
import routes.settings.Role;

/**
 * {@code person-changes}: takes people off their boards, or puts them back, soon after the application has written to
 * {@code person_change} that they were banned or deleted, or came back.
 */
@OnRole(Role.POSITION)
@Component
class ApplyPersonChanges extends RouteBuilder {

    private final PersonChanges changes;
    private final Leaderboards leaderboards;
    private final InTransaction inTransaction;

    ApplyPersonChanges(PersonChanges changes, Leaderboards leaderboards, InTransaction inTransaction) {
        this.changes = changes;
        this.leaderboards = leaderboards;
        this.inTransaction = inTransaction;
    }

    // spotless:off
    @Override
    public void configure() {
        from("scheduler:person-changes?delay={{positions.change-interval}}&greedy=true")
            .routeId("person-changes")
            .routeConfigurationId("poll")
            .description("Recalculates the people of whom the application says that they left or came back, each campaign once")
            .setProperty(SCHEDULER_POLLED_MESSAGES, constant(false))
            .bean(changes, "take")
            .filter(simple("${body.size} > 0"))
                .setProperty(SCHEDULER_POLLED_MESSAGES, constant(true))   // the next ones at once
                .split(body())
                    .to("direct:apply-person-changes")
                .end()
            .end();

        from("direct:apply-person-changes")
            .routeId("apply-person-changes")
            .errorHandler(noErrorHandler())
            .description("Recalculates people of a campaign, and deletes the rows that name them, in one transaction")
            .doTry()
                .policy(inTransaction)
                    .bean(leaderboards, "recalculatePage(${body.people})") // repair-positions does what is more
                    .bean(changes, "delete")
                .end()
            .endDoTry()
            .doCatch(Exception.class)                       // without holding up other campaigns
                .log(LoggingLevel.WARN, "Who left or came back to the board of campaign ${body.people.campaignId}"
                        + " was not recalculated, and will be retried in half a minute: ${exception.message}")
            .end();

        from("scheduler:person-changes-lag?delay=5000")
            .routeId("person-changes-lag")
            .routeConfigurationId("poll")
            .description("Measures how much waits in person_change, for the metrics")
            .bean(changes, "measure");
    }
    // spotless:on
}
