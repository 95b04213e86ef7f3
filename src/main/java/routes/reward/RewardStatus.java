package routes.reward;

import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import routes.delivery.Delivery;
import routes.delivery.DeliveryStatus;
import routes.delivery.Outcome;
import routes.delivery.OutcomeListener;
import routes.event.EventData.RewardEarned;
import routes.event.Ids;
import routes.settings.SqlFiles;

/** Keeps user_rewards in step with the ledger: both change in one transaction. */
@Component
class RewardStatus implements OutcomeListener {

    private final JdbcClient jdbc;
    private final String update;

    RewardStatus(JdbcClient jdbc, SqlFiles sql) {
        this.jdbc = jdbc;
        this.update = sql.read("reward/status.sql");
    }

    @Override
    public String group() {
        return "reward-workers";
    }

    @Override
    public void finished(Delivery delivery, Outcome outcome) {
        if (!(delivery.event().data() instanceof RewardEarned event)
                || outcome.status() == DeliveryStatus.SKIPPED
                || !Ids.isUuid(event.userRewardId())) {
            return;
        }
        String status =
                switch (outcome.status()) {
                    case DELIVERED -> "delivered";
                    case FAILED -> "failed";
                    default -> "pending";
                };
        boolean error = outcome.status() == DeliveryStatus.FAILED || outcome.status() == DeliveryStatus.DUE;
        jdbc.sql(update)
                .param("status", status)
                .param("attempts", delivery.attempt())
                .param("error", error ? outcome.reason() : null)
                .param("user_reward_id", UUID.fromString(event.userRewardId()))
                .param("user_id", event.userId())
                .param("campaign_id", event.campaignId())
                .param("reward_id", event.rewardId())
                .update();
    }
}
