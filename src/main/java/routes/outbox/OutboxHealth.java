package routes.outbox;

import java.time.Duration;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.stereotype.Component;
import routes.outbox.Outbox.Backlog;
import routes.settings.OnRole;
import routes.settings.Role;

/**
 * {@code /observe/health/outbox}: whether events in {@code event_outbox} get published. Invalid rows are only reported: they
 * hold up nothing, so health stays up.
 */
@OnRole(Role.PUBLISH)
@Component("outboxHealthIndicator")
class OutboxHealth implements HealthIndicator {

    /** Longer than publishing waits for brokers ({@code max-block-ms} and {@code delivery-timeout-ms}), and a second try. */
    private static final Duration LONG = Duration.ofMinutes(1);

    private final Outbox outbox;
    private final CamelContext camel;

    OutboxHealth(Outbox outbox, CamelContext camel) {
        this.outbox = outbox;
        this.camel = camel;
    }

    @Override
    public Health health() {
        Backlog backlog = outbox.backlog();
        String held = heldBecause();
        Health.Builder health = held == null ? Health.up() : Health.outOfService();
        if (held != null) {
            health.withDetail("because", held);
        } else if (backlog.refused() > 0) {
            health.withDetail(
                    "because", backlog.refused() + " rows are not valid events, and wait to be corrected or dropped");
        }
        return health.withDetail("waiting", backlog.waiting())
                .withDetail("lag_seconds", backlog.seconds())
                .withDetail("refused", backlog.refused())
                .build();
    }

    private @Nullable String heldBecause() {
        if (!camel.getRouteController().getRouteStatus("outbox").isStarted()) {
            return "the route outbox is stopped on this instance";
        }
        Duration stuck = outbox.stuck();
        return stuck.compareTo(LONG) > 0
                ? "row %d has been first in line for %d s: the brokers do not accept it, or no instance relays"
                        .formatted(outbox.backlog().first(), stuck.toSeconds())
                : null;
    }
}
