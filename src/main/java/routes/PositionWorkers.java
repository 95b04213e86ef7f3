package routes;

import static routes.event.EventType.REFERRAL_VERIFIED;
import static routes.event.EventType.USER_SIGNED_UP;

import org.apache.camel.LoggingLevel;
import org.apache.camel.builder.RouteBuilder;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.jdbc.UncategorizedSQLException;
import org.springframework.stereotype.Component;
import routes.delivery.ConsumerGroup;
import routes.delivery.ConsumerGroups;
import routes.delivery.DeliveryException;
import routes.delivery.DeliveryLedger;
import routes.delivery.DeliveryRecorder;
import routes.delivery.LogContext;
import routes.delivery.Outcome;
import routes.event.EventType;
import routes.kafka.BatchReader;
import routes.kafka.BatchTime;
import routes.kafka.Offsets;
import routes.position.CampaignEvents;
import routes.position.CampaignSet;
import routes.position.Campaigns;
import routes.position.Leaderboards;
import routes.position.PositionSettings;
import routes.position.PositionSettings.Mode;
import routes.position.RecentPeople;
import routes.settings.OnRole;
import routes.settings.Role;

/**
 * {@code position-workers}: a verified referral moves people on the leaderboard. A batch recalculates each of its campaigns
 * once, from the source of truth, so repeated or late events do no harm.
 */
@OnRole(Role.POSITION)
@Component
class PositionWorkers extends RouteBuilder {

    /**
     * Failures of one campaign: a lock timeout, a deadlock, a missing or invalid row, an error raised by a trigger of the application, a
     * batch that has run out of time. Any other failure, such as a broken connection, concerns every campaign: the batch is retried.
     */
    @SuppressWarnings("unchecked")
    private static final Class<? extends Throwable>[] CAMPAIGNS_OWN_TROUBLE = new Class[] {
        DeliveryException.class,
        ConcurrencyFailureException.class,
        QueryTimeoutException.class,
        DataIntegrityViolationException.class,
        UncategorizedSQLException.class
    };

    private final BatchReader records;
    private final BatchTime time;
    private final Campaigns campaigns;
    private final Leaderboards leaderboards;
    private final RecentPeople recent;
    private final InTransaction inTransaction;
    private final DeliveryLedger ledger;
    private final DeliveryRecorder recorder;
    private final Offsets offsets;

    PositionWorkers(
            ConsumerGroups groups,
            BatchReader records,
            BatchTime time,
            Campaigns campaigns,
            Leaderboards leaderboards,
            RecentPeople recent,
            InTransaction inTransaction,
            PositionSettings settings,
            DeliveryLedger ledger,
            DeliveryRecorder recorder,
            Offsets offsets) {
        // By rank, a sign-up takes a place that others could have had.
        EventType[] types = settings.mode() == Mode.RANK
                ? new EventType[] {REFERRAL_VERIFIED, USER_SIGNED_UP}
                : new EventType[] {REFERRAL_VERIFIED};
        groups.add(ConsumerGroup.of("position-workers", 1, types).withoutRows());
        this.records = records;
        this.time = time;
        this.campaigns = campaigns;
        this.leaderboards = leaderboards;
        this.recent = recent;
        this.inTransaction = inTransaction;
        this.ledger = ledger;
        this.recorder = recorder;
        this.offsets = offsets;
    }

    // spotless:off
    @Override
    public void configure() {
        // One consumer per instance, as specified. The lock makes it safe next to the worker below and to other instances.
        from("kafka:{{domain-events.topic}}?groupId=position-workers&consumersCount=1"
                + "&maxPollRecords={{positions.batch-size}}&batchingIntervalMs={{positions.batch-interval-ms}}")
            .routeId("position-workers")
            .routeConfigurationId("consumer-group")
            .description("Recalculates the campaigns in which referrals were verified, then commits")
            .bean(records, "read")
            .bean(campaigns, "coalesce(${body.events})")
            .bean(recent, "remember")                       // an event may come before its transaction's commit
            .split(method(campaigns, "sets")).stopOnException()
                .to("direct:recalculate-campaigns")
            .end()
            .to("direct:dead-letter")                       // what is not an event, and what the ledger refuses
            .bean(offsets, "commit");

        from("direct:recalculate-campaigns")
            .routeId("recalculate-campaigns")
            .errorHandler(noErrorHandler())
            .description("Recalculates campaigns of a batch together, and those that fail together one by one")
            .doTry()
                .bean(time, "require")                      // otherwise the rest of a slow batch goes to the ledger untried
                .to("direct:recalculate-positions")
                .bean(ledger, "processed('position-workers', ${body.events})") // counted; no row tells of it
            .doCatch(CAMPAIGNS_OWN_TROUBLE)                 // without holding up other campaigns
                .choice()
                    .when(body().isInstanceOf(CampaignSet.class)) // one by one, to find out which one fails
                        .split(body()).stopOnException()
                            .bean(LogContext.class, "campaign(${body.campaignId}, *)")
                            .to("direct:recalculate-campaigns")
                        .endChoice()
                    .otherwise()
                        .log(LoggingLevel.WARN, "Campaign ${body.campaignId} goes to the ledger: ${exception.message}")
                        .bean(recorder, "putOffTogether('position-workers', ${body.newestFirst}, ${exchangeProperty.batch})")
                .end()
            .end();

        from("direct:recalculate-positions")
            .routeId("recalculate-positions")
            .errorHandler(noErrorHandler())                 // the caller decides what a failure means
            .description("Recalculates the positions of campaigns, under their locks: one transaction per page")
            .setProperty("left", body())
            .loopDoWhile(exchangeProperty("left"))          // then those with pages left, up to a limit
                .policy(inTransaction)
                    .to("direct:recalculate-page")
                .end()
            .end();

        from("direct:recalculate-page")                     // a place, as a file may have it
            .routeId("recalculate-page")
            .errorHandler(noErrorHandler())
            .description("Locks campaigns and recalculates a page of them, in the caller's transaction")
            .setProperty("left", method(leaderboards, "recalculate"));

        from("seda:position-workers?concurrentConsumers=1&purgeWhenStopping=true")
            .routeId("position-worker")
            .routeConfigurationId("worker")
            .description("Retries a campaign that could not be recalculated")
            .bean(ledger, "begin")
            .bean(CampaignEvents.class, "of(${body.event})")
            .to("direct:recalculate-positions")
            .transform(constant(Outcome.delivered()))
            .bean(ledger, "finish");
    }
    // spotless:on
}
