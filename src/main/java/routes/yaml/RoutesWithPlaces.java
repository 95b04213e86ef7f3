package routes.yaml;

import java.nio.file.Path;
import org.apache.camel.CamelContext;
import org.apache.camel.FailedToCreateRouteException;
import org.apache.camel.Route;
import org.apache.camel.impl.DefaultModelReifierFactory;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.spi.Resource;

/** Creates routes as Camel does, and reports the file and line of one that fails: Camel knows them, but does not say. */
class RoutesWithPlaces extends DefaultModelReifierFactory {

    private static final String SCHEME = "file:";

    @Override
    public Route createRoute(CamelContext camel, Object definition) {
        try {
            return super.createRoute(camel, definition);
        } catch (FailedToCreateRouteException e) {
            if (definition instanceof RouteDefinition route) {
                Resource resource = route.getResource();
                if (resource != null && resource.getLocation().startsWith(SCHEME)) {
                    Path file = Path.of(resource.getLocation().substring(SCHEME.length()));
                    throw new RouteFileException(file, line(route, e), RouteFileException.reason(e), e);
                }
            }
            throw e;
        }
    }

    /** The line of the step that Camel quotes, otherwise that of the route. */
    private static int line(RouteDefinition route, FailedToCreateRouteException failure) {
        String message = String.valueOf(failure.getMessage());
        return route.getOutputs().stream()
                .filter(step -> message.contains(">>> %s <<<".formatted(step)))
                .map(ProcessorDefinition::getLineNumber)
                .findFirst()
                .orElseGet(() -> route.getInput() == null ? 0 : route.getInput().getLineNumber());
    }
}
