package routes.yaml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.apache.camel.CamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.TestPropertySource;
import routes.OnPlatform;
import routes.Pipeline;
import routes.TestCampaign;
import routes.Unhurried;
import routes.dev.Inbox;
import routes.dev.Platform;
import routes.dev.ReceivedMail;
import routes.dev.WebhookReceiver;
import routes.dev.WebhookReceiver.Answer;
import routes.event.DomainEvent;
import routes.event.EventData;
import routes.event.EventData.CampaignMilestoneReached;
import routes.event.EventData.ReferralVerified;
import routes.event.EventData.RewardEarned;
import routes.event.EventData.UserSignedUp;
import routes.event.EventData.UserVerified;
import routes.event.EventPublisher;
import routes.event.Events;

/** The files to copy, all in their places: mail, positions and rewards are as they are in Java. */
@OnPlatform
@ExtendWith(TestCampaign.OfEachTest.class)
@TestPropertySource(properties = "routes.directory=examples/places/defaults")
class DefaultPlacesIT {

    private static final String PATH = "/webhooks/places";

    @Autowired
    private CamelContext camel;

    @Autowired
    private Platform platform;

    @Autowired
    private Pipeline pipeline;

    @Autowired
    private EventPublisher publisher;

    @Autowired
    private JdbcClient jdbc;

    @Autowired
    private Inbox inbox;

    @Autowired
    private WebhookReceiver webhooks;

    private TestCampaign campaign;

    @Test
    void everyPlaceIsAFileAndNoRouteIsThereTwice() {
        assertThat(Place.ids()).allSatisfy(id -> assertThat(camel.getRoutes())
                .filteredOn(route -> route.getRouteId().equals(id))
                .singleElement()
                .satisfies(route -> assertThat(route.getSourceResource().getLocation())
                        .contains("examples/places/defaults/" + id)));
    }

    @Test
    void eachTypeOfEventHasItsMailAndAReferralMovesThePerson() throws Exception {
        UUID ada = campaign.person();
        UUID grace = campaign.person();
        jdbc.sql("UPDATE waitlist_users SET verified_referral_count = 3 WHERE id = ?")
                .param(ada)
                .update();
        DomainEvent byMail = campaign.rewardByMail();

        publish(new UserSignedUp(grace.toString(), id(), address(grace)));
        publish(new UserVerified(grace.toString(), id(), address(grace)));
        publish(new ReferralVerified(Events.id(), ada.toString(), grace.toString(), id(), 2));
        publish(new CampaignMilestoneReached(id(), "the first", 3));
        publisher.publish(byMail);
        pipeline.awaitDrained();

        UUID winner = UUID.fromString(((RewardEarned) byMail.data()).userId());
        assertThat(subjectsTo(grace))
                .containsExactlyInAnyOrder(
                        "Welcome to A test", "Your email address is confirmed", "A test has reached 3 participants");
        assertThat(subjectsTo(ada))
                .containsExactlyInAnyOrder(
                        "A friend joined: your position is now 4", "A test has reached 3 participants");
        assertThat(subjectsTo(winner)).hasSize(3).contains("You earned a reward: A reward");
        assertThat(position(ada)).isEqualTo(4);
        assertThat(statuses()).containsOnly("delivered");
    }

    @Test
    void aMailIsRetriedUntilTheServerIsBackAndArrivesOnce() throws Exception {
        UUID person = campaign.person();
        DomainEvent event = Events.of(new UserVerified(person.toString(), id(), address(person)));
        try (Unhurried delivery = Unhurried.deliveriesOf(event, jdbc)) {
            platform.mail().kill();
            try {
                publisher.publish(event);
                await().until(() -> attempts("email-workers").contains("due"));
            } finally {
                platform.mail().restart();
            }
        }
        pipeline.awaitDrained();

        assertThat(subjectsTo(person)).containsExactly("Your email address is confirmed");
        assertThat(attempts("email-workers")).hasSizeGreaterThan(1).endsWith("delivered");
    }

    @Test
    void aWebhookIsRetriedUnderTheSameIdAndARewardByHandWaitsForAPerson() throws Exception {
        campaign.webhook(platform.inboxUrl() + PATH, "active", TestCampaign.SECRET);
        webhooks.answer(PATH, Answer.of(503), Answer.of(200));

        publisher.publish(campaign.rewardEarned(platform.inboxUrl() + PATH));
        publisher.publish(campaign.rewardByHand());
        publisher.publish(campaign.rewardBy("pigeon"));
        pipeline.awaitDrained();

        List<String> ids = webhooks.list().stream()
                .filter(request -> request.path().equals(PATH))
                .map(request -> request.headers().get("webhook-id"))
                .toList();
        assertThat(ids).hasSize(2);
        assertThat(Set.copyOf(ids)).hasSize(1);
        assertThat(attempts("reward-workers")).containsExactlyInAnyOrder("due", "delivered", "manual", "failed");
        assertThat(jdbc.sql("SELECT status FROM user_rewards WHERE campaign_id = ? AND status = 'delivered'")
                        .param(campaign.id())
                        .query(String.class)
                        .list())
                .hasSize(1);
    }

    private void publish(EventData data) throws Exception {
        publisher.publish(Events.of(data));
    }

    private String id() {
        return campaign.id().toString();
    }

    private String address(UUID person) {
        return campaign.address(person);
    }

    private int position(UUID person) {
        return jdbc.sql("SELECT position FROM waitlist_users WHERE id = ?")
                .param(person)
                .query(Integer.class)
                .single();
    }

    private List<String> subjectsTo(UUID person) {
        String address = address(person);
        return inbox.list().stream()
                .filter(mail -> mail.to().contains(address))
                .map(ReceivedMail::subject)
                .toList();
    }

    private List<String> statuses() {
        return jdbc.sql("SELECT status FROM event_routes.delivery WHERE campaign_id = ?")
                .param(id())
                .query(String.class)
                .list();
    }

    private List<String> attempts(String group) {
        return jdbc.sql("""
                        SELECT coalesce(a.outcome, '') FROM event_routes.delivery_attempt a
                        JOIN event_routes.delivery d ON d.id = a.delivery_id
                        WHERE d.campaign_id = ? AND d.consumer_group = ? ORDER BY a.attempt
                        """).param(id()).param(group).query(String.class).list();
    }
}
