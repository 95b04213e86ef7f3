package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.util.List;
import org.apache.camel.CamelContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import routes.dev.DemoCampaign;
import routes.dev.Inbox;
import routes.dev.ReceivedMail;
import routes.dev.WebhookReceiver;

/** The specification's six events, from POST /events to their effects, on real servers. */
@OnPlatform
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class PipelineIT {

    private static final String ADA = "ada@example.com";
    private static final String GRACE = "grace@example.com";

    @Autowired
    private Pipeline pipeline;

    @Autowired
    private JdbcClient jdbc;

    @Autowired
    private CamelContext camel;

    @Autowired
    private Inbox inbox;

    @Autowired
    private WebhookReceiver webhooks;

    @BeforeEach
    void empty() {
        pipeline.awaitDrained();
        inbox.clear();
        webhooks.clear();
    }

    @Test
    @Order(1)
    void theSixEventsHaveTheEffectsOfTheSpecification() throws Exception {
        assertThat(pipeline.publish(Pipeline.example("all-six")).statusCode()).isEqualTo(202);
        pipeline.awaitDrained();

        assertThat(subjectsTo(GRACE))
                .containsExactlyInAnyOrder(
                        "Welcome to Early Birds",
                        "Your email address is confirmed",
                        "Early Birds has reached 1,000 participants");
        assertThat(subjectsTo(ADA))
                .containsExactlyInAnyOrder(
                        "A friend joined: your position is now 2",
                        "You earned a reward: Founder T-shirt",
                        "Early Birds has reached 1,000 participants");
        assertThat(inbox.list())
                .as("and the milestone to each of the six active people")
                .hasSize(4 + 6);
        assertThat(inbox.list()).allSatisfy(mail -> {
            assertThat(mail.from()).isEqualTo("Early Birds <hello@early-birds.example>");
            assertThat(mail.text()).isNotBlank();
            assertThat(mail.html()).startsWithIgnoringCase("<!doctype html>");
        });
        assertThat(position("Ada")).isEqualTo(2);
        assertThat(webhooks.list()).singleElement().satisfies(request -> {
            assertThat(request.body()).contains("\"type\":\"reward.delivered\"", "\"size\":\"M\"");
            SignedRequests.verify(request, DemoCampaign.WEBHOOK_SECRET);
        });
        assertThat(rewardStatus(2)).isEqualTo("delivered");
    }

    @Test
    @Order(2)
    void publishedAgainTheyHaveNoEffectMore() throws Exception {
        assertThat(pipeline.publish(Pipeline.example("all-six")).statusCode()).isEqualTo(202);
        pipeline.awaitDrained();

        assertThat(inbox.list()).isEmpty();
        assertThat(webhooks.list()).isEmpty();
        assertThat(position("Ada")).isEqualTo(2);
    }

    @Test
    @Order(3)
    void aRewardByMailCarriesItsCodeAndOneByHandWaitsForAPerson() throws Exception {
        pipeline.publish(Pipeline.example("reward-earned-by-mail"));
        pipeline.publish(Pipeline.example("reward-earned-by-hand"));
        pipeline.awaitDrained();

        assertThat(mailsTo(ADA)).anySatisfy(mail -> assertThat(mail.html()).contains("WELCOME10"));
        assertThat(rewardStatus(1)).isEqualTo("delivered");
        assertThat(rewardStatus(3)).isEqualTo("pending");
        assertThat(jdbc.sql("""
                                SELECT status FROM event_routes.delivery
                                WHERE consumer_group = 'reward-workers' AND event -> 'data' ->> 'user_reward_id' = ?
                                """)
                        .param("30000000-0000-4000-8000-000000000003")
                        .query(String.class)
                        .single())
                .isEqualTo("manual");
    }

    @Test
    @Order(4)
    void theSpecificationsPlaceholdersEndVisiblyAndTheirMailArrivesAllTheSame() throws Exception {
        String all = Pipeline.example("all-six")
                .replaceAll(
                        "c0ffee00-0000-4000-8000-000000000001|a0000000-0000-4000-8000-000000000001", "campaign-uuid")
                .replaceAll("[1-4]0000000-0000-4000-8000-00000000000\\d", "some-uuid")
                .replaceAll("\"id\": *\"[0-9a-f-]{36}\"", "\"id\": \"550e8400-e29b-41d4-a716-446655440000\"")
                .replace(GRACE, "user@example.com");

        assertThat(pipeline.publish(all).statusCode()).isEqualTo(202);
        pipeline.awaitDrained();

        assertThat(inbox.list())
                .extracting(ReceivedMail::to)
                .containsExactly("user@example.com", "user@example.com"); // signed_up and verified, of one event id
        assertThat(jdbc.sql("SELECT consumer_group, event_type, status, reason FROM event_routes.delivery"
                                + " WHERE campaign_id = 'campaign-uuid' AND status <> 'delivered' ORDER BY 1, 2")
                        .query()
                        .listOfRows())
                .extracting(row -> row.get("consumer_group"), row -> row.get("status"), row -> row.get("reason"))
                .containsExactly(
                        tuple("email-workers", "failed", "there is no campaign campaign-uuid: its id is not a UUID"),
                        tuple("email-workers", "failed", "there is no person some-uuid in campaign campaign-uuid"),
                        tuple("email-workers", "failed", "there is no person some-uuid in campaign campaign-uuid"),
                        tuple("position-workers", "failed", "there is no campaign campaign-uuid: its id is not a UUID"),
                        tuple("reward-workers", "failed", "there is no user_reward some-uuid: its id is not a UUID"));
    }

    @Test
    @Order(5)
    void anEventOfAnUnknownTypePassesOver() throws Exception {
        pipeline.write("{\"id\":\"1\",\"type\":\"cart.emptied\",\"data\":{}}");
        pipeline.awaitDrained();

        assertThat(inbox.list()).isEmpty();
    }

    /** What that means is in {@link StepErrorsTest}. */
    @Test
    void anErrorInAnyStepIsAFailure() {
        assertThat(camel.getCamelContextExtension().getInterceptStrategies())
                .hasAtLeastOneElementOfType(StepErrors.class);
    }

    private List<ReceivedMail> mailsTo(String address) {
        return inbox.list().stream().filter(mail -> mail.to().contains(address)).toList();
    }

    private List<String> subjectsTo(String address) {
        return mailsTo(address).stream().map(ReceivedMail::subject).toList();
    }

    private int position(String firstName) {
        return jdbc.sql("SELECT position FROM waitlist_users WHERE first_name = ?")
                .param(firstName)
                .query(Integer.class)
                .single();
    }

    private String rewardStatus(int number) {
        return jdbc.sql("SELECT status FROM user_rewards WHERE id = CAST(? AS uuid)")
                .param("30000000-0000-4000-8000-00000000000" + number)
                .query(String.class)
                .single();
    }
}
