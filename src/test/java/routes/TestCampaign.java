package routes;

import static org.junit.platform.commons.support.HierarchyTraversalMode.TOP_DOWN;

import java.lang.reflect.Field;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.ReflectionSupport;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.junit.jupiter.SpringExtension;
import routes.dev.Inbox;
import routes.dev.WebhookReceiver;
import routes.event.DomainEvent;
import routes.event.EventData.RewardEarned;
import routes.event.Events;

/** A campaign of one test, with its people and rewards. What the test does to it is no other test's business. */
public final class TestCampaign {

    /** In the form that Standard Webhooks asks for. */
    public static final String SECRET = "whsec_YS1zZWNyZXQtdGhhdC1pcy1sb25nLWVub3VnaC4uLg==";

    /**
     * Gives each test of a class of {@link OnPlatform} a campaign in its field of this type, once nothing is under way and inbox and receivers
     * have forgotten what was before; afterwards all that is its own is deleted.
     */
    public static final class OfEachTest implements BeforeEachCallback, AfterEachCallback {

        @Override
        public void beforeEach(ExtensionContext test) throws IllegalAccessException {
            ApplicationContext service = SpringExtension.getApplicationContext(test);
            service.getBean(Pipeline.class).awaitDrained();
            service.getBean(WebhookReceiver.class).clear();
            service.getBean(Inbox.class).clear();
            field(test).set(test.getRequiredTestInstance(), create(service.getBean(JdbcClient.class)));
        }

        @Override
        public void afterEach(ExtensionContext test) throws IllegalAccessException {
            ApplicationContext service = SpringExtension.getApplicationContext(test);
            TestCampaign campaign = (TestCampaign) field(test).get(test.getRequiredTestInstance());
            campaign.forgetWhatIsDue();
            service.getBean(WebhookReceiver.class).clear();
            service.getBean(Pipeline.class).awaitDrained();
            campaign.delete();
        }

        private static Field field(ExtensionContext test) {
            Field field = ReflectionSupport.findFields(
                            test.getRequiredTestClass(), its -> its.getType() == TestCampaign.class, TOP_DOWN)
                    .get(0);
            field.setAccessible(true);
            return field;
        }
    }

    private final JdbcClient jdbc;
    private final UUID id = UUID.randomUUID();

    private TestCampaign(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    public static TestCampaign create(JdbcClient jdbc) {
        return create(jdbc, "{}");
    }

    /**
     * Creates a campaign.
     *
     * @param referralConfig what its referrals are worth, as JSON
     */
    public static TestCampaign create(JdbcClient jdbc, String referralConfig) {
        TestCampaign campaign = new TestCampaign(jdbc);
        jdbc.sql("""
                        INSERT INTO campaigns (id, account_id, name, slug, referral_config)
                        VALUES (:id, :id, 'A test', 'a-test', CAST(:config AS jsonb))
                        """).param("id", campaign.id).param("config", referralConfig).update();
        return campaign;
    }

    public UUID id() {
        return id;
    }

    /** Somebody who takes part, and has no special place. */
    public UUID person() {
        UUID person = UUID.randomUUID();
        jdbc.sql("""
                        INSERT INTO waitlist_users (id, campaign_id, email, referral_code, original_position, position)
                        VALUES (:id, :campaign, :email, 'CODE', 10, 10)
                        """)
                .param("id", person)
                .param("campaign", id)
                .param("email", Events.email())
                .update();
        return person;
    }

    /** The mail address of somebody who takes part. */
    public String address(UUID person) {
        return jdbc.sql("SELECT email FROM waitlist_users WHERE id = ?")
                .param(person)
                .query(String.class)
                .single();
    }

    /** Registers a receiver of webhooks. */
    public void webhook(String url, String status, String secret) {
        jdbc.sql("INSERT INTO webhooks (id, campaign_id, url, secrets, status)"
                        + " VALUES (:id, :campaign, :url, ARRAY[:secret], :status)")
                .param("id", UUID.randomUUID())
                .param("campaign", id)
                .param("url", url)
                .param("secret", secret)
                .param("status", status)
                .update();
    }

    /** Somebody has earned a reward that goes to this address, whether it is registered or not. */
    public DomainEvent rewardEarned(String webhookUrl) {
        return rewardEarned("webhook", webhookUrl);
    }

    /** Somebody has earned a reward that goes to them by mail. */
    public DomainEvent rewardByMail() {
        return rewardEarned("email", null);
    }

    /** Somebody has earned a reward that a person has to hand over. */
    public DomainEvent rewardByHand() {
        return rewardEarned("manual", null);
    }

    /** Somebody has earned a reward whose delivery_method is as given. */
    public DomainEvent rewardBy(String method) {
        return rewardEarned(method, null);
    }

    private DomainEvent rewardEarned(String method, @Nullable String webhookUrl) {
        UUID person = person();
        UUID reward = UUID.randomUUID();
        UUID earned = UUID.randomUUID();
        jdbc.sql("""
                        WITH reward AS (
                            INSERT INTO rewards (id, campaign_id, name, type, delivery_method, delivery_config)
                            VALUES (:reward, :campaign, 'A reward', 'gift', :method,
                                    jsonb_build_object('webhook_url', CAST(:url AS text))))
                        INSERT INTO user_rewards (id, user_id, campaign_id, reward_id)
                        VALUES (:earned, :person, :campaign, :reward)
                        """)
                .param("reward", reward)
                .param("campaign", id)
                .param("method", method)
                .param("url", webhookUrl)
                .param("earned", earned)
                .param("person", person)
                .update();
        return Events.of(new RewardEarned(earned.toString(), person.toString(), id.toString(), reward.toString()));
    }

    /** A reward on hold would be due in days. */
    private void forgetWhatIsDue() {
        jdbc.sql("DELETE FROM event_routes.delivery WHERE campaign_id = ? AND status = 'due'")
                .param(id.toString())
                .update();
    }

    /** Deletes the campaign and all that is its own. */
    public void delete() {
        jdbc.sql("DELETE FROM event_routes.delivery WHERE campaign_id = ?")
                .param(id.toString())
                .update();
        for (String table : new String[] {
            "referrals",
            "user_rewards",
            "rewards",
            "webhooks",
            "waitlist_users",
            "event_routes.campaign_points",
            "event_routes.standing",
            "event_routes.leaderboard"
        }) {
            jdbc.sql("DELETE FROM " + table + " WHERE campaign_id = ?")
                    .param(id)
                    .update();
        }
        jdbc.sql("DELETE FROM campaigns WHERE id = ?").param(id).update();
    }
}
