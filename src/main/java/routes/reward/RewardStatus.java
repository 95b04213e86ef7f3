package routes.reward;

import com.fasterxml.jackson.databind.node.ArrayNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;
import routes.background.Pace;
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

    /** The same for one that an earlier attempt may have delivered, of which nobody knows how it ended. */
    private static final String PERHAPS_TOO_LATE =
            "voided too late, perhaps: an attempt was cut off, not answered, or answered with 202";

    private final Statements sql;
    private final RewardSettings settings;
    private final Pace pace = new Pace();

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
                                .flatMap(one -> reward(one).stream())
                                .map(RewardEarned::userRewardId)
                                .collect(Collectors.joining(",")))
                .query(row -> {
                    statuses.put(row.getObject("id", UUID.class), row.getString("status"));
                });
        return ended.stream()
                .map(one -> reward(one)
                        .map(reward -> statuses.get(UUID.fromString(reward.userRewardId())))
                        .filter(settings::isTakenBack)
                        .flatMap(status -> tooLate(one)
                                .map(late -> one.with(new Outcome(
                                        one.outcome().status(),
                                        late + ": "
                                                + (one.outcome().status() == DeliveryStatus.FAILED
                                                        ? one.outcome().toOthers()
                                                        : RewardSettings.reason(status)),
                                        one.outcome().code(),
                                        null))))
                        .orElse(one))
                .toList();
    }

    /** What is told of a reward that was taken back if it has been delivered all the same, for certain or perhaps. */
    private Optional<String> tooLate(Ended one) {
        return switch (one.outcome().status()) {
            case DELIVERED -> Optional.of(TOO_LATE);
            case SKIPPED, FAILED ->
                sql.of("reward/has-unknown-attempt", "delivery", one.delivery().id())
                                .query(Boolean.class)
                                .single()
                        ? Optional.of(PERHAPS_TOO_LATE)
                        : Optional.empty();
            default -> Optional.empty();
        };
    }

    /** What an attempt was about, if it can have a row. */
    private static Optional<RewardEarned> reward(Ended ended) {
        return ended.delivery().event().data() instanceof RewardEarned event && Ids.isUuid(event.userRewardId())
                ? Optional.of(event)
                : Optional.empty();
    }

    @Override
    public void finished(List<Ended> ended) {
        ArrayNode rows = EventJson.mapper().createArrayNode();
        ended.stream()
                .filter(one -> one.outcome().status() != DeliveryStatus.SKIPPED || isPerhapsTooLate(one.outcome()))
                .forEach(one -> reward(one).ifPresent(reward -> add(rows, one, reward)));
        if (!rows.isEmpty()) {
            sql.of("reward/status", "rows", rows.toString(), "deliverable", deliverable())
                    .update();
        }
    }

    private static boolean isPerhapsTooLate(Outcome outcome) {
        return String.valueOf(outcome.reason()).startsWith(PERHAPS_TOO_LATE);
    }

    private void add(ArrayNode rows, Ended ended, RewardEarned reward) {
        Outcome outcome = ended.outcome();
        String status =
                switch (outcome.status()) {
                    case DELIVERED -> "delivered";
                    case FAILED -> "failed";
                    default -> settings.waiting();
                };
        String delivered = outcome.status() == DeliveryStatus.DELIVERED ? TOO_LATE : null;
        boolean isDone = outcome.status() == DeliveryStatus.DELIVERED || outcome.status() == DeliveryStatus.MANUAL;
        rows.addObject()
                .put("n", rows.size() - 1)
                .put("user_reward_id", reward.userRewardId())
                .put("user_id", reward.userId())
                .put("campaign_id", reward.campaignId())
                .put("reward_id", reward.rewardId())
                .put("status", status)
                .put("attempts", ended.delivery().attempt())
                .put("error", isDone ? null : outcome.toOthers())
                .put("too_late", isPerhapsTooLate(outcome) ? PERHAPS_TOO_LATE : delivered);
    }

    /** Updates rows that did not exist, or could not be written, when their reward failed. */
    public void catchUp() {
        if (pace.isDue()) { // it reads all rewards that failed today
            pace.run(() ->
                    sql.of("reward/catch-up", "deliverable", deliverable()).update());
        }
    }

    @Override
    public boolean hearsOfOperators() {
        return true;
    }

    private String deliverable() {
        return String.join(",", settings.deliverable());
    }
}
