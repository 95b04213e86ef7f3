package routes.outbox;

import java.util.Optional;
import org.apache.camel.CamelContext;
import org.apache.camel.ServiceStatus;
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
public class OutboxHealth implements HealthIndicator {

    private final Outbox outbox;
    private final CamelContext camel;

    OutboxHealth(Outbox outbox, CamelContext camel) {
        this.outbox = outbox;
        this.camel = camel;
    }

    @Override
    public Health health() {
        Backlog backlog = outbox.backlog();
        Optional<String> held = heldBecause();
        Health.Builder health = held.isPresent() ? Health.outOfService() : Health.up();
        if (held.isPresent()) {
            health.withDetail("because", held.get());
        } else if (backlog.refused() > 0) {
            health.withDetail(
                    "because", backlog.refused() + " rows are not valid events, and wait to be corrected or dropped");
        }
        return health.withDetail("waiting", backlog.waiting())
                .withDetail("lag_seconds", backlog.seconds())
                .withDetail("refused", backlog.refused())
                .build();
    }

    /** Why rows are not published, in words for an operator; empty if they are, or have waited for at most a minute. */
    public Optional<String> heldBecause() {
        ServiceStatus route = camel.getRouteController().getRouteStatus("outbox");
        return outbox.first()
                .heldBecause(
                        "outbox",
                        route != null && route.isStarted(), // null while Camel starts
                        "the brokers do not accept it, a clock is wrong, or no instance relays");
    }
}
