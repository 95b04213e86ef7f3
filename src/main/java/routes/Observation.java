package routes;

import org.apache.camel.builder.RouteBuilder;
import org.springframework.stereotype.Component;
import routes.consumer.Lags;
import routes.consumer.Verdicts;
import routes.deadletter.OpenLetters;
import routes.delivery.LedgerFigures;
import routes.history.History;

/**
 * {@code observation}: reads what operators see of the topic and the ledger, at intervals, so that looking costs the brokers
 * and the database nothing.
 */
@Component
class Observation extends RouteBuilder {

    private final Lags lags;
    private final Verdicts verdicts;
    private final History history;
    private final LedgerFigures ledger;
    private final OpenLetters letters;

    Observation(Lags lags, Verdicts verdicts, History history, LedgerFigures ledger, OpenLetters letters) {
        this.lags = lags;
        this.verdicts = verdicts;
        this.history = history;
        this.ledger = ledger;
        this.letters = letters;
    }

    // spotless:off
    @Override
    public void configure() {
        from("scheduler:observation?delay={{observation.interval}}")
            .routeId("observation")
            .routeConfigurationId("poll")
            .description("Reads the groups' lag from the brokers and counts the ledger, for metrics and health")
            .bean(lags, "refresh")
            .bean(verdicts, "observe")
            .bean(ledger, "refresh");

        from("scheduler:history?delay=60000&initialDelay=60000")
            .routeId("history")
            .routeConfigurationId("poll")
            .description("Writes what each group did in the last minute, for the plots")
            .bean(history, "write");

        from("scheduler:open-dead-letters?delay=30000")
            .routeId("open-dead-letters")
            .routeConfigurationId("poll")
            .description("Counts the dead letters that nobody has handled yet, and deletes what was done with those that are gone")
            .bean(letters, "refresh");
    }
    // spotless:on
}
