package routes.yaml;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.camel.builder.NoErrorHandlerBuilder;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.ToDefinition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import routes.delivery.Outcome;
import routes.settings.Nearest;

/** Lets the routes of a file take the {@linkplain Place places} of those in Java, which are then not there. */
final class Places {

    private static final Logger LOG = LoggerFactory.getLogger(Places.class);
    private static final String DIRECT = "direct:";

    private final ModelCamelContext camel;
    private final Mistakes mistakes;
    private final List<String> filled = new ArrayList<>();

    Places(ModelCamelContext camel, Mistakes mistakes) {
        this.camel = camel;
        this.mistakes = mistakes;
    }

    /**
     * Prepares the routes of a file, and takes out those whose place another role has.
     *
     * @return whether this instance needs the file
     */
    boolean fill(Path file, List<RouteDefinition> routes, boolean runsConsumers) throws Exception {
        Set<String> called = routes.stream()
                .flatMap(route ->
                        ProcessorDefinitionHelper.filterTypeInOutputs(route.getOutputs(), ToDefinition.class).stream())
                .map(ToDefinition::getEndpointUri)
                .collect(Collectors.toSet());
        routes.stream()
                .filter(route -> !called.contains(YamlRoutes.input(route)))
                .forEach(route -> refuseUnknown(file, route));
        List<Place> all =
                routes.stream().flatMap(route -> place(route).stream()).toList();
        if (all.isEmpty()) {
            return runsConsumers;
        }
        boolean needed = all.stream().anyMatch(this::isHere);
        routes.removeIf(route -> place(route).filter(place -> !isHere(place)).isPresent());
        for (RouteDefinition route : routes) {
            route.errorHandler(new NoErrorHandlerBuilder()); // the worker decides what a failure means
            Optional<Place> place = place(route);
            if (place.isPresent()) {
                fill(place.get(), file, route);
            }
        }
        return needed;
    }

    /** Says what was filled, once all files have been accepted. */
    void tell() {
        filled.forEach(LOG::info);
    }

    private void fill(Place place, Path file, RouteDefinition route) throws Exception {
        if (!(DIRECT + place.id()).equals(YamlRoutes.input(route))
                || !place.id().equals(route.getRouteId())) {
            mistakes.add(
                    file,
                    line(route),
                    "the place %s needs the id %1$s, and reads only direct:%1$s: write both".formatted(place.id()));
        }
        if (place.leavesOutcome()) {
            route.bean(Outcome.class, "orDelivered");
        }
        RouteDefinition inJava = camel.getRouteDefinition(place.id());
        if (inJava != null) { // keeps its definition: Camel's detector of duplicates remembers those that were removed
            inJava.getOutputs().clear();
            inJava.getOutputs().addAll(route.getOutputs());
            inJava.getOutputs().forEach(step -> step.setParent(inJava));
            inJava.setResource(route.getResource());
            inJava.markUnprepared();
        }
        filled.add("%s has the place %s".formatted(file, place.id()));
    }

    /** A route that nobody calls and that is named almost like a place would be left out in silence. */
    private void refuseUnknown(Path file, RouteDefinition route) {
        String name = YamlRoutes.input(route).replaceFirst(DIRECT, "");
        if (Place.of(name).isEmpty()
                && (name.matches("(mail|after)-.*")
                        || Nearest.to(name, Place.ids()).isPresent())) {
            mistakes.add(
                    file,
                    line(route),
                    "there is no place %s: write one of %s%s"
                            .formatted(name, String.join(", ", Place.ids()), Nearest.question(name, Place.ids())));
        }
    }

    boolean isHere(Place place) {
        return place.isAddition() || camel.getRouteDefinition(place.id()) != null;
    }

    private static Optional<Place> place(RouteDefinition route) {
        return Place.of(String.valueOf(route.getRouteId()))
                .or(() -> Place.of(YamlRoutes.input(route).replaceFirst(DIRECT, "")));
    }

    private static int line(RouteDefinition route) {
        return route.getInput() == null ? 0 : route.getInput().getLineNumber();
    }
}
