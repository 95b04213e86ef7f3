package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.eq;
import static org.mockito.BDDMockito.given;
import static org.mockito.BDDMockito.willThrow;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.timeout;
import static org.mockito.Mockito.verify;

import jakarta.mail.Session;
import jakarta.mail.internet.MimeMessage;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.AdviceWith;
import org.apache.camel.component.mock.MockEndpoint;
import org.apache.camel.test.spring.junit5.UseAdviceWith;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mockito.ArgumentCaptor;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.annotation.Import;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.test.context.bean.override.mockito.MockitoBean;
import routes.delivery.ConsumerGroups;
import routes.delivery.Delivery;
import routes.delivery.DeliveryException;
import routes.delivery.DeliveryLedger;
import routes.delivery.DeliveryStatus;
import routes.delivery.LeaseLostException;
import routes.delivery.Outcome;
import routes.event.EventType;
import routes.event.Events;
import routes.mail.Mails;
import routes.mail.PositionWindow;
import routes.mail.announcement.AnnouncementOperations;
import routes.mail.announcement.MilestoneFanOut;
import routes.mail.report.ComplaintRate;

@RouteTest
@UseAdviceWith
@Import(EmailWorkers.class)
@MockitoBean(types = ConsumerGroups.class)
class EmailWorkersTest {

    private static final List<String> PLACES = List.of(
            "mail-user-signed-up",
            "mail-user-verified",
            "mail-referral-verified",
            "mail-reward-earned",
            "mail-campaign-milestone-reached");

    private static final MimeMessage MAIL = new MimeMessage((Session) null);

    @Autowired
    private CamelContext camel;

    @Autowired
    private ProducerTemplate template;

    @MockitoBean
    private DeliveryLedger ledger;

    @MockitoBean
    private Mails mails;

    @MockitoBean
    private PositionWindow window;

    @MockitoBean
    private MilestoneFanOut milestones;

    @MockitoBean
    private ComplaintRate complaints;

    @MockitoBean
    private AnnouncementOperations announcements;

    @BeforeEach
    void startTheWorkerAlone() throws Exception {
        if (camel.getStatus().isStarted()) {
            MockEndpoint.resetMocks(camel);
            prepare();
            return;
        }
        AdviceWith.adviceWith(camel, "email-workers", route -> route.replaceFromWith("direct:records"));
        AdviceWith.adviceWith(camel, "complaint-rate", route -> route.replaceFromWith("direct:complaint-rate"));
        AdviceWith.adviceWith(camel, "email-worker", route -> {
            route.replaceFromWith("direct:email-worker");
        });
        for (String place : PLACES) {
            AdviceWith.adviceWith(camel, place, route -> route.weaveByToUri("direct:send-mail")
                    .replace()
                    .to("mock:send-mail"));
        }
        camel.start();
        prepare();
    }

    private void prepare() {
        sent().whenAnyExchangeReceived(exchange -> exchange.getMessage().setBody(Outcome.delivered()));
        given(window.gather(any())).willAnswer(call -> call.getArgument(0));
        given(milestones.requireRunning(any())).willAnswer(call -> call.getArgument(0));
        given(ledger.begin(any(), any())).willAnswer(call -> {
            call.getArgument(1, Exchange.class)
                    .setProperty(DeliveryLedger.DELIVERY, call.getArgument(0, Delivery.class));
            return call.getArgument(0);
        });
    }

    @ParameterizedTest
    @EnumSource(
            value = EventType.class,
            names = {"USER_SIGNED_UP", "USER_VERIFIED", "REFERRAL_VERIFIED", "REWARD_EARNED"})
    void writesTheMailOfTheTypeAndSendsIt(EventType type) throws Exception {
        Delivery delivery = delivery(type, "");
        given(mails.welcome(any())).willReturn(type == EventType.USER_SIGNED_UP ? MAIL : null);
        given(mails.verified(any())).willReturn(type == EventType.USER_VERIFIED ? MAIL : null);
        given(mails.positionUpdate(any())).willReturn(type == EventType.REFERRAL_VERIFIED ? MAIL : null);
        given(mails.rewardEarned(any())).willReturn(type == EventType.REWARD_EARNED ? MAIL : null);
        sent().expectedBodiesReceived(MAIL);

        template.sendBody("direct:email-worker", delivery);

        sent().assertIsSatisfied();
        verify(ledger).finish(delivery, Outcome.delivered());
    }

    @Test
    void makesADeliveryForEachPersonOutOfAMilestone() throws Exception {
        Delivery delivery = delivery(EventType.CAMPAIGN_MILESTONE_REACHED, "");
        Outcome expanded = Outcome.delivered("one mail each to 3 people", null);
        given(milestones.expand(delivery)).willReturn(expanded);
        sent().expectedMessageCount(0);

        template.sendBody("direct:email-worker", delivery);

        sent().assertIsSatisfied();
        verify(ledger).finish(delivery, expanded);
    }

    @Test
    void sendsAMilestoneToOnePerson() throws Exception {
        Delivery delivery = delivery(EventType.CAMPAIGN_MILESTONE_REACHED, Events.id());
        given(mails.milestone(delivery)).willReturn(MAIL);
        sent().expectedBodiesReceived(MAIL);

        template.sendBody("direct:email-worker", delivery);

        sent().assertIsSatisfied();
        verify(milestones, never()).expand(any());
        verify(ledger).finish(delivery, Outcome.delivered());
    }

    @Test
    void doesNotSendAnAnnouncementThatIsPaused() throws Exception {
        Delivery delivery = delivery(EventType.CAMPAIGN_MILESTONE_REACHED, Events.id());
        given(mails.milestone(delivery)).willReturn(MAIL);
        willThrow(new DeliveryException.Later("paused by ann", Duration.ofMinutes(1)))
                .given(milestones)
                .requireRunning(delivery);
        sent().expectedMessageCount(0);

        template.sendBody("direct:email-worker", delivery);

        sent().assertIsSatisfied();
        verify(mails, never()).milestone(delivery);
    }

    @Test
    void turnsAFailureIntoItsOutcome() {
        Delivery delivery = delivery(EventType.USER_SIGNED_UP, "");
        sent().whenAnyExchangeReceived(exchange -> {
            throw new DeliveryException.Transient("the SMTP server: busy", "421", null, null);
        });

        template.sendBody("direct:email-worker", delivery);

        ArgumentCaptor<Outcome> outcome = ArgumentCaptor.forClass(Outcome.class);
        verify(ledger, timeout(60_000)).finish(eq(delivery), outcome.capture());
        assertThat(outcome.getValue())
                .returns(DeliveryStatus.DUE, Outcome::status)
                .returns("the SMTP server: busy", Outcome::reason)
                .returns("the other side answered 421", Outcome::toOthers)
                .returns("421", Outcome::code);
    }

    @Test
    void doesNothingForADeliveryThatAnotherInstanceHolds() throws Exception {
        willThrow(new LeaseLostException(UUID.randomUUID())).given(ledger).begin(any(), any());
        sent().expectedMessageCount(0);

        template.sendBody("direct:email-worker", delivery(EventType.USER_SIGNED_UP, ""));

        sent().assertIsSatisfied();
        verify(ledger, never()).finish(any(), any());
    }

    private MockEndpoint sent() {
        return camel.getEndpoint("mock:send-mail", MockEndpoint.class);
    }

    private static Delivery delivery(EventType type, String recipient) {
        return new Delivery(
                UUID.randomUUID(), "email-workers", recipient, Events.any(type), 1, 1, 1, false, false, null);
    }

    @Test
    void announcementsThatWereCutOffAreFinishedAlsoWhenComplaintsCannotBeCounted() {
        willThrow(new QueryTimeoutException("too slow")).given(complaints).check();

        template.send("direct:complaint-rate", exchange -> {});

        verify(announcements).finishChanges();
    }
}
