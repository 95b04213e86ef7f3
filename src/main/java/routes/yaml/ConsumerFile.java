package routes.yaml;

import static routes.yaml.Nodes.children;
import static routes.yaml.Nodes.field;
import static routes.yaml.Nodes.line;
import static routes.yaml.Nodes.text;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.springframework.core.env.Environment;
import org.springframework.util.PropertyPlaceholderHelper;
import routes.delivery.ConsumerGroup;
import routes.event.EventType;
import routes.kafka.StartOffset;
import routes.settings.Nearest;

/**
 * The consumers of a route file: the parameters that it passes to the template {@code event-consumer}. Parsed before Camel
 * reads the file, which checks the rest.
 */
final class ConsumerFile {

    /** The template of the consumers in a file. */
    static final String TEMPLATE = "event-consumer";

    private static final Set<String> PARAMETERS = Set.of("group", "types", "start", "workers");
    private static final Pattern GROUP = Pattern.compile("[a-z][a-z0-9]*(-[a-z0-9]+)*");
    private static final int MOST_WORKERS = 500;
    private static final List<String> TYPES =
            Arrays.stream(EventType.values()).map(EventType::value).toList();

    /** Other deployments may run them: a consumer of the same name would take away their events. */
    static final Set<String> BUILT_IN = Set.of("email-workers", "position-workers", "reward-workers");

    private final Path file;
    private final List<String> lines;
    private final Environment environment;
    private final Variables variables;
    private final Mistakes mistakes;
    private final Mistakes inConsumers;
    private final List<Consumer> consumers = new ArrayList<>();
    private final List<Template> templates = new ArrayList<>();
    private List<Node> entries = List.of();
    private final PropertyPlaceholderHelper placeholders = new PropertyPlaceholderHelper("{{", "}}", ":", null, true);

    private ConsumerFile(Path file, String content, Environment environment, Mistakes mistakes, boolean runsConsumers) {
        this.file = file;
        this.lines = content.lines().toList();
        this.environment = environment;
        this.variables = new Variables(environment);
        this.mistakes = mistakes;
        this.inConsumers = runsConsumers ? mistakes : new Mistakes(); // else not told
    }

    /** A consumer, and its line, from 1. */
    record Consumer(ConsumerGroup group, int line) {}

    /** A use of a template, and its line, from 1. */
    record Template(String name, int line) {}

    /**
     * Reads a file. A consumer that is invalid is added to the mistakes, and left out.
     *
     * @param runsConsumers whether this instance does, and thus needs them to be right
     * @throws RouteFileException when the file is not YAML, or not a list of routes
     */
    static ConsumerFile read(Path file, Environment environment, Mistakes mistakes, boolean runsConsumers)
            throws IOException {
        try {
            String content = Files.readString(file);
            ConsumerFile read = new ConsumerFile(file, content, environment, mistakes, runsConsumers);
            new Compose(LoadSettings.builder().build()).composeString(content).ifPresent(read::entries);
            return read;
        } catch (YamlEngineException e) {
            throw RouteFileException.of(file, e);
        } catch (CharacterCodingException e) {
            throw new RouteFileException(file, 0, "is not in UTF-8: save it as UTF-8", e);
        }
    }

    /** The consumers, in their order. */
    List<Consumer> consumers() {
        return consumers;
    }

    /** The uses of templates, in their order. */
    List<Template> templates() {
        return templates;
    }

    /** Whether it has an error handler for all of its routes. */
    boolean hasErrorHandler() {
        return entries.stream()
                .flatMap(entry -> Stream.concat(Stream.of(entry), field(entry, "routeConfiguration").stream()))
                .anyMatch(entry -> field(entry, "errorHandler").isPresent());
    }

    /** The line of a text that is in a node, from 1. */
    private int lineOf(String text, Node node) {
        return IntStream.rangeClosed(line(node), lines.size()) // a block begins after its node
                .filter(line -> lines.get(line - 1).contains(text))
                .findFirst()
                .orElse(line(node));
    }

    /** The {@linkplain Place places} of its routes. */
    List<Place> places() {
        return entries.stream().flatMap(entry -> place(entry).stream()).toList();
    }

    /** Adds what would break a promise of the built-in consumers, or of those in the file, to the mistakes. */
    void checkPromises() {
        if (!places().isEmpty()) {
            entries.forEach(PlaceChecks.ofPlaces(file, places(), mistakes)::check);
            templates.forEach(template -> mistakes.add(
                    file, template.line(), "a file has either consumers or places: write this into a file of its own"));
        } else if (templates.stream().anyMatch(template -> template.name().equals(TEMPLATE))) {
            PlaceChecks checks = PlaceChecks.ofConsumers(file, inConsumers);
            entries.stream() // a route that reads from elsewhere handles no events of a group
                    .filter(entry -> input(entry).orElse("direct").matches("direct(:.*)?"))
                    .forEach(checks::check);
        }
    }

    /** Adds variables that are not set to the mistakes. A template of routes has parameters that look like some. */
    void checkVariables(Predicate<Place> isHere) {
        if (!places().isEmpty() && places().stream().noneMatch(isHere)) {
            return; // an instance without their roles does not need the file
        }
        Mistakes found = places().isEmpty() ? inConsumers : mistakes;
        entries.stream()
                .filter(entry -> place(entry).filter(isHere.negate()).isEmpty())
                .filter(entry -> field(entry, "routeTemplate").isEmpty())
                .forEach(entry -> checkVariables(entry, found));
    }

    private void checkVariables(Node part, Mistakes found) {
        text(part).stream()
                .flatMap(variables::notSet)
                .forEach(one -> found.add(file, lineOf(one.text(), part), one.reason()));
        children(part).forEach(child -> checkVariables(child, found));
    }

    private static Optional<Place> place(Node entry) {
        return field(entry, "route")
                .flatMap(route -> field(route, "id"))
                .flatMap(Nodes::text)
                .flatMap(Place::of)
                .or(() ->
                        input(entry).flatMap(from -> Place.of(Calls.target(from).replaceFirst("direct:", ""))));
    }

    /** The address that a route reads. */
    private static Optional<String> input(Node entry) {
        return field(field(entry, "route").orElse(entry), "from")
                .flatMap(from -> text(from).or(() -> field(from, "uri").flatMap(Nodes::text)));
    }

    private void entries(Node root) {
        if (!(root instanceof SequenceNode items)) {
            throw wrong(root, "the file is not a list: begin each entry with a dash, as in \"- route:\"");
        }
        entries = items.getValue();
        for (Node item : entries) {
            mistakes.in(file, () -> requireOneKey(item));
            Node made = field(item, "templatedRoute").orElse(item);
            Optional<Node> template = field(made, "routeTemplateRef");
            template.flatMap(Nodes::text).ifPresent(name -> {
                templates.add(new Template(name, line(template.get())));
                if (name.equals(TEMPLATE)) {
                    consumer(made, template.get());
                }
            });
        }
    }

    private void requireOneKey(Node item) {
        if (item instanceof MappingNode map && map.getValue().size() > 1) {
            List<String> keys = map.getValue().stream()
                    .map(field -> text(field.getKeyNode()).orElse("?"))
                    .toList();
            throw wrong(
                    item,
                    "the entry has the keys %s: indent what belongs to %s further, and begin another entry with a dash"
                            .formatted(String.join(", ", keys), keys.get(0)));
        }
    }

    private void consumer(Node made, Node template) {
        Map<String, Node> given = new HashMap<>();
        boolean good = true;
        if (field(made, "parameters").orElse(null) instanceof SequenceNode parameters) {
            for (Node parameter : parameters.getValue()) {
                good &= inConsumers.in(file, () -> take(parameter, given));
            }
        }
        good &= inConsumers.in(file, () -> requireName(required(given, "group", template)));
        good &= inConsumers.in(file, () -> requireStart(given.get("start")));
        good &= inConsumers.in(file, () -> types(required(given, "types", template)));
        if (good || given.containsKey("workers")) { // otherwise the setting tells what is wrong with it
            good &= inConsumers.in(file, () -> workers(given.get("workers"), template));
        }
        if (good) {
            consumers.add(new Consumer(
                    ConsumerGroup.of(
                            value(required(given, "group", template)),
                            workers(given.get("workers"), template),
                            types(required(given, "types", template)).toArray(EventType[]::new)),
                    line(template)));
        }
    }

    /** A parameter with a wrong name counts as the one that was meant: its value may be wrong, too. */
    private void take(Node parameter, Map<String, Node> given) {
        String name = field(parameter, "name").flatMap(Nodes::text).orElse("");
        Optional<Node> value = field(parameter, "value");
        if (!PARAMETERS.contains(name)) {
            Nearest.to(name, PARAMETERS).ifPresent(meant -> value.ifPresent(its -> given.putIfAbsent(meant, its)));
            throw wrong(
                    parameter,
                    "\"%s\" is not a parameter of %s: write group, types, start or workers%s"
                            .formatted(name, TEMPLATE, Nearest.question(name, PARAMETERS)));
        }
        value.ifPresent(its -> given.put(name, its));
    }

    private void requireName(Node group) {
        String name = value(group);
        if (!GROUP.matcher(name).matches() || BUILT_IN.contains(name)) {
            throw wrong(
                    group,
                    "the group is \"%s\": write a unique name in lower case, such as analytics-workers"
                            .formatted(name));
        }
    }

    private void requireStart(@Nullable Node start) {
        if (start != null) {
            try {
                StartOffset.check(value(scalar("start", start)));
            } catch (IllegalArgumentException e) {
                throw wrong(start, "start is \"%s\": %s".formatted(value(start), e.getMessage()));
            }
        }
    }

    private Node scalar(String name, Node value) {
        if (value instanceof ScalarNode) {
            return value;
        }
        throw wrong(
                value,
                "%s is a list or a map: write one text%s"
                        .formatted(name, name.equals("types") ? ", such as user.signed_up, reward.earned" : ""));
    }

    private Node required(Map<String, Node> given, String name, Node template) {
        Node value = given.get(name);
        if (value == null || value(scalar(name, value)).isBlank()) {
            throw wrong(template, "the parameter %s of %s is missing".formatted(name, TEMPLATE));
        }
        return value;
    }

    private List<EventType> types(Node node) {
        String types = value(node);
        if (types.equals("*")) {
            return List.of(EventType.values());
        }
        return Arrays.stream(types.split(",", -1))
                .map(String::strip)
                .map(type -> EventType.of(type)
                        .orElseThrow(() -> wrong(
                                node,
                                "\"%s\" is not a type: write some of %s, separated by commas, or *%s"
                                        .formatted(type, String.join(", ", TYPES), Nearest.question(type, TYPES)))))
                .toList();
    }

    private int workers(@Nullable Node node, Node template) {
        String workers = node == null
                ? environment.getRequiredProperty("deliveries.worker-pool-size")
                : value(scalar("workers", node));
        if (!workers.matches("[1-9]\\d{0,2}") || Integer.parseInt(workers) > MOST_WORKERS) {
            throw wrong(
                    node == null ? template : node,
                    "workers is \"%s\": write a whole number from 1 to %d".formatted(workers, MOST_WORKERS));
        }
        return Integer.parseInt(workers);
    }

    /** The value as Camel will read it, with settings in place of {@code {{...}}}. */
    private String value(Node node) {
        String text = text(node).orElse("");
        Optional<Variables.NotSet> notSet = variables.notSet(text).findFirst();
        if (notSet.isPresent()) {
            throw wrong(node, notSet.get().reason());
        }
        return placeholders.replacePlaceholders(text, environment::getProperty).strip();
    }

    private RouteFileException wrong(Node node, String reason) {
        return new RouteFileException(file, line(node), reason, null);
    }
}
