package routes.webhook;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import routes.delivery.BulkDeliveries;
import routes.delivery.BulkDeliveries.Bulk;
import routes.delivery.DeliveryAction;
import routes.delivery.DeliveryCriteria;
import routes.delivery.DeliveryStatus;
import routes.operation.Arguments;
import routes.operation.Audit;
import routes.operation.Page;
import routes.settings.OnRole;
import routes.settings.Role;
import routes.settings.Statements;

/** Shows operators the registered webhooks, and enables them again. */
@OnRole(Role.REWARD)
@Component
public class WebhookOperations {

    /** User information, and what follows the path: people put keys in both. */
    private static final Pattern SECRETIVE = Pattern.compile("(?<=//)[^/?#]*@|[?#].*", Pattern.DOTALL);

    private final Statements sql;
    private final Audit audit;
    private final BulkDeliveries bulk;
    private final WebhookLanes lanes;
    private final ReceiverHealth health;

    WebhookOperations(Audit audit, BulkDeliveries bulk, WebhookLanes lanes, ReceiverHealth health, Statements sql) {
        this.sql = sql;
        this.audit = audit;
        this.bulk = bulk;
        this.lanes = lanes;
        this.health = health;
    }

    /**
     * A webhook.
     *
     * @param here how this instance treats it
     */
    public record Webhook(@JsonUnwrapped Registered registered, WebhookLanes.Live here) {}

    /**
     * A webhook's data in the tables.
     *
     * @param status according to the application: active or disabled
     * @param failingSince the first failure after its last success; null if the last attempt succeeded
     * @param failures since then
     * @param warned the last warning, in per cent of {@code webhooks.disable-after}
     * @param disabledAt when this service disabled it; null if it has not
     * @param due how many deliveries wait for it in the ledger, counted to 10,000
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Registered(
            UUID id,
            UUID campaignId,
            String url,
            String status,
            @Nullable Instant failingSince,
            int failures,
            @Nullable String lastError,
            int warned,
            @Nullable Instant disabledAt,
            @Nullable String disabledBecause,
            long due) {

        /** Removes possible secrets from the URL. */
        public Registered {
            url = withoutSecrets(url);
        }
    }

    /** An attempt at a webhook; without an outcome it was cut off, or is in progress. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Attempt(
            UUID delivery,
            String eventId,
            int attempt,
            Instant startedAt,
            @Nullable Long durationMs,
            @Nullable String outcome,
            @Nullable String code,
            @Nullable String reason) {}

    /** A URL without what may be a secret. */
    public static String withoutSecrets(String url) {
        return SECRETIVE.matcher(url).replaceAll("");
    }

    /** Reads a state from an operator's argument. */
    public static String state(String field, @Nullable String name) {
        return Arguments.oneOf(field, name, List.of("failing", "disabled"));
    }

    /**
     * Webhooks in order of id.
     *
     * @param state {@code failing} or {@code disabled}; null for all
     * @param after the last one on the previous page; null for the first page
     */
    public Page<Webhook> find(@Nullable UUID campaign, @Nullable String state, int limit, @Nullable UUID after) {
        return Page.of("webhooks", find(null, campaign, state, limit, after), limit, some -> some.registered()
                .id());
    }

    private List<Webhook> find(
            @Nullable UUID id, @Nullable UUID campaign, @Nullable String state, int limit, @Nullable UUID after) {
        return sql
                .of("webhook/find-webhooks")
                .param("id", id)
                .param("campaign", campaign)
                .param("state", state)
                .param("after", after)
                .param("limit", limit)
                .query(Registered.class)
                .list()
                .stream()
                .map(row -> new Webhook(row, lanes.live(row.id().toString())))
                .toList();
    }

    /** One webhook. */
    public Webhook get(UUID id) {
        return find(id, null, null, 1, null).stream()
                .findFirst()
                .orElseThrow(() -> Arguments.missing("there is no webhook " + id));
    }

    /** The latest attempts at a webhook, newest first. */
    public List<Attempt> attempts(UUID id, int limit) {
        return sql.of("webhook/find-attempts", "lane", id.toString(), "limit", limit)
                .query(Attempt.class)
                .list();
    }

    /** Enables a webhook that this service has disabled; also closes its circuit breaker here, and forgets its failures. */
    public Webhook enable(UUID id, String by) {
        get(id);
        audit.change(
                by,
                "webhooks.enable",
                Map.of("id", id.toString()),
                () -> health.enable(id),
                disabled -> disabled ? "was disabled" : "was enabled");
        lanes.reset(id.toString());
        return get(id);
    }

    /** Predicts how many deliveries {@link #retry} would make due. */
    public long countFailed(UUID id, @Nullable Instant since) {
        return bulk.plan(failed(id, since), DeliveryAction.RETRY).deliveries();
    }

    /**
     * Retries failed deliveries of a webhook.
     *
     * @param expected how many were counted: if there are more, nothing is changed; null for any number
     */
    public Bulk retry(UUID id, @Nullable Instant since, @Nullable String expected, String by) {
        return bulk.change(failed(id, since), DeliveryAction.RETRY, expected, by, null);
    }

    private DeliveryCriteria failed(UUID id, @Nullable Instant since) {
        get(id);
        DeliveryCriteria failed = new DeliveryCriteria(
                Map.of("group", "reward-workers", "status", DeliveryStatus.FAILED.value(), "webhook", id.toString()));
        return since == null ? failed : failed.with("since", since.toString());
    }
}
