package routes.reward;

import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import routes.delivery.Delivery;
import routes.delivery.DeliveryStatus;
import routes.delivery.Outcome;
import routes.delivery.OutcomeListener;
import routes.event.DomainEvent;
import routes.event.EventData.RewardEarned;
import routes.event.Ids;
import routes.settings.Statements;

/** Keeps user_rewards in step with the ledger: if there is a row, both change in one transaction. */
@Component
public class RewardStatus implements OutcomeListener {

    /** The reason in both tables for a reward that was taken back while it was being delivered. */
    private static final String TOO_LATE = "voided too late: it has been delivered";

    private final Statements sql;
    private final RewardSettings settings;

    RewardStatus(Statements sql, RewardSettings settings) {
        this.sql = sql;
        this.settings = settings;
    }

    @Override
    public String group() {
        return "reward-workers";
    }

    @Override
    public Outcome lock(Delivery delivery, Outcome outcome) {
        if (!(delivery.event().data() instanceof RewardEarned event) || !Ids.isUuid(event.userRewardId())) {
            return outcome;
        }
        return sql.of("reward/lock")
                .param("user_reward_id", UUID.fromString(event.userRewardId()))
                .query(String.class)
                .optional()
                .filter(status -> outcome.status() == DeliveryStatus.DELIVERED && settings.isTakenBack(status))
                .map(status -> Outcome.delivered(TOO_LATE + ": user_rewards.status is " + status, outcome.code()))
                .orElse(outcome);
    }

    @Override
    public void finished(Delivery delivery, Outcome outcome) {
        if (outcome.status() == DeliveryStatus.SKIPPED) {
            return;
        }
        String status =
                switch (outcome.status()) {
                    case DELIVERED -> "delivered";
                    case FAILED -> "failed";
                    default -> settings.waiting();
                };
        boolean done = outcome.status() == DeliveryStatus.DELIVERED || outcome.status() == DeliveryStatus.MANUAL;
        write(delivery.event(), status, delivery.attempt(), done ? null : outcome.toOthers());
    }

    /** Updates rows that did not exist, or could not be written, when their reward failed. */
    public void catchUp() {
        sql.of("reward/catch-up").param("deliverable", deliverable()).update();
    }

    @Override
    public boolean hearsOfOperators() {
        return true;
    }

    private String deliverable() {
        return String.join(",", settings.deliverable());
    }

    private void write(DomainEvent about, String status, int attempts, @Nullable String error) {
        if (!(about.data() instanceof RewardEarned event) || !Ids.isUuid(event.userRewardId())) {
            return;
        }
        sql.of("reward/status")
                .param("status", status)
                .param("attempts", attempts)
                .param("error", error)
                .param("too_late", TOO_LATE)
                .param("deliverable", deliverable())
                .param("user_reward_id", UUID.fromString(event.userRewardId()))
                .param("user_id", event.userId())
                .param("campaign_id", event.campaignId())
                .param("reward_id", event.rewardId())
                .update();
    }
}
