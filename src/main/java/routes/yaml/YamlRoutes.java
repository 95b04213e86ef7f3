package routes.yaml;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.Ordered;
import org.apache.camel.RouteConfigurationsBuilder;
import org.apache.camel.RoutesBuilder;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.builder.TemplatedRouteBuilder;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.TemplatedRouteDefinition;
import org.apache.camel.model.ToDefinition;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;
import routes.delivery.ConsumerGroup;
import routes.delivery.ConsumerGroups;
import routes.settings.InvalidSettingException;
import routes.settings.OnRole;
import routes.settings.Role;

/**
 * The routes in {@code routes.directory}: each {@code *.camel.yaml} is in Camel's YAML DSL. Each use of the template {@code event-consumer}
 * becomes a consumer group like the built-in ones, before any consumer starts. A mistake stops the start, with file, line and reason.
 */
@OnRole(Role.ROUTES)
@Component
class YamlRoutes implements RoutesBuilder, Ordered {

    private static final Logger LOG = LoggerFactory.getLogger(YamlRoutes.class);

    private static final String SUFFIX = ".camel.yaml";

    private final RoutesSettings settings;

    /** A file's consumers, and Camel's builder of its routes. */
    private final Map<Path, List<ConsumerFile.Consumer>> files = new LinkedHashMap<>();

    private final Map<Path, RouteBuilder> builders = new LinkedHashMap<>();

    /**
     * Adds the groups immediately, like the built-in consumers: metrics and topics exist only for groups that are known
     * before Camel starts.
     */
    YamlRoutes(RoutesSettings settings, ConsumerGroups groups, Environment environment) throws IOException {
        this.settings = settings;
        for (Path file : find()) {
            List<ConsumerFile.Consumer> consumers = ConsumerFile.read(file, environment);
            files.put(file, consumers);
            for (ConsumerFile.Consumer consumer : consumers) {
                try {
                    groups.add(consumer.group());
                } catch (IllegalArgumentException e) {
                    throw new RouteFileException(file, consumer.line(), String.valueOf(e.getMessage()), e);
                }
            }
        }
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
        for (Path file : files.keySet()) {
            LOG.info("Routes of {}", file);
            for (RoutesBuilder routes : inFile(file, () -> read(camel, file))) {
                RouteBuilder builder = (RouteBuilder) routes;
                inFile(file, () -> {
                    if (builder instanceof RouteConfigurationsBuilder configurations) {
                        camel.addRoutesConfigurations(configurations);
                    }
                    camel.addRoutes(builder);
                    return builder;
                });
                builders.put(file, builder);
                for (RouteDefinition route : builder.getRouteCollection().getRoutes()) {
                    checkEndpoints(camel, file, route);
                }
            }
        }
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
                    Objects.requireNonNull(files.get(file)).iterator();
            for (TemplatedRouteDefinition made :
                    entry.getValue().getTemplatedRouteCollection().getTemplatedRoutes()) {
                if (ConsumerFile.TEMPLATE.equals(made.getRouteTemplateRef())) {
                    addWorkers(camel, file, consumers.next(), made); // in the order of the file, as here
                }
            }
            inFile(file, () -> {
                camel.addTemplatedRoutes(entry.getValue());
                return file;
            });
        }
    }

    /** Sets the workers of the group and the id of its route; Camel creates the route itself from the file. */
    private void addWorkers(
            CamelContext camel, Path file, ConsumerFile.Consumer consumer, TemplatedRouteDefinition made) {
        ConsumerGroup group = consumer.group();
        if (builders.values().stream()
                .flatMap(routes -> routes.getRouteCollection().getRoutes().stream())
                .noneMatch(route -> route.getInput() != null
                        && route.getInput().getUri().matches("direct:(//)?" + group.name() + "(\\?.*)?"))) {
            throw new RouteFileException(
                    file,
                    consumer.line(),
                    "there is no route from direct:%s, which handles the events".formatted(group.name()),
                    null);
        }
        made.setRouteId(group.name());
        TemplatedRouteBuilder.builder(camel, "event-worker")
                .routeId(group.name().replaceFirst("-workers$", "") + "-worker")
                .parameter("group", group.name())
                .parameter("workers", String.valueOf(group.workers()))
                .add();
    }

    private List<Path> find() throws IOException {
        if (settings.directory().isBlank()) {
            return List.of();
        }
        Path directory = Path.of(settings.directory()).toAbsolutePath().normalize();
        if (!Files.isDirectory(directory)) {
            if (settings.directory().equals(RoutesSettings.DEFAULT_DIRECTORY)) {
                return List.of();
            }
            throw new InvalidSettingException(
                    "routes.directory",
                    "is %s, which is not a directory: write the one with the route files, or leave it empty"
                            .formatted(settings.directory()));
        }
        try (Stream<Path> all = Files.list(directory)) {
            List<Path> yaml = all.filter(file -> file.toString().matches(".*\\.ya?ml"))
                    .sorted()
                    .toList();
            yaml.stream()
                    .filter(file -> !file.toString().endsWith(SUFFIX))
                    .forEach(file -> LOG.warn("{} is ignored: its name does not end in {}", file, SUFFIX));
            return yaml.stream()
                    .filter(file -> file.toString().endsWith(SUFFIX))
                    .toList();
        }
    }

    private static List<RoutesBuilder> read(CamelContext camel, Path file) throws Exception {
        Resource resource = ResourceHelper.resolveMandatoryResource(camel, "file:" + file);
        return new ArrayList<>(PluginHelper.getRoutesLoader(camel).findRoutesBuilders(resource));
    }

    /** Reports unknown endpoint options with the line of the step, which Camel no longer knows later. */
    private static void checkEndpoints(CamelContext camel, Path file, RouteDefinition route) {
        for (ToDefinition step :
                ProcessorDefinitionHelper.filterTypeInOutputs(route.getOutputs(), ToDefinition.class)) {
            try {
                camel.getEndpoint(step.getEndpointUri());
            } catch (RuntimeException e) {
                throw new RouteFileException(file, step.getLineNumber(), RouteFileException.reason(e), e);
            }
        }
    }

    @FunctionalInterface
    private interface Work<T> {
        T call() throws Exception;
    }

    private static <T> T inFile(Path file, Work<T> work) {
        try {
            return work.call();
        } catch (RouteFileException e) {
            throw e;
        } catch (Exception e) {
            throw RouteFileException.of(file, e);
        }
    }
}
