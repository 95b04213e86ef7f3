package routes.yaml;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.ErrorHandlerFactory;
import org.apache.camel.Ordered;
import org.apache.camel.RouteConfigurationsBuilder;
import org.apache.camel.RoutesBuilder;
import org.apache.camel.builder.DefaultErrorHandlerBuilder;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.builder.TemplatedRouteBuilder;
import org.apache.camel.model.FromDefinition;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.RouteTemplateDefinition;
import org.apache.camel.model.TemplatedRouteDefinition;
import org.apache.camel.model.ToDefinition;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;
import routes.delivery.ConsumerGroup;
import routes.delivery.ConsumerGroups;
import routes.settings.Nearest;
import routes.settings.Role;
import routes.settings.RoleSettings;

/**
 * The routes in {@code routes.directory}: each {@code *.camel.yaml} is in Camel's YAML DSL. Each use of the template {@code event-consumer}
 * becomes a consumer group like the built-in ones, before any consumer starts; that needs the role {@code routes}. A route that is named
 * like a {@link Place} takes the place of that one in Java, in every role that has it. Mistakes stop the start, each with file, line and
 * reason.
 */
@Component
class YamlRoutes implements RoutesBuilder, Ordered, SmartInitializingSingleton {

    private static final Logger LOG = LoggerFactory.getLogger(YamlRoutes.class);

    /** What fails in a consumer is an outcome, and logged as one. (Camel 4.22 logs at ERROR whatever retriesExhaustedLogLevel says.) */
    private static final ErrorHandlerFactory OF_A_CONSUMER = new DefaultErrorHandlerBuilder().logExhausted(false);

    private final boolean runsConsumers;

    /** What this service reads in a file, and Camel's builder of its routes. */
    private final Map<Path, ConsumerFile> files = new LinkedHashMap<>();

    private final Map<Path, RouteBuilder> builders = new LinkedHashMap<>();
    private final Set<Path> unread = new LinkedHashSet<>();
    private final Mistakes mistakes = new Mistakes();
    private final Calls calls = new Calls(mistakes);
    private final Endpoints endpoints = new Endpoints(mistakes);

    /** Who has an id of a route, and who reads an endpoint that has one reader. */
    private final Map<String, String> taken = new HashMap<>();

    /**
     * Adds the groups immediately, like the built-in consumers: metrics and topics exist only for groups that are known
     * before Camel starts.
     */
    YamlRoutes(RoutesSettings settings, RoleSettings roles, ConsumerGroups groups, Environment environment)
            throws IOException {
        this.runsConsumers = roles.includesOneOf(Role.ROUTES);
        unread.addAll(RouteFiles.in(settings.directory(), environment, mistakes));
        for (Path file : unread) {
            mistakes.in(file, () -> files.put(file, ConsumerFile.read(file, environment, mistakes, runsConsumers)));
        }
        files.forEach((file, read) -> {
            read.checkPromises();
            if (runsConsumers) {
                read.consumers().forEach(consumer -> add(groups, file, consumer));
            }
            if (read.places().isEmpty()) { // which roles have places, only Camel's routes tell
                read.checkVariables(place -> true);
            }
        });
    }

    private void add(ConsumerGroups groups, Path file, ConsumerFile.Consumer consumer) {
        String owner = taken.putIfAbsent(
                consumer.group().name(), "%s, line %d".formatted(file.getFileName(), consumer.line()));
        if (owner != null) {
            mistakes.add(
                    file,
                    consumer.line(),
                    "the group %s already belongs to %s: write another"
                            .formatted(consumer.group().name(), owner));
            return;
        }
        try {
            groups.add(consumer.group());
        } catch (IllegalArgumentException e) { // such as a bean's
            mistakes.add(file, consumer.line(), String.valueOf(e.getMessage()));
        }
    }

    /** Before anything listens or consumes. Camel finds other mistakes later, when it reads the files. */
    @Override
    public void afterSingletonsInstantiated() {
        mistakes.throwAny();
    }

    /** After the routes in Java, and thus after the template. */
    @Override
    public int getOrder() {
        return LOWEST;
    }

    @Override
    public void addRoutesToCamelContext(CamelContext camel) throws Exception {
        if (!files.isEmpty()) {
            ((ModelCamelContext) camel).setModelReifierFactory(new RoutesWithPlaces());
        }
        for (RouteDefinition route : ((ModelCamelContext) camel).getRouteDefinitions()) {
            if (Place.of(String.valueOf(route.getRouteId())).isEmpty()) {
                take(route, "a route of this service");
            }
        }
        Stream.concat(
                        ConsumerFile.BUILT_IN.stream(), // other instances may have them
                        files.values().stream()
                                .flatMap(read -> read.consumers().stream())
                                .map(consumer -> consumer.group().name()))
                .forEach(group -> Stream.of(group, workerOf(group), "seda:" + group)
                        .forEach(name -> taken.put(name, "the consumer " + group)));
        Places places = new Places((ModelCamelContext) camel, mistakes);
        files.forEach((file, read) -> {
            if (!read.places().isEmpty()) { // the others have been looked at
                read.checkVariables(places::isHere);
            }
            mistakes.in(file, () -> {
                for (RoutesBuilder routes : read(camel, file)) {
                    add(camel, places, file, (RouteBuilder) routes);
                }
            });
        });
        builders.keySet().forEach(file -> checkTemplates(camel, file, Objects.requireNonNull(files.get(file))));
        calls.check(((ModelCamelContext) camel).getRouteDefinitions(), builders.values(), RouteFiles.texts(unread));
        mistakes.throwAny();
        places.tell();
    }

    private void add(CamelContext camel, Places places, Path file, RouteBuilder builder) throws Exception {
        List<RouteDefinition> routes = builder.configureRoutes(camel).getRoutes();
        unread.remove(file);
        if (!places.fill(file, routes, runsConsumers)) {
            return;
        }
        LOG.info("Routes of {}", file);
        builders.put(file, builder);
        boolean good = mistakes.in(file, () -> routes.forEach(route -> check(camel, file, route)));
        ConsumerFile read = Objects.requireNonNull(files.get(file));
        if (!read.consumers().isEmpty() && !read.hasErrorHandler()) {
            routes.stream()
                    .filter(route -> input(route).startsWith("direct:") && route.getErrorHandler() == null)
                    .forEach(route -> route.errorHandler(OF_A_CONSUMER));
        }
        routes.removeIf(route -> Place.of(String.valueOf(route.getRouteId()))
                .filter(place -> !place.isAddition())
                .isPresent()); // their steps are in the routes of Java now
        if (good) { // otherwise Camel would tell the same again, without the line
            if (builder instanceof RouteConfigurationsBuilder configurations) {
                camel.addRoutesConfigurations(configurations);
            }
            camel.addRoutes(builder);
        }
    }

    /** Says what Camel would accept and this service cannot run, and what Camel would say without the line. */
    private void check(CamelContext camel, Path file, RouteDefinition route) {
        FromDefinition from = route.getInput();
        if (from == null) {
            return;
        }
        String input = input(route);
        if (input.startsWith("kafka:")) {
            mistakes.add(
                    file,
                    from.getLineNumber(),
                    "a route cannot read a topic itself, without the ledger: use the template "
                            + ConsumerFile.TEMPLATE);
        } else {
            endpoints.check(camel, file, from, from.getLineNumber());
        }
        for (String name : Stream.of(input, String.valueOf(route.getRouteId())).toList()) {
            String owner = taken.get(name);
            if (owner != null) {
                mistakes.add(
                        file, from.getLineNumber(), "%s already belongs to %s: write another".formatted(name, owner));
            }
        }
        take(route, "a route of " + file.getFileName());
        for (ToDefinition step :
                ProcessorDefinitionHelper.filterTypeInOutputs(route.getOutputs(), ToDefinition.class)) {
            endpoints.check(camel, file, step, step.getLineNumber());
            calls.add(file, step);
        }
    }

    private void take(RouteDefinition route, String owner) {
        if (route.getRouteId() != null) {
            taken.put(route.getRouteId(), owner);
        }
        if (Calls.isInThisProcess(input(route))) {
            taken.put(input(route), owner);
        }
    }

    /** The endpoint that a route reads, without options. */
    static String input(RouteDefinition route) {
        return route.getInput() == null ? "" : Calls.target(route.getInput().getEndpointUri());
    }

    /** Each template that a file uses exists, and each of its consumers has a route that handles the events. */
    private void checkTemplates(CamelContext camel, Path file, ConsumerFile read) {
        Set<String> known = Stream.concat(
                        ((ModelCamelContext) camel).getRouteTemplateDefinitions().stream(),
                        builders.values().stream()
                                .flatMap(builder -> builder.getRouteTemplateCollection().getRouteTemplates().stream()))
                .map(RouteTemplateDefinition::getId)
                .collect(Collectors.toSet());
        for (ConsumerFile.Template template : read.templates()) {
            if (!known.contains(template.name())) {
                mistakes.add(
                        file,
                        template.line(),
                        "there is no template \"%s\"%s"
                                .formatted(template.name(), Nearest.question(template.name(), known)));
            }
        }
        for (ConsumerFile.Consumer consumer : read.consumers()) {
            String handler = "direct:" + consumer.group().name();
            if (builders.values().stream()
                    .flatMap(builder -> builder.getRouteCollection().getRoutes().stream())
                    .noneMatch(route -> input(route).equals(handler))) {
                mistakes.add(
                        file,
                        consumer.line(),
                        "there is no route from %s, which handles the events%s"
                                .formatted(handler, nearest(file, handler)));
            }
        }
    }

    private String nearest(Path file, String handler) {
        List<RouteDefinition> routes =
                Objects.requireNonNull(builders.get(file)).getRouteCollection().getRoutes();
        return Nearest.to(handler, routes.stream().map(YamlRoutes::input).toList()).stream()
                .flatMap(near -> routes.stream().filter(route -> input(route).equals(near)))
                .map(route -> "; line %d has %s: did you mean that?"
                        .formatted(route.getInput().getLineNumber(), input(route)))
                .findFirst()
                .orElse("");
    }

    @Override
    public Set<String> updateRoutesToCamelContext(CamelContext camel) {
        throw new UnsupportedOperationException("The files are read once, at startup");
    }

    @Override
    public void addTemplatedRoutesToCamelContext(CamelContext camel) throws Exception {
        for (Map.Entry<Path, RouteBuilder> entry : builders.entrySet()) {
            Path file = entry.getKey();
            Iterator<ConsumerFile.Consumer> consumers =
                    Objects.requireNonNull(files.get(file)).consumers().iterator();
            for (TemplatedRouteDefinition made :
                    entry.getValue().getTemplatedRouteCollection().getTemplatedRoutes()) {
                if (ConsumerFile.TEMPLATE.equals(made.getRouteTemplateRef())) {
                    addWorkers(camel, consumers.next().group(), made); // in the order of the file, as here
                }
            }
            mistakes.in(file, () -> camel.addTemplatedRoutes(entry.getValue()));
        }
        mistakes.throwAny();
    }

    /** Sets the workers of the group and the id of its route; Camel creates the route itself from the file. */
    private static void addWorkers(CamelContext camel, ConsumerGroup group, TemplatedRouteDefinition made) {
        made.setRouteId(group.name());
        TemplatedRouteBuilder.builder(camel, "event-worker")
                .routeId(workerOf(group.name()))
                .parameter("group", group.name())
                .parameter("workers", String.valueOf(group.workers()))
                .add();
    }

    private static String workerOf(String group) {
        return group.replaceFirst("-workers$", "") + "-worker";
    }

    private static List<RoutesBuilder> read(CamelContext camel, Path file) throws Exception {
        Resource resource = ResourceHelper.resolveMandatoryResource(camel, "file:" + file);
        return new ArrayList<>(PluginHelper.getRoutesLoader(camel).findRoutesBuilders(resource));
    }
}
