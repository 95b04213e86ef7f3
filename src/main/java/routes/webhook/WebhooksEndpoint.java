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
import routes.delivery.DeliveryOperations.Retried;
import routes.operation.Arguments;
import routes.operation.Page;
import routes.settings.OnRole;
import routes.settings.Role;
import routes.webhook.WebhookOperations.Attempt;
import routes.webhook.WebhookOperations.Webhook;

/** {@code webhooks}: how the receivers of rewards do; enables one again, and has all that has failed for one tried again. */
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

    /** What was done for a webhook. */
    sealed interface Changed permits Enabled, Retry {}

    /** What has become of a webhook. */
    record Enabled(String action, Webhook webhook) implements Changed {}

    /** What a retry of all that has failed would make due, and nothing was changed; or what it has made due. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Retry(
            String action,
            boolean dryRun,
            long deliveries,
            @Nullable Long left) implements Changed {}

    /** Webhooks of a campaign, and in a state, or all. */
    @ReadOperation
    Page<Webhook> list(
            @Nullable String campaign, @Nullable String state, @Nullable String limit, @Nullable String after) {
        return webhooks.find(
                Arguments.ifGiven("campaign", campaign, Arguments::uuid),
                Arguments.ifGiven("state", state, WebhookOperations::state),
                Arguments.limit(limit),
                Arguments.ifGiven("after", after, Arguments::uuid));
    }

    /** One webhook, with its latest attempts: when, how long, with what answer. */
    @ReadOperation
    Details show(@Selector String id, @Nullable String limit) {
        UUID webhook = Arguments.uuid("id", id);
        int size = Arguments.limit(limit);
        return new Details(webhooks.get(webhook), webhooks.attempts(webhook, size));
    }

    /** Enables a webhook again; or has all that has failed for it tried again, if not told otherwise only to count it. */
    @WriteOperation
    Changed change(
            @Selector String id,
            @Nullable String action,
            @Nullable String by,
            @Nullable String since,
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
        Retried retried = webhooks.retry(webhook, begin, who);
        return new Retry(what, false, retried.retried(), retried.left());
    }
}
