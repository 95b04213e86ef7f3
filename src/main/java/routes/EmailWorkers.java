package routes;

import static routes.event.EventType.CAMPAIGN_MILESTONE_REACHED;
import static routes.event.EventType.REFERRAL_VERIFIED;
import static routes.event.EventType.REWARD_EARNED;
import static routes.event.EventType.USER_SIGNED_UP;
import static routes.event.EventType.USER_VERIFIED;

import org.apache.camel.builder.RouteBuilder;
import org.springframework.stereotype.Component;
import routes.delivery.ConsumerGroups;
import routes.delivery.DeliveryLedger;
import routes.mail.Mails;
import routes.mail.PositionWindow;
import routes.mail.announcement.AnnouncementOperations;
import routes.mail.announcement.MilestoneFanOut;
import routes.mail.report.ComplaintRate;
import routes.settings.OnRole;
import routes.settings.Role;

/** {@code email-workers}: every event that people are mailed about becomes a mail, once. */
@OnRole(Role.EMAIL)
@Component
class EmailWorkers extends RouteBuilder {

    private final DeliveryLedger ledger;
    private final Mails mails;
    private final PositionWindow window;
    private final MilestoneFanOut milestones;
    private final ComplaintRate complaints;
    private final AnnouncementOperations announcements;

    EmailWorkers(
            ConsumerGroups groups,
            DeliveryLedger ledger,
            Mails mails,
            PositionWindow window,
            MilestoneFanOut milestones,
            ComplaintRate complaints,
            AnnouncementOperations announcements) {
        groups.add(
                "email-workers",
                USER_SIGNED_UP,
                USER_VERIFIED,
                REFERRAL_VERIFIED,
                REWARD_EARNED,
                CAMPAIGN_MILESTONE_REACHED);
        groups.need("email-workers", "smtp");
        this.ledger = ledger;
        this.mails = mails;
        this.window = window;
        this.milestones = milestones;
        this.complaints = complaints;
        this.announcements = announcements;
    }

    // spotless:off
    @Override
    public void configure() {
        from("kafka:{{domain-events.topic}}?groupId=email-workers&consumersCount=1")
            .routeId("email-workers")
            .routeConfigurationId("consumer-group")
            .description("Takes in the events that people get mail about")
            .to("direct:take-in");

        from("seda:email-workers?concurrentConsumers={{deliveries.worker-pool-size}}&purgeWhenStopping=true")
            .routeId("email-worker")
            .routeConfigurationId("worker")
            .description("Writes the mail that an event calls for, and sends it")
            .bean(ledger, "begin")
            .choice()
                .when(simple("${body.type} == 'user.signed_up'"))
                    .to("direct:mail-user-signed-up")
                .when(simple("${body.type} == 'user.verified'"))
                    .to("direct:mail-user-verified")
                .when(simple("${body.type} == 'referral.verified'"))
                    .bean(window, "gather")                 // several within mail.position-window make one mail
                    .to("direct:mail-referral-verified")
                .when(simple("${body.type} == 'reward.earned'"))
                    .to("direct:mail-reward-earned")
                .when(simple("${body.type} == 'campaign.milestone_reached' && ${body.recipient} == ''"))
                    .bean(milestones, "expand")             // a delivery for each person, due at once
                .when(simple("${body.type} == 'campaign.milestone_reached'"))
                    .bean(milestones, "requireRunning")     // neither paused nor cancelled
                    .to("direct:mail-campaign-milestone-reached")
                .otherwise()
                    .bean(mails, "refuseType")
            .end()
            .bean(ledger, "finish");

        // What a type of event does: places, as a file may have them.
        from("direct:mail-user-signed-up")
            .routeId("mail-user-signed-up")
            .errorHandler(noErrorHandler())                 // the worker decides what a failure means
            .description("Welcomes somebody by mail")
            .bean(mails, "welcome")
            .to("direct:send-mail");

        from("direct:mail-user-verified")
            .routeId("mail-user-verified")
            .errorHandler(noErrorHandler())
            .description("Confirms an address by mail")
            .bean(mails, "verified")
            .to("direct:send-mail");

        from("direct:mail-referral-verified")
            .routeId("mail-referral-verified")
            .errorHandler(noErrorHandler())
            .description("Tells a referrer of the new position by mail")
            .bean(mails, "positionUpdate")
            .to("direct:send-mail");

        from("direct:mail-reward-earned")
            .routeId("mail-reward-earned")
            .errorHandler(noErrorHandler())
            .description("Tells of an earned reward by mail")
            .bean(mails, "rewardEarned")
            .to("direct:send-mail");

        from("direct:mail-campaign-milestone-reached")
            .routeId("mail-campaign-milestone-reached")
            .errorHandler(noErrorHandler())
            .description("Tells one person of a milestone by mail")
            .bean(mails, "milestone")
            .to("direct:send-mail");

        from("scheduler:complaint-rate?delay=10000")
            .routeId("complaint-rate")
            .routeConfigurationId("poll")
            .description("Pauses announcements that too many people complain about, and finishes changes of announcements that were cut off")
            .doTry()
                .bean(complaints, "check")
            .doFinally()
                .bean(announcements, "finishChanges")
            .end();
    }
    // spotless:on
}
