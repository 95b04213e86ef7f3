package routes.mail;

import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;
import routes.delivery.Delivery;
import routes.delivery.DeliveryException;
import routes.event.EventData.RewardEarned;
import routes.event.Ids;
import routes.reward.RewardSettings;
import routes.settings.Statements;

/** The template variables of a reward, from the application's tables. */
@Component
class RewardTexts {

    private final Statements sql;
    private final RewardSettings settings;

    RewardTexts(Statements sql, RewardSettings settings) {
        this.sql = sql;
        this.settings = settings;
    }

    /**
     * The variables of a reward that somebody has earned.
     *
     * @throws DeliveryException.Permanent when nobody has earned such a reward
     * @throws DeliveryException.Transient when the row may still appear
     * @throws DeliveryException.Skipped when the application has taken the reward back
     */
    Map<String, Object> variables(Delivery delivery, RewardEarned earned) {
        String reason = "there is no user_reward %s of reward %s and user %s in campaign %s"
                .formatted(earned.userRewardId(), earned.rewardId(), earned.userId(), earned.campaignId());
        if (!Stream.of(earned.userRewardId(), earned.rewardId(), earned.userId(), earned.campaignId())
                .allMatch(Ids::isUuid)) {
            throw new DeliveryException.Permanent(reason);
        }
        Map<String, Object> found = sql
                .of("mail/reward")
                .param("user_reward_id", UUID.fromString(earned.userRewardId()))
                .param("user_id", UUID.fromString(earned.userId()))
                .param("campaign_id", UUID.fromString(earned.campaignId()))
                .param("reward_id", UUID.fromString(earned.rewardId()))
                .query()
                .listOfRows()
                .stream()
                .findFirst()
                .orElseThrow(() -> delivery.missing(reason));
        settings.requireNotTakenBack(String.valueOf(found.remove("status"))); // not a template variable
        return found;
    }
}
