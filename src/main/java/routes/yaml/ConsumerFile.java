package routes.yaml;

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
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.springframework.core.env.Environment;
import org.springframework.util.PropertyPlaceholderHelper;
import routes.delivery.ConsumerGroup;
import routes.event.EventType;
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
    private static final Pattern START =
            Pattern.compile("earliest|latest|\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z");
    private static final int MOST_WORKERS = 500;
    private static final List<String> TYPES =
            Arrays.stream(EventType.values()).map(EventType::value).toList();

    /** Other deployments may run them: a consumer of the same name would take away their events. */
    static final Set<String> BUILT_IN = Set.of("email-workers", "position-workers", "reward-workers");

    private final Path file;
    private final Environment environment;
    private final Mistakes mistakes;
    private final List<Consumer> consumers = new ArrayList<>();
    private final List<Template> templates = new ArrayList<>();
    private @Nullable Node root;
    private final PropertyPlaceholderHelper placeholders = new PropertyPlaceholderHelper("{{", "}}", ":", null, false);

    private ConsumerFile(Path file, Environment environment, Mistakes mistakes) {
        this.file = file;
        this.environment = environment;
        this.mistakes = mistakes;
    }

    /**
     * A consumer.
     *
     * @param line its line, from 1
     */
    record Consumer(ConsumerGroup group, int line) {}

    /**
     * A use of a template.
     *
     * @param line its line, from 1
     */
    record Template(String name, int line) {}

    /**
     * Reads a file. A consumer that is invalid is added to the mistakes, and left out.
     *
     * @throws RouteFileException when the file is not YAML, or not a list of routes
     */
    static ConsumerFile read(Path file, Environment environment, Mistakes mistakes) throws IOException {
        try {
            ConsumerFile read = new ConsumerFile(file, environment, mistakes);
            new Compose(LoadSettings.builder().build())
                    .composeString(Files.readString(file))
                    .ifPresent(read::entries);
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
        return root instanceof SequenceNode items
                && items.getValue().stream()
                        .anyMatch(item -> field(item, "errorHandler").isPresent());
    }

    /** Adds what would break a promise in a file with {@linkplain Place places} to the mistakes. */
    void checkPlaces(boolean inTransaction, Mistakes found) {
        PlaceChecks checks = new PlaceChecks(file, inTransaction, found);
        if (root != null) {
            checks.check(root);
        }
        for (Template template : templates) {
            found.add(
                    file, template.line(), "a file has either consumers or places: write this into a file of its own");
        }
    }

    private void entries(Node root) {
        this.root = root;
        if (!(root instanceof SequenceNode items)) {
            throw wrong(root, "the file is not a list: begin each entry with a dash, as in \"- route:\"");
        }
        for (Node item : items.getValue()) {
            requireOneKey(item);
            Node made = field(item, "templatedRoute")
                    .or(() -> field(item, "templated-route"))
                    .orElse(item);
            Optional<Node> template = field(made, "routeTemplateRef").or(() -> field(made, "route-template-ref"));
            template.flatMap(ConsumerFile::text).ifPresent(name -> {
                templates.add(new Template(name, line(template.get())));
                if (name.equals(TEMPLATE)) {
                    mistakes.in(file, () -> consumers.add(consumer(made, template.get())));
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

    private Consumer consumer(Node made, Node template) {
        Map<String, Node> given = new HashMap<>();
        if (field(made, "parameters").orElse(null) instanceof SequenceNode parameters) {
            for (Node parameter : parameters.getValue()) {
                String name =
                        field(parameter, "name").flatMap(ConsumerFile::text).orElse("");
                if (!PARAMETERS.contains(name)) {
                    throw wrong(
                            parameter,
                            "\"%s\" is not a parameter of %s: write group, types, start or workers%s"
                                    .formatted(name, TEMPLATE, Nearest.question(name, PARAMETERS)));
                }
                field(parameter, "value").ifPresent(value -> given.put(name, scalar(name, value)));
            }
        }
        Node group = required(given, "group", template);
        String name = value(group);
        if (!GROUP.matcher(name).matches() || BUILT_IN.contains(name)) {
            throw wrong(
                    group,
                    "the group is \"%s\": write a unique name in lower case, such as analytics-workers"
                            .formatted(name));
        }
        Node start = given.get("start");
        if (start != null && !START.matcher(value(start)).matches()) {
            throw wrong(
                    start,
                    "start is \"%s\": write earliest, latest, or a time such as 2026-11-01T00:00:00Z"
                            .formatted(value(start)));
        }
        List<EventType> types = types(required(given, "types", template));
        return new Consumer(
                ConsumerGroup.of(name, workers(given.get("workers"), template), types.toArray(EventType[]::new)),
                line(template));
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
        if (value == null || value(value).isBlank()) {
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
        String workers = node == null ? environment.getRequiredProperty("deliveries.worker-pool-size") : value(node);
        if (!workers.matches("[1-9]\\d{0,2}") || Integer.parseInt(workers) > MOST_WORKERS) {
            throw wrong(
                    node == null ? template : node,
                    "workers is \"%s\": write a whole number from 1 to %d".formatted(workers, MOST_WORKERS));
        }
        return Integer.parseInt(workers);
    }

    /** The value as Camel will read it, with settings in place of {@code {{...}}}. */
    private String value(Node node) {
        try {
            return placeholders
                    .replacePlaceholders(text(node).orElse(""), environment::getProperty)
                    .strip();
        } catch (IllegalArgumentException e) {
            throw wrong(
                    node,
                    "%s names a setting that does not exist"
                            .formatted(text(node).orElse("")));
        }
    }

    static Optional<Node> field(Node node, String name) {
        if (node instanceof MappingNode map) {
            for (NodeTuple field : map.getValue()) {
                if (text(field.getKeyNode()).filter(name::equals).isPresent()) {
                    return Optional.of(field.getValueNode());
                }
            }
        }
        return Optional.empty();
    }

    static Optional<String> text(Node node) {
        return node instanceof ScalarNode scalar ? Optional.of(scalar.getValue()) : Optional.empty();
    }

    static int line(Node node) {
        return node.getStartMark().map(Mark::getLine).orElse(-1) + 1; // counted from 0
    }

    private RouteFileException wrong(Node node, String reason) {
        return new RouteFileException(file, line(node), reason, null);
    }
}
