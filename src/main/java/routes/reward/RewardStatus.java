package routes.reward;

import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import routes.delivery.Delivery;
import routes.delivery.Outcome;
import routes.delivery.OutcomeListener;
import routes.delivery.SqlFiles;
import routes.event.EventData.RewardEarned;
import routes.event.Ids;

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
        String userRewardId = ((RewardEarned) delivery.event().data()).userRewardId();
        String status =
                switch (outcome.status()) {
                    case DELIVERED -> "delivered";
                    case FAILED -> "failed";
                    case DUE, MANUAL -> "pending";
                    case SKIPPED, LEASED -> "";
                };
        if (status.isEmpty() || !Ids.isUuid(userRewardId)) {
            return;
        }
        jdbc.sql(update)
                .param("status", status)
                .param("attempts", delivery.attempt())
                .param("error", status.equals("delivered") ? null : outcome.reason())
                .param("user_reward_id", UUID.fromString(userRewardId))
                .update();
    }
}
