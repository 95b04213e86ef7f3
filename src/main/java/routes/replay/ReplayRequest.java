package routes.replay;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import routes.event.DomainEvent;
import routes.event.EventType;

/**
 * What is asked of a replay. The range is one of time over all partitions, by the timestamps of the records; or one of
 * offsets, in one partition. Its end is the first that no longer belongs to it.
 *
 * @param group the consumer group that is offered the events
 * @param partition the partition, for a range of offsets; null for one of time
 * @param from the time, in ISO 8601, or the offset
 * @param to the time or the offset; null for the end as it is when the plan is made
 * @param types the types that are wanted; none for all that the group handles
 * @param campaign the campaign that is wanted; null for all
 * @param event the id of the event that is wanted; null for all
 * @param rate how many events are offered a second, at most
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

    boolean wants(DomainEvent candidate) {
        return (types.isEmpty() || types.contains(candidate.type()))
                && (campaign == null || campaign.equals(candidate.campaignId()))
                && (event == null || event.equals(candidate.id()));
    }
}
