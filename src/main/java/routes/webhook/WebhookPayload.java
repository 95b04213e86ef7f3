package routes.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;

/**
 * The payload that a receiver gets (Standard Webhooks).
 *
 * @param type always {@code reward.delivered}
 * @param timestamp when the reward was earned (ISO 8601); the same for all attempts
 * @param data the reward
 */
record WebhookPayload(String type, String timestamp, Data data) {

    @JsonNaming(SnakeCaseStrategy.class)
    record Data(
            String userId, String email, String rewardId, String rewardName, String rewardType, JsonNode rewardData) {}
}
