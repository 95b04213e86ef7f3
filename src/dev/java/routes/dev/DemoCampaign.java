package routes.dev;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.UUID;
import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.datasource.init.ScriptUtils;

/** A campaign to try things on: eight people, three rewards and a webhook, as demo-campaign.sql says. */
public final class DemoCampaign {
    /** The account that the campaign belongs to. */
    public static final UUID ACCOUNT = UUID.fromString("a0000000-0000-4000-8000-000000000001");

    /** The campaign, "Early Birds". */
    public static final UUID CAMPAIGN = UUID.fromString("c0ffee00-0000-4000-8000-000000000001");

    /** Ada Lovelace: signed up fourth, two verified referrals, not yet moved. Each reward is hers. */
    public static final UUID ADA = person(1);

    /** Grace Hopper, whom Ada referred. */
    public static final UUID GRACE = person(2);

    /** A person who is blocked. */
    public static final UUID BLOCKED = person(6);

    /** A person who was deleted. */
    public static final UUID DELETED = person(7);

    /** A person who gave no name. */
    public static final UUID NAMELESS = person(8);

    /** Ada's referral of Grace. */
    public static final UUID REFERRAL = UUID.fromString("40000000-0000-4000-8000-000000000001");

    /** The reward that is delivered by mail. */
    public static final UUID MAIL_REWARD = reward(1);

    /** Ada's {@link #MAIL_REWARD}. */
    public static final UUID ADAS_MAIL_REWARD = userReward(1);

    /** The reward that is delivered by webhook. */
    public static final UUID WEBHOOK_REWARD = reward(2);

    /** Ada's {@link #WEBHOOK_REWARD}. */
    public static final UUID ADAS_WEBHOOK_REWARD = userReward(2);

    /** The reward that a person delivers. */
    public static final UUID MANUAL_REWARD = reward(3);

    /** Ada's {@link #MANUAL_REWARD}. */
    public static final UUID ADAS_MANUAL_REWARD = userReward(3);

    /** The path on the receiver of webhooks to which the webhook reward goes. */
    public static final String WEBHOOK_PATH = "/webhooks/rewards";

    /** What the campaign's webhooks are signed with (Standard Webhooks). */
    public static final String WEBHOOK_SECRET = "whsec_ZG9tYWluLWV2ZW50LXJvdXRlcy1kZW1vLXNlY3JldCE=";

    private DemoCampaign() {}

    /** Creates what is missing of the campaign, and points its webhook to the platform's receiver. */
    public static void seed(Platform platform) {
        try (Connection connection = platform.database().dataSource().getConnection()) {
            try (PreparedStatement setting =
                    connection.prepareStatement("SELECT set_config('demo.webhook_url', ?, false)")) {
                setting.setString(1, platform.inboxUrl() + WEBHOOK_PATH);
                setting.execute();
            }
            ScriptUtils.executeSqlScript(connection, new ClassPathResource("dev/demo-campaign.sql"));
        } catch (SQLException e) {
            throw new IllegalStateException("The demo campaign cannot be created", e);
        }
    }

    private static UUID person(int number) {
        return UUID.fromString("10000000-0000-4000-8000-00000000000" + number);
    }

    private static UUID reward(int number) {
        return UUID.fromString("20000000-0000-4000-8000-00000000000" + number);
    }

    private static UUID userReward(int number) {
        return UUID.fromString("30000000-0000-4000-8000-00000000000" + number);
    }
}
