package routes.reward;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An earned reward, with all that its delivery needs.
 *
 * @param id the earned reward (user_rewards.id)
 * @param data what belongs to this one: a code, a size
 * @param method how it is delivered: email, webhook or manual
 * @param webhook the registered webhook that the reward names; null when it names none that is registered
 */
public record Reward(
        String id,
        String userId,
        String email,
        String rewardId,
        String name,
        @Nullable String description,
        String type,
        JsonNode data,
        String method,
        @Nullable Webhook webhook) {

    /**
     * A receiver that the campaign registered.
     *
     * @param id its row in webhooks, and the lane of its deliveries
     * @param url where to
     * @param secrets {@code whsec_...}, the newest first; each signs, while keys rotate
     * @param status active or disabled, as the application says
     * @param failing whether its last attempt failed, as far as is known
     * @param disabledBecause why this service has disabled it; null when it has not
     */
    public record Webhook(
            UUID id,
            String url,
            List<String> secrets,
            String status,
            boolean failing,
            @Nullable String disabledBecause) {

        /** Without the secrets: a record prints all it holds. */
        @Override
        public String toString() {
            return "Webhook[id=%s, status=%s]".formatted(id, status);
        }
    }

    /** What a mail says of the reward. */
    public Map<String, Object> mailVariables() {
        Map<String, Object> variables = new HashMap<>();
        variables.put("reward_name", name);
        if (description != null) {
            variables.put("reward_description", description);
        }
        if (data.path("code").isTextual()) {
            variables.put("reward_code", data.path("code").textValue());
        }
        return variables;
    }
}
