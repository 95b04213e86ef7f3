package routes.reward;

import com.fasterxml.jackson.databind.node.ArrayNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;
import routes.delivery.DeliveryStatus;
import routes.delivery.Ended;
import routes.delivery.Outcome;
import routes.delivery.OutcomeListener;
import routes.event.EventData.RewardEarned;
import routes.event.EventJson;
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
    public List<Ended> lock(List<Ended> ended) {
        Map<UUID, String> statuses = new HashMap<>();
        sql.of("reward/lock")
                .param(
                        "user_reward_ids",
                        ended.stream()
                                .flatMap(one -> id(one).stream())
                                .map(UUID::toString)
                                .collect(Collectors.joining(",")))
                .query(row -> {
                    statuses.put(row.getObject("id", UUID.class), row.getString("status"));
                });
        return ended.stream()
                .map(one -> id(one).map(statuses::get)
                        .filter(status ->
                                one.outcome().status() == DeliveryStatus.DELIVERED && settings.isTakenBack(status))
                        .map(status -> one.with(Outcome.delivered(
                                TOO_LATE + ": user_rewards.status is " + status,
                                one.outcome().code())))
                        .orElse(one))
                .toList();
    }

    private static Optional<UUID> id(Ended ended) {
        return ended.delivery().event().data() instanceof RewardEarned event && Ids.isUuid(event.userRewardId())
                ? Optional.of(UUID.fromString(event.userRewardId()))
                : Optional.empty();
    }

    @Override
    public void finished(List<Ended> ended) {
        ArrayNode rows = EventJson.mapper().createArrayNode();
        for (Ended one : ended) {
            Outcome outcome = one.outcome();
            if (outcome.status() == DeliveryStatus.SKIPPED
                    || id(one).isEmpty()
                    || !(one.delivery().event().data() instanceof RewardEarned event)) {
                continue;
            }
            String status =
                    switch (outcome.status()) {
                        case DELIVERED -> "delivered";
                        case FAILED -> "failed";
                        default -> settings.waiting();
                    };
            boolean isDone = outcome.status() == DeliveryStatus.DELIVERED || outcome.status() == DeliveryStatus.MANUAL;
            rows.addObject()
                    .put("n", rows.size() - 1)
                    .put("user_reward_id", event.userRewardId())
                    .put("user_id", event.userId())
                    .put("campaign_id", event.campaignId())
                    .put("reward_id", event.rewardId())
                    .put("status", status)
                    .put("attempts", one.delivery().attempt())
                    .put("error", isDone ? null : outcome.toOthers());
        }
        if (!rows.isEmpty()) {
            sql.of("reward/status")
                    .param("rows", rows.toString())
                    .param("too_late", TOO_LATE)
                    .param("deliverable", deliverable())
                    .update();
        }
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
}
