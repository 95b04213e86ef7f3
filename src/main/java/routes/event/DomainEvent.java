package routes.event;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened in a campaign: the plain envelope of the specification.
 *
 * @param id the event's own id; producers are known to repeat it, so it is not an identity by itself
 * @param accountId the account that owns the campaign
 * @param data what happened
 * @param timestamp when it happened
 * @param traceparent the {@linkplain TraceParent trace} to which it belongs; null if there is no valid one. In a record it is
 *     a header, in the ledger and the outbox a field next to the envelope's.
 */
@JsonNaming(SnakeCaseStrategy.class)
@JsonPropertyOrder({"id", "type", "account_id", "campaign_id", "data", "timestamp", "traceparent"})
public record DomainEvent(
        String id,
        String accountId,
        EventData data,
        @JsonSerialize(using = ToStringSerializer.class) Instant timestamp,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String traceparent) {

    /** An event that belongs to no trace. */
    public DomainEvent(String id, String accountId, EventData data, Instant timestamp) {
        this(id, accountId, data, timestamp, null);
    }

    /** An event that happened now, with a new id, and the campaign as its account. */
    public static DomainEvent now(EventData data) {
        return new DomainEvent(UUID.randomUUID().toString(), data.campaignId(), data, Instant.now());
    }

    /** The same event in another trace, or in none. */
    DomainEvent tracedBy(@Nullable String traceparent) {
        return new DomainEvent(id, accountId, data, timestamp, traceparent);
    }

    /** The event's type, which follows from its data. */
    @JsonProperty("type")
    public EventType type() {
        return data.type();
    }

    /** The campaign in which it happened: the record's key, so that a campaign's events keep their order. */
    @JsonProperty("campaign_id")
    public String campaignId() {
        return data.campaignId();
    }

    /** The idempotency key. It includes the type, since producers repeat ids across types. */
    @JsonIgnore
    public String idempotencyKey() {
        return type().value() + ":" + data.subject();
    }
}
