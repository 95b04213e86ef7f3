package routes.delivery;

import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.stereotype.Component;
import routes.delivery.BulkDeliveries.Bulk;
import routes.delivery.DeliveryOperations.Details;
import routes.delivery.DeliveryOperations.Summary;
import routes.operation.Arguments;
import routes.operation.Page;

/** {@code deliveries}: finds, retries and cancels deliveries of the ledger, and marks them as done. */
@Component
@Endpoint(id = "deliveries")
class DeliveriesEndpoint {

    private final DeliveryOperations deliveries;
    private final BulkDeliveries bulk;
    private final ConsumerGroups groups;

    DeliveriesEndpoint(DeliveryOperations deliveries, BulkDeliveries bulk, ConsumerGroups groups) {
        this.deliveries = deliveries;
        this.bulk = bulk;
        this.groups = groups;
    }

    /** A delivery after a change. */
    record Changed(String action, Summary delivery) {}

    /** Finds deliveries by {@linkplain DeliveryCriteria#FIELDS criteria}, each optional; newest first. */
    @ReadOperation
    Page<Summary> find(
            @Nullable String event,
            @Nullable String type,
            @Nullable String campaign,
            @Nullable String group,
            @Nullable String recipient,
            @Nullable String status,
            @Nullable String webhook,
            @Nullable String waitsFor,
            @Nullable String because,
            @Nullable String since,
            @Nullable String before,
            @Nullable String from,
            @Nullable String to,
            @Nullable String limit,
            @Nullable String after) {
        DeliveryCriteria criteria = DeliveryCriteria.of(
                groups, event, type, campaign, group, recipient, status, webhook, waitsFor, because, since, before,
                from, to);
        return deliveries.find(criteria, Arguments.limit(limit), Arguments.ifGiven("after", after, Arguments::uuid));
    }

    /** One delivery, with its attempts and its event. */
    @ReadOperation
    Details show(@Selector String id) {
        return deliveries.get(Arguments.uuid("id", id));
    }

    /** Retries one delivery now, cancels it, or marks it as done by a person. */
    @WriteOperation
    Changed change(@Selector String id, @Nullable String action, @Nullable String by, @Nullable String reason) {
        UUID delivery = Arguments.uuid("id", id);
        DeliveryAction what = DeliveryAction.named("action", action);
        String who = Arguments.by(by);
        return new Changed(what.value(), deliveries.change(delivery, what, who, reason));
    }

    /**
     * Retries or cancels the deliveries that match, or marks them as done; unless {@code dryRun} is false, it is a plan.
     *
     * @param before the moment of the plan: what is changed after it is not touched
     * @param expected how many the plan saw; if there are more, nothing is changed
     */
    @WriteOperation
    Bulk changeAll(
            @Nullable String action,
            @Nullable String by,
            @Nullable String reason,
            @Nullable String event,
            @Nullable String type,
            @Nullable String campaign,
            @Nullable String group,
            @Nullable String recipient,
            @Nullable String status,
            @Nullable String webhook,
            @Nullable String waitsFor,
            @Nullable String because,
            @Nullable String since,
            @Nullable String before,
            @Nullable String from,
            @Nullable String to,
            @Nullable String expected,
            @Nullable String dryRun) {
        DeliveryAction what = DeliveryAction.named("action", action);
        String who = Arguments.by(by);
        DeliveryCriteria criteria = DeliveryCriteria.of(
                groups, event, type, campaign, group, recipient, status, webhook, waitsFor, because, since, before,
                from, to);
        return Arguments.dryRun(dryRun)
                ? bulk.plan(criteria, what)
                : bulk.change(criteria, what, expected, who, reason);
    }
}
