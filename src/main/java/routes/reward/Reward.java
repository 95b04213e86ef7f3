package routes.reward;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import routes.delivery.DeliveryException;

/**
 * An earned reward, with everything that its delivery needs.
 *
 * @param id the earned reward (user_rewards.id)
 * @param data the data of this one: a code, a size
 * @param method how it is delivered: email, webhook or manual
 * @param webhook the registered webhook of the reward; null if it has none
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
     * @param campaignId the campaign
     * @param url its URL
     * @param secrets {@code whsec_...}, newest first; during a rotation each one signs
     * @param status active or disabled, according to the application
     * @param failing whether its last attempt failed, as far as known
     * @param disabledBecause why this service disabled it; null if it has not
     */
    public record Webhook(
            UUID id,
            String campaignId,
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

    /**
     * The template variables of the reward.
     *
     * @throws DeliveryException.Permanent when its data has a code that does not fit in a mail
     */
    public Map<String, Object> mailVariables() {
        Map<String, Object> variables = new HashMap<>();
        variables.put("reward_name", name);
        if (description != null) {
            variables.put("reward_description", description);
        }
        String code = code();
        if (code != null) {
            variables.put("reward_code", code);
        }
        return variables;
    }

    /** The code in its data, possibly nested; null if there is none. */
    private @Nullable String code() {
        List<JsonNode> codes = data.has("code") ? List.of(data.path("code")) : data.findValues("code");
        if (codes.isEmpty() || (codes.size() == 1 && codes.get(0).isNull())) {
            return null;
        }
        JsonNode code = codes.get(0);
        if (codes.size() > 1 || !code.isValueNode()) {
            throw new DeliveryException.Permanent(
                    "reward_data has %s, but a mail needs a single code: a text or a number"
                            .formatted(
                                    codes.size() > 1 ? codes.size() + " codes" : "a code that is not a single value"));
        }
        return code.isNumber() ? code.decimalValue().toPlainString() : code.asText();
    }
}
