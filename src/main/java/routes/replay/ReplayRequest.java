package routes.replay;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import routes.event.DomainEvent;
import routes.event.EventType;

/**
 * A request for a replay. The range is a time range over all partitions, by record timestamp, or an offset range in one
 * partition. Its end is exclusive.
 *
 * @param group the consumer group to offer the events to
 * @param partition the partition of an offset range; null for a time range
 * @param from the first time, in ISO 8601, or offset
 * @param to the end time or offset; null for the end of the topic when the plan is made
 * @param types the types to offer; empty for all that the group handles
 * @param campaign the campaign to offer; null for all
 * @param event the event to offer; null for all
 * @param rate the maximum number of events per second
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ReplayRequest(
        String group,
        ReplayPolicy policy,
        @Nullable Integer partition,
        String from,
        @Nullable String to,
        Set<EventType> types,
        @Nullable String campaign,
        @Nullable String event,
        int rate) {

    /** The time at which the range ends; null if it has offsets, or no end. */
    @Nullable
    Instant end() {
        return partition != null || to == null ? null : Instant.parse(to);
    }

    boolean wants(DomainEvent candidate) {
        return (types.isEmpty() || types.contains(candidate.type()))
                && (campaign == null || campaign.equals(candidate.campaignId()))
                && (event == null || event.equals(candidate.id()));
    }
}
