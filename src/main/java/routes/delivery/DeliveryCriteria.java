package routes.delivery;

import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient.StatementSpec;

/**
 * Which deliveries to find; null matches all.
 *
 * @param event an event's id
 * @param recipient a person's id
 * @param webhook a webhook's id
 * @param waitsFor a dependency, or {@code hold}
 */
public record DeliveryCriteria(
        @Nullable String event,
        @Nullable String campaign,
        @Nullable ConsumerGroup group,
        @Nullable String recipient,
        @Nullable DeliveryStatus status,
        @Nullable String webhook,
        @Nullable String waitsFor) {

    /** The statement with these parameters. */
    StatementSpec in(StatementSpec statement) {
        return statement
                .param("event", event)
                .param("campaign", campaign)
                .param("group", group == null ? null : group.name())
                .param("recipient", recipient)
                .param("status", status == null ? null : status.value())
                .param("lane", webhook)
                .param("waits_for", waitsFor);
    }
}
