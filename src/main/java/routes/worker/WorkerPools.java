package routes.worker;

import java.util.Optional;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.stereotype.Component;

/** The workers of each group on this instance. */
@Component
public class WorkerPools {

    private final CamelContext camel;
    private final ApplicationEventPublisher changes;

    WorkerPools(CamelContext camel, ApplicationEventPublisher changes) {
        this.camel = camel;
        this.changes = changes;
    }

    /** The route of a group's workers; empty when they have none. */
    public Optional<String> route(String group) {
        return pool(group).map(Route::getRouteId);
    }

    /** How many workers a group has. */
    public int size(String group) {
        return pool(group)
                .map(route -> ((WorkerPool) route.getConsumer()).size())
                .orElse(0);
    }

    /** How many deliveries of a group are being carried out, or wait for their receiver after a worker has taken them. */
    public int busy(String group) {
        return route(group)
                .map(route -> camel.getInflightRepository().size(route))
                .orElse(0);
    }

    /**
     * Changes the number of a group's workers on this instance, until it ends.
     *
     * @throws IllegalArgumentException when it has none
     */
    public void resize(String group, int workers) {
        Route route = pool(group).orElseThrow(() -> new IllegalArgumentException(group + " has no workers"));
        ((WorkerPool) route.getConsumer()).resize(workers);
        changes.publishEvent(new WorkersChanged(group, workers));
    }

    private Optional<Route> pool(String group) {
        return camel.getRoutes().stream()
                .filter(route -> route.getConsumer() instanceof WorkerPool pool
                        && pool.group().equals(group))
                .findFirst();
    }
}
