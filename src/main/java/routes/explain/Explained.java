package routes.explain;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import routes.deadletter.DeadLetterRecord.Origin;
import routes.delivery.DeliveryOperations;
import routes.delivery.DeliveryOperations.Attempt;

/**
 * What happened to an event.
 *
 * @param known whether the ledger or a dead letter has its id
 * @param type from the ledger; null if it has no row
 * @param happenedAt by the clock of its publisher; null if the ledger has no row
 * @param replays those of just this event, and those that last began one of its deliveries
 * @param notes what cannot be known from here
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Explained(
        String event,
        boolean known,
        @Nullable String type,
        @Nullable String campaignId,
        @Nullable Instant happenedAt,
        List<Group> groups,
        List<Replayed> replays,
        List<String> notes) {

    /**
     * What happened to it in a group.
     *
     * @param state the status of its delivery; {@code fan-out} if it has several; {@code dead-letter}; {@code passed-over};
     *     {@code duplicate}; {@code no-row} if nothing is known
     * @param because what that means
     * @param verdict the group's verdict
     * @param lag the group's lag; null while unknown
     * @param counts its deliveries by status
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Group(
            String group,
            String state,
            @Nullable String because,
            String verdict,
            @Nullable Long lag,
            Map<String, Long> counts,
            List<Explanation> deliveries,
            List<FoundLetter> deadLetters) {}

    /**
     * A delivery.
     *
     * @param nextTry when it is due; null if it is not
     * @param waits why it waits, or what a person has to do
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Explanation(
            UUID id,
            String idempotencyKey,
            String recipient,
            String status,
            @Nullable String reason,
            @Nullable Instant nextTry,
            @Nullable String waits,
            @Nullable UUID replayId,
            Instant recordedAt,
            Instant updatedAt,
            List<Attempt> attempts) {

        /** Whether an operator can retry it. */
        public boolean retriable() {
            return DeliveryOperations.isRetriable(status);
        }
    }

    /** A dead letter that holds the event's id. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record FoundLetter(
            String id, Origin record, @Nullable String reason, Instant keptAt) {}

    /** A replay that reads the event again. */
    public record Replayed(UUID id, String group, String state, Instant createdAt) {}
}
