package routes.delivery;

import java.util.Optional;
import org.apache.camel.CamelContext;
import org.apache.camel.ServiceStatus;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.stereotype.Component;

/** {@code /observe/health/outcomes}: whether outcomes get published, if {@code deliveries.outcome-events} is set. */
@ConditionalOnBooleanProperty("deliveries.outcome-events")
@Component("outcomesHealthIndicator")
public class OutcomesHealth implements HealthIndicator {

    private final OutcomeEvents outcomes;
    private final CamelContext camel;

    OutcomesHealth(OutcomeEvents outcomes, CamelContext camel) {
        this.outcomes = outcomes;
        this.camel = camel;
    }

    @Override
    public Health health() {
        Health.Builder health = heldBecause()
                .map(why -> Health.outOfService().withDetail("because", why))
                .orElseGet(Health::up);
        return health.withDetail("waiting", outcomes.backlog().waiting())
                .withDetail("lag_seconds", outcomes.backlog().seconds())
                .build();
    }

    /** Why outcomes are not published, in words for an operator; empty if they are, or have waited for at most a minute. */
    public Optional<String> heldBecause() {
        ServiceStatus route = camel.getRouteController().getRouteStatus("outcomes");
        return outcomes.first()
                .heldBecause(
                        "outcomes",
                        route != null && route.isStarted(), // null while Camel starts
                        "the brokers do not accept it, or no instance relays");
    }
}
