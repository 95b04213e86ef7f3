package routes.webhook;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;
import routes.operation.Audit;
import routes.operation.Operator;
import routes.settings.OnRole;
import routes.settings.Role;
import routes.settings.SqlFiles;

/** The webhooks that the application has registered, as an operator sees them, and enables them again. */
@OnRole(Role.REWARD)
@Component
public class RegisteredWebhooks {

    /** A user, and what comes behind the path: both are places where people keep keys. */
    private static final Pattern SECRETIVE = Pattern.compile("(?<=//)[^/?#]*@|[?#].*", Pattern.DOTALL);

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Audit audit;
    private final WebhookLanes lanes;
    private final ReceiverHealth health;
    private final String find;
    private final String findAttempts;

    RegisteredWebhooks(
            JdbcClient jdbc,
            TransactionTemplate transaction,
            Audit audit,
            WebhookLanes lanes,
            ReceiverHealth health,
            SqlFiles sql) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.audit = audit;
        this.lanes = lanes;
        this.health = health;
        this.find = sql.read("webhook/find-webhooks.sql");
        this.findAttempts = sql.read("webhook/find-attempts.sql");
    }

    /**
     * A webhook.
     *
     * @param url without what may be a secret in it
     * @param status as the application says: active or disabled
     * @param failingSince the first failure after its last success; null when the last attempt was one
     * @param failures since then
     * @param warned per cent of {@code webhooks.disable-after} that were warned of
     * @param disabledAt when this service disabled it; null when it has not
     * @param due how many deliveries wait for it in the ledger, counted to 10,000
     * @param here how this instance deals with it
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Webhook(
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
            long due,
            WebhookLanes.Live here) {}

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

    private record Row(
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
            long due) {}

    /**
     * Webhooks in the order of their ids.
     *
     * @param state {@code failing} or {@code disabled}; null for all
     * @param after the last one of the page before; null for the first page
     */
    List<Webhook> find(@Nullable UUID campaign, @Nullable String state, int limit, @Nullable UUID after) {
        return find(null, campaign, state, limit, after);
    }

    private List<Webhook> find(
            @Nullable UUID id, @Nullable UUID campaign, @Nullable String state, int limit, @Nullable UUID after) {
        return jdbc
                .sql(find)
                .param("id", id)
                .param("campaign", campaign)
                .param("state", state)
                .param("after", after)
                .param("limit", limit)
                .query(Row.class)
                .list()
                .stream()
                .map(this::webhook)
                .toList();
    }

    private Webhook webhook(Row row) {
        return new Webhook(
                row.id(),
                row.campaignId(),
                SECRETIVE.matcher(row.url()).replaceAll(""),
                row.status(),
                row.failingSince(),
                row.failures(),
                row.lastError(),
                row.warned(),
                row.disabledAt(),
                row.disabledBecause(),
                row.due(),
                lanes.live(row.id().toString()));
    }

    /** One webhook. */
    Webhook get(UUID id) {
        return find(id, null, null, 1, null).stream()
                .findFirst()
                .orElseThrow(() -> Operator.missing("there is no webhook " + id));
    }

    /** The latest attempts at a webhook, newest first. */
    List<Attempt> attempts(UUID id, int limit) {
        return jdbc.sql(findAttempts)
                .param("lane", id.toString())
                .param("limit", limit)
                .query(Attempt.class)
                .list();
    }

    /** Enables a webhook that this service has disabled; also closes its circuit breaker here, and forgets its failures. */
    Webhook enable(UUID id, String by) {
        get(id);
        transaction.executeWithoutResult(status -> {
            boolean disabled = health.enable(id);
            audit.write(by, "webhooks.enable", Map.of("id", id.toString()), disabled ? "was disabled" : "was enabled");
        });
        lanes.reset(id.toString());
        return get(id);
    }
}
