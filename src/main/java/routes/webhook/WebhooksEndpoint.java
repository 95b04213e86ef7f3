package routes.webhook;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.stereotype.Component;
import routes.delivery.Deliveries;
import routes.delivery.Deliveries.Retried;
import routes.delivery.Deliveries.Selection;
import routes.operation.Operator;
import routes.settings.OnRole;
import routes.settings.Role;
import routes.webhook.RegisteredWebhooks.Attempt;
import routes.webhook.RegisteredWebhooks.Webhook;

/** {@code webhooks}: how the receivers of rewards do; enables one again, and has all that has failed for one tried again. */
@OnRole(Role.REWARD)
@Component
@Endpoint(id = "webhooks")
public class WebhooksEndpoint {

    private static final int DEFAULT_LIMIT = 50;
    private static final int MAX_LIMIT = 500;

    private final RegisteredWebhooks webhooks;
    private final Deliveries deliveries;

    WebhooksEndpoint(RegisteredWebhooks webhooks, Deliveries deliveries) {
        this.webhooks = webhooks;
        this.deliveries = deliveries;
    }

    /**
     * A page of webhooks.
     *
     * @param next what to write as {@code after} for the next page; null on the last one
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Page(List<Webhook> webhooks, @Nullable UUID next) {}

    /** A webhook with its latest attempts. */
    record Whole(Webhook webhook, List<Attempt> attempts) {}

    /** What has become of a webhook. */
    record Changed(String action, Webhook webhook) {}

    /** What a retry of all that has failed would make due, and nothing was changed; or what it has made due. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Retry(
            String action,
            boolean dryRun,
            long deliveries,
            @Nullable Long left) {}

    /** Webhooks of a campaign, and in a state, or all. */
    @ReadOperation
    public Page list(
            @Nullable String campaign, @Nullable String state, @Nullable String limit, @Nullable String after) {
        int size = Operator.count("limit", limit, DEFAULT_LIMIT, MAX_LIMIT);
        List<Webhook> found = webhooks.find(
                campaign == null ? null : Operator.uuid("campaign", campaign),
                state == null ? null : Operator.oneOf("state", state, List.of("failing", "disabled")),
                size,
                after == null ? null : Operator.uuid("after", after));
        return new Page(
                found, found.size() == size ? found.get(found.size() - 1).id() : null);
    }

    /** One webhook, with its latest attempts: when, how long, with what answer. */
    @ReadOperation
    Whole show(@Selector String id, @Nullable String limit) {
        UUID webhook = Operator.uuid("id", id);
        int size = Operator.count("limit", limit, DEFAULT_LIMIT, MAX_LIMIT);
        return new Whole(webhooks.get(webhook), webhooks.attempts(webhook, size));
    }

    /** Enables a webhook again; or has all that has failed for it tried again, if not told otherwise only to count it. */
    @WriteOperation
    public Object change(
            @Selector String id,
            @Nullable String action,
            @Nullable String by,
            @Nullable String since,
            @Nullable String dryRun) {
        UUID webhook = Operator.uuid("id", id);
        String what = Operator.oneOf("action", action, List.of("enable", "retry"));
        String who = Operator.by(by);
        if (what.equals("enable")) {
            return new Changed(what, webhooks.enable(webhook, who));
        }
        webhooks.get(webhook);
        Selection selection =
                new Selection("reward-workers", "failed", null, Operator.moment("since", since), webhook.toString());
        if (Operator.dryRun(dryRun)) {
            long count = deliveries.count(selection).stream()
                    .mapToLong(Deliveries.Count::deliveries)
                    .sum();
            return new Retry(what, true, count, null);
        }
        Retried retried = deliveries.retryAll(selection, who);
        return new Retry(what, false, retried.retried(), retried.left());
    }
}
