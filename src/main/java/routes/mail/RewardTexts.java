package routes.mail;

import java.util.Map;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import routes.delivery.DeliveryException;
import routes.event.Ids;
import routes.settings.SqlFiles;

/** What a mail says of a reward, from the application's tables. */
@Component
class RewardTexts {

    private final JdbcClient jdbc;
    private final String find;

    RewardTexts(JdbcClient jdbc, SqlFiles sql) {
        this.jdbc = jdbc;
        this.find = sql.read("mail/reward.sql");
    }

    /**
     * The variables of a reward of a campaign.
     *
     * @throws DeliveryException.Permanent when there is no such reward
     */
    Map<String, Object> variables(String campaignId, String rewardId) {
        if (Ids.isUuid(campaignId) && Ids.isUuid(rewardId)) {
            var rows = jdbc.sql(find)
                    .param("campaign_id", UUID.fromString(campaignId))
                    .param("reward_id", UUID.fromString(rewardId))
                    .query()
                    .listOfRows();
            if (!rows.isEmpty()) {
                return rows.get(0);
            }
        }
        throw new DeliveryException.Permanent("there is no reward %s in campaign %s".formatted(rewardId, campaignId));
    }
}
