package routes.worker;

import java.util.Optional;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.component.seda.SedaConsumer;
import org.springframework.stereotype.Component;

/** The workers of each group on this instance. */
@Component
public class WorkerPools {

    private final CamelContext camel;

    WorkerPools(CamelContext camel) {
        this.camel = camel;
    }

    /** The route of a group's workers; empty if it has no workers here. */
    public Optional<String> route(String group) {
        return consumer(group).map(SedaConsumer::getRouteId);
    }

    /** How many workers a group has. */
    public int size(String group) {
        return consumer(group)
                .map(workers -> workers.getEndpoint().getConcurrentConsumers())
                .orElse(0);
    }

    /** How many deliveries of a group are in progress, or wait for their receiver after a worker has taken them. */
    public int busy(String group) {
        return route(group)
                .map(route -> camel.getInflightRepository().size(route))
                .orElse(0);
    }

    /** Whether a group's workers accept deliveries: not while their route is stopped, suspended, or being stopped. */
    boolean work(String group) {
        return consumer(group)
                .filter(workers -> workers.isStarted() && !((WorkerQueues.Queue) workers.getEndpoint()).isLeft())
                .isPresent();
    }

    private Optional<SedaConsumer> consumer(String group) {
        return camel.getRoutes().stream()
                .map(Route::getConsumer)
                .filter(SedaConsumer.class::isInstance)
                .map(SedaConsumer.class::cast)
                .filter(workers -> workers.getEndpoint().getName().equals(group))
                .findFirst();
    }
}
