package routes.delivery;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.stereotype.Component;
import routes.delivery.Deliveries.Count;
import routes.delivery.Deliveries.Criteria;
import routes.delivery.Deliveries.Retried;
import routes.delivery.Deliveries.Selection;
import routes.delivery.Deliveries.Summary;
import routes.delivery.Deliveries.Whole;
import routes.operation.Operator;

/** {@code deliveries}: finds deliveries of the ledger, has them tried again, cancels them, marks them as done. */
@Component
@Endpoint(id = "deliveries")
public class DeliveriesEndpoint {

    private static final int DEFAULT_LIMIT = 50;
    private static final int MAX_LIMIT = 500;
    private static final List<String> STATUSES =
            Arrays.stream(DeliveryStatus.values()).map(DeliveryStatus::value).toList();

    /** What can be tried again all at once. What is leased or delivered cannot. */
    private static final List<String> RETRIABLE = List.of("failed", "skipped", "manual", "due");

    private final Deliveries deliveries;
    private final ConsumerGroups groups;

    DeliveriesEndpoint(Deliveries deliveries, ConsumerGroups groups) {
        this.deliveries = deliveries;
        this.groups = groups;
    }

    /**
     * A page of deliveries, newest first.
     *
     * @param next what to write as {@code after} for the next page; null on the last one
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Page(List<Summary> deliveries, @Nullable UUID next) {}

    /** What has become of a delivery. */
    public record Changed(String action, Summary delivery) {}

    /** What a retry of many would make due; nothing was changed. */
    record Plan(String action, boolean dryRun, long deliveries, List<Count> counts) {}

    /** What a retry of many has made due. */
    record Done(String action, boolean dryRun, int deliveries, long left) {}

    /** Finds deliveries by any of an event's id, a campaign, a group, a person, a status and a webhook. */
    @ReadOperation
    public Page find(
            @Nullable String event,
            @Nullable String campaign,
            @Nullable String group,
            @Nullable String recipient,
            @Nullable String status,
            @Nullable String webhook,
            @Nullable String limit,
            @Nullable String after) {
        Criteria criteria = new Criteria(
                Operator.criterion("event", event),
                Operator.criterion("campaign", campaign),
                group == null ? null : group(group),
                Operator.criterion("recipient", recipient),
                status == null ? null : Operator.oneOf("status", status, STATUSES),
                Operator.criterion("webhook", webhook));
        int size = Operator.count("limit", limit, DEFAULT_LIMIT, MAX_LIMIT);
        List<Summary> found = deliveries.find(criteria, size, after == null ? null : Operator.uuid("after", after));
        return new Page(
                found, found.size() == size ? found.get(found.size() - 1).id() : null);
    }

    /** One delivery, with its attempts and its event. */
    @ReadOperation
    public Whole show(@Selector String id) {
        return deliveries.get(Operator.uuid("id", id));
    }

    /** Has one delivery tried again now, cancels it, or says that a person has done what it was for. */
    @WriteOperation
    public Changed change(@Selector String id, @Nullable String action, @Nullable String by, @Nullable String reason) {
        UUID delivery = Operator.uuid("id", id);
        String what = Operator.oneOf("action", action, List.of("retry", "cancel", "done"));
        String who = Operator.by(by);
        return new Changed(
                what,
                switch (what) {
                    case "retry" -> deliveries.retry(delivery, who);
                    case "done" -> deliveries.done(delivery, who, Operator.reason(reason));
                    default -> deliveries.cancel(delivery, who, Operator.reason(reason));
                });
    }

    /** Has the deliveries of a group tried again that are in a status; unless {@code dryRun} is false, it only counts them. */
    @WriteOperation
    Object changeAll(
            @Nullable String action,
            @Nullable String by,
            @Nullable String group,
            @Nullable String status,
            @Nullable String campaign,
            @Nullable String webhook,
            @Nullable String since,
            @Nullable String dryRun) {
        String what = Operator.oneOf("action", action, List.of("retry"));
        String who = Operator.by(by);
        Selection selection = new Selection(
                group(group),
                Operator.oneOf("status", status, RETRIABLE),
                Operator.criterion("campaign", campaign),
                Operator.moment("since", since),
                Operator.criterion("webhook", webhook));
        if (Operator.dryRun(dryRun)) {
            List<Count> counts = deliveries.count(selection);
            return new Plan(
                    what, true, counts.stream().mapToLong(Count::deliveries).sum(), counts);
        }
        Retried retried = deliveries.retryAll(selection, who);
        return new Done(what, false, retried.retried(), retried.left());
    }

    private String group(@Nullable String group) {
        return Operator.oneOf(
                "group", group, groups.all().stream().map(ConsumerGroup::name).toList());
    }
}
