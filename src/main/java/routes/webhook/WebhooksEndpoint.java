package routes.webhook;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.stereotype.Component;
import routes.delivery.BulkDeliveries.Bulk;
import routes.operation.Arguments;
import routes.operation.Page;
import routes.settings.OnRole;
import routes.settings.Role;
import routes.webhook.WebhookOperations.Attempt;
import routes.webhook.WebhookOperations.Webhook;

/** {@code webhooks}: how the receivers of rewards are doing; enables one again, and retries all its failed deliveries. */
@OnRole(Role.REWARD)
@Component
@Endpoint(id = "webhooks")
class WebhooksEndpoint {

    private final WebhookOperations webhooks;

    WebhooksEndpoint(WebhookOperations webhooks) {
        this.webhooks = webhooks;
    }

    /** A webhook with its latest attempts. */
    record Details(Webhook webhook, List<Attempt> attempts) {}

    /** The result for a webhook. */
    sealed interface Changed permits Enabled, Retry {}

    /** The result of enabling a webhook. */
    record Enabled(String action, Webhook webhook) implements Changed {}

    /** How many deliveries a retry has made due, or, as a dry run, would make due. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Retry(
            String action,
            boolean dryRun,
            long deliveries,
            @Nullable Long left) implements Changed {}

    /** Webhooks, all or of a campaign and in a state. */
    @ReadOperation
    Page<Webhook> list(
            @Nullable String campaign, @Nullable String state, @Nullable String limit, @Nullable String after) {
        return webhooks.find(
                Arguments.ifGiven("campaign", campaign, Arguments::uuid),
                Arguments.ifGiven("state", state, WebhookOperations::state),
                Arguments.limit(limit),
                Arguments.ifGiven("after", after, Arguments::uuid));
    }

    /** One webhook, with its latest attempts: time, duration and answer. */
    @ReadOperation
    Details show(@Selector String id, @Nullable String limit) {
        UUID webhook = Arguments.uuid("id", id);
        int size = Arguments.limit(limit);
        return new Details(webhooks.get(webhook), webhooks.attempts(webhook, size));
    }

    /**
     * Enables a webhook again; or retries all its failed deliveries, by default only counting them.
     *
     * @param expected how many were counted; if there are more, nothing is retried
     */
    @WriteOperation
    Changed change(
            @Selector String id,
            @Nullable String action,
            @Nullable String by,
            @Nullable String since,
            @Nullable String expected,
            @Nullable String dryRun) {
        UUID webhook = Arguments.uuid("id", id);
        String what = Arguments.oneOf("action", action, List.of("enable", "retry"));
        String who = Arguments.by(by);
        if (what.equals("enable")) {
            return new Enabled(what, webhooks.enable(webhook, who));
        }
        Instant begin = Arguments.moment("since", since);
        if (Arguments.dryRun(dryRun)) {
            return new Retry(what, true, webhooks.countFailed(webhook, begin), null);
        }
        Bulk retried = webhooks.retry(webhook, begin, expected, who);
        return new Retry(what, false, retried.deliveries(), retried.left());
    }
}
