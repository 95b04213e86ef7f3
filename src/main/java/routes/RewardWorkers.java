package routes;

import static routes.event.EventType.REWARD_EARNED;

import org.apache.camel.builder.RouteBuilder;
import org.springframework.stereotype.Component;
import routes.delivery.ConsumerGroups;
import routes.delivery.DeliveryLedger;
import routes.delivery.Outcome;
import routes.mail.Mails;
import routes.reward.RewardStatus;
import routes.reward.Rewards;
import routes.settings.OnRole;
import routes.settings.Role;
import routes.webhook.WebhookLanes;

/** {@code reward-workers}: an earned reward is delivered, once, by the method that the reward asks for. */
@OnRole(Role.REWARD)
@Component
class RewardWorkers extends RouteBuilder {

    private final DeliveryLedger ledger;
    private final Rewards rewards;
    private final Mails mails;
    private final WebhookLanes lanes;
    private final RewardStatus status;

    RewardWorkers(
            ConsumerGroups groups,
            DeliveryLedger ledger,
            Rewards rewards,
            Mails mails,
            WebhookLanes lanes,
            RewardStatus status) {
        groups.add("reward-workers", REWARD_EARNED);
        this.ledger = ledger;
        this.rewards = rewards;
        this.mails = mails;
        this.lanes = lanes;
        this.status = status;
    }

    // spotless:off
    @Override
    public void configure() {
        from("kafka:{{domain-events.topic}}?groupId=reward-workers&consumersCount=1")
            .routeId("reward-workers")
            .routeConfigurationId("consumer-group")
            .description("Takes in the rewards that were earned")
            .to("direct:take-in");

        from("seda:reward-workers?concurrentConsumers={{deliveries.worker-pool-size}}&purgeWhenStopping=true")
            .routeId("reward-worker")
            .routeConfigurationId("worker")
            .description("Delivers an earned reward by mail, by webhook or by hand")
            .bean(lanes, "awaitTurn")                       // a webhook waits for its receiver, and not on a worker's thread
            .bean(ledger, "begin")
            .bean(rewards, "find")                          // missing, already delivered, or somebody else's: it ends here
            .to("direct:deliver-reward")
            .bean(ledger, "finish");

        from("scheduler:reward-status?delay=10000")
            .routeId("reward-status")
            .routeConfigurationId("poll")
            .description("Updates user_rewards for rewards that failed before their row existed")
            .bean(status, "catchUp");

        from("direct:deliver-reward")                       // a place, as a file may have it
            .routeId("deliver-reward")
            .errorHandler(noErrorHandler())                 // the worker decides what a failure means
            .description("Chooses how a reward is delivered")
            .choice()
                .when(simple("${body.method} == 'email'"))
                    .bean(mails, "reward(${exchangeProperty.delivery}, ${body.userId}, ${body.mailVariables})")
                    .to("direct:send-mail")
                .when(simple("${body.method} == 'webhook'"))
                    .to("direct:reward-webhook")
                .when(simple("${body.method} == 'manual'"))
                    .transform(constant(Outcome.manual("waits for a person to hand it over")))
                .otherwise()
                    .bean(rewards, "refuseMethod")
            .end();
    }
    // spotless:on
}
