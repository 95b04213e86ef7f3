package routes.reward;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.stereotype.Component;
import routes.operation.Arguments;
import routes.operation.Page;
import routes.reward.RewardOperations.Result;
import routes.reward.RewardOperations.Summary;
import routes.settings.OnRole;
import routes.settings.Role;

/** {@code rewards}: finds earned rewards; holds, releases and voids them, many at once. */
@OnRole(Role.REWARD)
@Component
@Endpoint(id = "rewards")
class RewardsEndpoint {

    private final RewardOperations rewards;

    RewardsEndpoint(RewardOperations rewards) {
        this.rewards = rewards;
    }

    /** The chosen rewards: all of them, or only those that an action would change. */
    @ReadOperation
    Page<Summary> find(
            @Nullable String campaign,
            @Nullable String referrer,
            @Nullable String person,
            @Nullable String reward,
            @Nullable String earned,
            @Nullable String from,
            @Nullable String to,
            @Nullable String action,
            @Nullable String limit,
            @Nullable String after) {
        return rewards.find(
                RewardOperations.chosen(campaign, referrer, person, reward, earned, from, to),
                Arguments.ifGiven("action", action, RewardOperations::action),
                Arguments.limit(limit),
                Arguments.ifGiven("after", after, Arguments::uuid));
    }

    /**
     * Holds, releases or voids the chosen rewards; unless {@code dryRun} is false, it only counts them.
     *
     * @param expected how many were counted; if there are more, nothing is changed
     */
    @WriteOperation
    Result change(
            @Nullable String action,
            @Nullable String by,
            @Nullable String reason,
            @Nullable String campaign,
            @Nullable String referrer,
            @Nullable String person,
            @Nullable String reward,
            @Nullable String earned,
            @Nullable String from,
            @Nullable String to,
            @Nullable String expected,
            @Nullable String dryRun) {
        String what = RewardOperations.action("action", action);
        String who = Arguments.by(by);
        Map<String, String> chosen = RewardOperations.chosen(campaign, referrer, person, reward, earned, from, to);
        return Arguments.dryRun(dryRun)
                ? rewards.look(chosen, what)
                : rewards.change(chosen, what, expected, who, reason);
    }
}
