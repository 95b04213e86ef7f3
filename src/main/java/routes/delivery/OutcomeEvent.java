package routes.delivery;

import com.fasterxml.jackson.databind.util.RawValue;
import java.time.Instant;
import java.util.UUID;
import routes.event.EventJson;

/**
 * An outcome of which others are told: a row of {@code event_routes.outcome_event}.
 *
 * @param id its place among the outcomes that this service wrote; those of a delivery are in the order of their ids
 * @param eventId the event's id, the same whenever it is published again
 * @param type what happened, such as {@code delivery.failed}
 * @param data the content, as a JSON object
 */
public record OutcomeEvent(
        long id, UUID eventId, String type, String accountId, String campaignId, String data, Instant createdAt) {

    /** The event in the envelope of all events, as JSON. */
    public String json() {
        return EventJson.mapper()
                .createObjectNode()
                .put("id", eventId.toString())
                .put("type", type)
                .put("account_id", accountId)
                .put("campaign_id", campaignId)
                .putRawValue("data", new RawValue(data))
                .put("timestamp", createdAt.toString())
                .toString();
    }
}
