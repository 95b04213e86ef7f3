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
import routes.delivery.ConsumerGroups;
import routes.delivery.DeliveryOperations;
import routes.delivery.DeliveryOperations.Count;
import routes.delivery.DeliveryOperations.Retried;
import routes.delivery.DeliveryOperations.Selection;
import routes.delivery.DeliveryStatus;
import routes.operation.Arguments;
import routes.operation.Audit;
import routes.operation.Page;
import routes.settings.OnRole;
import routes.settings.Role;
import routes.settings.Statements;

/** The webhooks that the application has registered, as an operator sees them, and enables them again. */
@OnRole(Role.REWARD)
@Component
public class WebhookOperations {

    /** A user, and what comes behind the path: both are places where people keep keys. */
    private static final Pattern SECRETIVE = Pattern.compile("(?<=//)[^/?#]*@|[?#].*", Pattern.DOTALL);

    private final Statements sql;
    private final Audit audit;
    private final ConsumerGroups groups;
    private final DeliveryOperations deliveries;
    private final WebhookLanes lanes;
    private final ReceiverHealth health;

    WebhookOperations(
            Audit audit,
            ConsumerGroups groups,
            DeliveryOperations deliveries,
            WebhookLanes lanes,
            ReceiverHealth health,
            Statements sql) {
        this.sql = sql;
        this.audit = audit;
        this.groups = groups;
        this.deliveries = deliveries;
        this.lanes = lanes;
        this.health = health;
    }

    /**
     * A webhook.
     *
     * @param here how this instance deals with it
     */
    public record Webhook(@JsonUnwrapped Registered registered, WebhookLanes.Live here) {}

    /**
     * What the tables say of a webhook.
     *
     * @param status as the application says: active or disabled
     * @param failingSince the first failure after its last success; null when the last attempt was one
     * @param failures since then
     * @param warned per cent of {@code webhooks.disable-after} that were warned of
     * @param disabledAt when this service disabled it; null when it has not
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

        /** Leaves out of the URL what may be a secret. */
        public Registered {
            url = SECRETIVE.matcher(url).replaceAll("");
        }
    }

    /** An attempt at a webhook; without an outcome it was cut off, or is under way. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Attempt(
            UUID delivery,
            String eventId,
            int attempt,
            Instant startedAt,
            @Nullable Long durationMs,
            @Nullable String outcome,
            @Nullable String code,
            @Nullable String reason) {}

    /** The state that an operator has named in a field. */
    public static String state(String field, @Nullable String name) {
        return Arguments.oneOf(field, name, List.of("failing", "disabled"));
    }

    /**
     * Webhooks in the order of their ids.
     *
     * @param state {@code failing} or {@code disabled}; null for all
     * @param after the last one of the page before; null for the first page
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
    Webhook get(UUID id) {
        return find(id, null, null, 1, null).stream()
                .findFirst()
                .orElseThrow(() -> Arguments.missing("there is no webhook " + id));
    }

    /** The latest attempts at a webhook, newest first. */
    List<Attempt> attempts(UUID id, int limit) {
        return sql.of("webhook/find-attempts")
                .param("lane", id.toString())
                .param("limit", limit)
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

    /** How many deliveries {@link #retry} would make due. */
    long countFailed(UUID id, @Nullable Instant since) {
        return Count.total(deliveries.count(failed(id, since)));
    }

    /** Has all carried out again that has failed for a webhook. */
    Retried retry(UUID id, @Nullable Instant since, String by) {
        return deliveries.retryAll(failed(id, since), by);
    }

    private Selection failed(UUID id, @Nullable Instant since) {
        get(id);
        return new Selection(groups.get("reward-workers"), DeliveryStatus.FAILED, null, since, id.toString());
    }
}
