package routes;

import static org.apache.camel.Exchange.SCHEDULER_POLLED_MESSAGES;

import org.apache.camel.builder.RouteBuilder;
import org.springframework.stereotype.Component;
import routes.deadletter.DeadLetterTable;
import routes.delivery.LedgerUpkeep;
import routes.mail.smtp.Suppressions;
import routes.position.CampaignPoints;
import routes.replay.ReplaySubjects;
import routes.reward.RewardHolds;

/**
 * {@code purge-ledger}: deletes what was finished long ago, the points of campaigns that no longer exist, the holds of rewards that were
 * delivered, and what plans of replays have seen, a little at a time.
 */
@Component
class PurgeLedger extends RouteBuilder {

    private final LedgerUpkeep ledger;
    private final DeadLetterTable deadLetters;
    private final Suppressions suppressions;
    private final CampaignPoints points;
    private final RewardHolds holds;
    private final ReplaySubjects subjects;

    PurgeLedger(
            LedgerUpkeep ledger,
            DeadLetterTable deadLetters,
            Suppressions suppressions,
            CampaignPoints points,
            RewardHolds holds,
            ReplaySubjects subjects) {
        this.ledger = ledger;
        this.deadLetters = deadLetters;
        this.suppressions = suppressions;
        this.points = points;
        this.holds = holds;
        this.subjects = subjects;
    }

    // spotless:off
    @Override
    public void configure() {
        from("scheduler:purge-ledger?delay={{deliveries.purge-interval}}&initialDelay={{deliveries.purge-interval}}&greedy=true")
            .routeId("purge-ledger")
            .routeConfigurationId("poll")
            .description("Deletes old finished deliveries, old dead letters, expired suppressions, points of deleted campaigns, holds of delivered rewards and what plans of replays have seen")
            .setProperty(SCHEDULER_POLLED_MESSAGES, constant(false))
            .filter().method(ledger, "knowsTheTime")                        // else what is young may look old
                .bean(deadLetters, "purge")
                .bean(suppressions, "purge")
                .bean(ledger, "purge")
                .setProperty("more", body())
                .bean(subjects, "forget")
                .filter(simple("${body} == true || ${exchangeProperty.more} == true"))
                    .setProperty(SCHEDULER_POLLED_MESSAGES, constant(true)) // again at once while there is more, unless a step fails
                .end()
                .doTry()                                    // last: their files name tables of the application
                    .bean(points, "purge")
                .doFinally()
                    .bean(holds, "purge")
                .end()
            .end();
    }
    // spotless:on
}
