package routes.delivery;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.stereotype.Component;
import routes.delivery.DeliveryOperations.Count;
import routes.delivery.DeliveryOperations.Details;
import routes.delivery.DeliveryOperations.Retried;
import routes.delivery.DeliveryOperations.Selection;
import routes.delivery.DeliveryOperations.Summary;
import routes.operation.Arguments;
import routes.operation.Page;

/** {@code deliveries}: finds, retries and cancels deliveries of the ledger, and marks them as done. */
@Component
@Endpoint(id = "deliveries")
class DeliveriesEndpoint {

    /** The statuses that can be retried in bulk: all but leased and delivered. */
    private static final List<DeliveryStatus> RETRIABLE =
            List.of(DeliveryStatus.FAILED, DeliveryStatus.SKIPPED, DeliveryStatus.MANUAL, DeliveryStatus.DUE);

    private final DeliveryOperations deliveries;
    private final ConsumerGroups groups;

    DeliveriesEndpoint(DeliveryOperations deliveries, ConsumerGroups groups) {
        this.deliveries = deliveries;
        this.groups = groups;
    }

    /** A delivery after a change. */
    record Changed(String action, Summary delivery) {}

    /** How many deliveries a bulk retry would retry, for a dry run; otherwise how many it has retried. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Bulk(
            String action,
            boolean dryRun,
            long deliveries,
            @Nullable List<Count> counts,
            @Nullable Long left) {}

    /** Finds deliveries by event id, campaign, group, person, status, webhook and what they wait for, each optional; newest first. */
    @ReadOperation
    Page<Summary> find(
            @Nullable String event,
            @Nullable String campaign,
            @Nullable String group,
            @Nullable String recipient,
            @Nullable String status,
            @Nullable String webhook,
            @Nullable String waitsFor,
            @Nullable String limit,
            @Nullable String after) {
        DeliveryCriteria criteria = new DeliveryCriteria(
                Arguments.criterion("event", event),
                Arguments.criterion("campaign", campaign),
                Arguments.ifGiven("group", group, groups::named),
                Arguments.criterion("recipient", recipient),
                Arguments.ifGiven("status", status, DeliveryOperations::status),
                Arguments.criterion("webhook", webhook),
                Arguments.criterion("waitsFor", waitsFor));
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
        String what = Arguments.oneOf("action", action, List.of("retry", "cancel", "done"));
        String who = Arguments.by(by);
        return new Changed(
                what,
                switch (what) {
                    case "retry" -> deliveries.retry(delivery, who);
                    case "done" -> deliveries.done(delivery, who, Arguments.reason(reason));
                    default -> deliveries.cancel(delivery, who, Arguments.reason(reason));
                });
    }

    /** Retries the deliveries of a group in a status; unless {@code dryRun} is false, it only counts them. */
    @WriteOperation
    Bulk changeAll(
            @Nullable String action,
            @Nullable String by,
            @Nullable String group,
            @Nullable String status,
            @Nullable String campaign,
            @Nullable String webhook,
            @Nullable String since,
            @Nullable String dryRun) {
        String what = Arguments.oneOf("action", action, List.of("retry"));
        String who = Arguments.by(by);
        Selection selection = new Selection(
                groups.named("group", group),
                Arguments.oneOf("status", status, RETRIABLE, DeliveryStatus::value),
                Arguments.criterion("campaign", campaign),
                Arguments.moment("since", since),
                Arguments.criterion("webhook", webhook));
        if (Arguments.dryRun(dryRun)) {
            List<Count> counts = deliveries.count(selection);
            return new Bulk(what, true, Count.total(counts), counts, null);
        }
        Retried retried = deliveries.retryAll(selection, who);
        return new Bulk(what, false, retried.retried(), null, retried.left());
    }
}
