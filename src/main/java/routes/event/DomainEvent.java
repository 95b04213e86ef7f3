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
 * @param id the event's own id; producers are known to repeat it, so nothing is told apart by it alone
 * @param accountId the account that owns the campaign
 * @param data what happened
 * @param timestamp when it happened
 * @param traceparent the {@linkplain TraceParent trace} to which it belongs; null where nobody named a valid one. A record has it as a header,
 *     the ledger and the outbox beside the fields of the envelope.
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

    /** An event that happened now, under a new id, in an account that is known by its campaign. */
    public static DomainEvent now(EventData data) {
        return new DomainEvent(UUID.randomUUID().toString(), data.campaignId(), data, Instant.now());
    }

    /** The same event as a part of a trace, or of none. */
    DomainEvent tracedBy(@Nullable String traceparent) {
        return new DomainEvent(id, accountId, data, timestamp, traceparent);
    }

    /** The event's type, which its data decides. */
    @JsonProperty("type")
    public EventType type() {
        return data.type();
    }

    /** The campaign in which it happened: the record's key, so that a campaign's events keep their order. */
    @JsonProperty("campaign_id")
    public String campaignId() {
        return data.campaignId();
    }

    /** What must have its effect once. It bears the type, since producers repeat ids over types. */
    @JsonIgnore
    public String idempotencyKey() {
        return type().value() + ":" + data.subject();
    }
}
