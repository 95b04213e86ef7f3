package routes.yaml;

import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * Finds what Camel accepts in a file with {@linkplain Place places} and what would break a promise of the built-in consumers: the worker
 * that calls a place writes its outcome to the ledger once the steps have run, and retries it if they failed.
 */
final class PlaceChecks {

    private static final String LATE = "does not wait for the effect, and a crash loses it: write to, with direct:";
    private static final String READS =
            "reads from somewhere of its own: a place handles only what its caller gives it";
    private static final String COMPUTED =
            "computes an address, which no event may decide: write to, with an address from a setting such as {{SMS_URL}}";

    /** What is wrong with steps that cannot be in such a file, and what to write. */
    private static final Map<String, Set<String>> REFUSED = Map.of(
            LATE,
            Set.of("wireTap", "threads", "aggregate", "resequence", "onCompletion"),
            READS,
            Set.of("poll", "pollEnrich", "rest"),
            COMPUTED,
            Set.of("recipientList", "routingSlip", "dynamicRouter", "enrich"),
            "hides a failure from the ledger, which retries it: remove it, or write doTry with a throwException in its doCatch",
            Set.of("onException", "errorHandler", "routeConfiguration"),
            "skips work that the ledger then takes for done: remove it, the ledger knows repeats",
            Set.of("sample", "idempotentConsumer"),
            "also ends the worker, before the outcome is in the ledger: write choice, or throwException with"
                    + " routes.delivery.DeliveryException$Skipped",
            Set.of("stop", "rollback"),
            "removes what the ledger needs: write removeProperty",
            Set.of("removeProperties"));

    private static final Set<String> IN_MEMORY = Set.of("seda", "vm", "disruptor", "disruptor-vm", "stub");
    private static final Set<String> IN_TRANSACTION = Set.of("sql", "log", "direct", "bean");
    private static final Set<String> TELL_OF_FAILURE = Set.of("throwException", "to", "bean");
    private static final Pattern OF_A_RECORD = Pattern.compile("\\$\\{|\\$simple\\{");

    private final Path file;
    private final boolean inTransaction;
    private final Mistakes mistakes;

    /**
     * Checks a file.
     *
     * @param inTransaction whether one of its places runs in a transaction
     */
    PlaceChecks(Path file, boolean inTransaction, Mistakes mistakes) {
        this.file = file;
        this.inTransaction = inTransaction;
        this.mistakes = mistakes;
    }

    /** Adds what is wrong in a part of the file to the mistakes. */
    void check(Node part) {
        if (part instanceof SequenceNode list) {
            list.getValue().forEach(this::check);
        } else if (part instanceof MappingNode map) {
            for (NodeTuple field : map.getValue()) {
                String name = ConsumerFile.text(field.getKeyNode()).orElse("");
                step(name, field.getValueNode(), ConsumerFile.line(field.getKeyNode()));
                if (!name.equals("parameters")) {
                    check(field.getValueNode());
                }
            }
        }
    }

    private void step(String name, Node value, int line) {
        REFUSED.forEach((reason, names) -> {
            if (names.contains(name)) {
                tell(line, "%s %s".formatted(name, reason));
            }
        });
        switch (name) {
            case "from" -> requireScheme(name, value, line, "direct"::equals, READS);
            case "to" -> endpoint(name, value, line);
            case "toD" -> {
                endpoint(name, value, line);
                if (isAnywhere(value, OF_A_RECORD)) {
                    tell(line, "toD " + COMPUTED);
                }
            }
            case "parallelProcessing", "asyncDelayed" -> {
                if (ConsumerFile.text(value).filter("true"::equals).isPresent()) {
                    tell(
                            line,
                            "%s leaves the worker's thread, and with it the transaction and the outcome: remove it"
                                    .formatted(name));
                }
            }
            case "doCatch", "onFallback" ->
                branches(value)
                        .filter(branch -> !hasStep(branch))
                        .forEach(branch -> tell(
                                line, "%s lets a failure count as done: end it with throwException".formatted(name)));
            case "setHeader" -> {
                if (isField(value, "name", "Camel.*") && isAnywhere(value, OF_A_RECORD)) {
                    tell(line, "a header Camel... " + COMPUTED);
                }
            }
            case "setProperty", "removeProperty" -> {
                if (isField(value, "name", "delivery")) {
                    tell(line, "the property delivery belongs to the ledger: write another name");
                }
            }
            default -> {
                // A step like any other.
            }
        }
    }

    private void endpoint(String name, Node value, int line) {
        requireScheme(name, value, line, scheme -> !IN_MEMORY.contains(scheme), LATE);
        if (inTransaction) {
            requireScheme(
                    name,
                    value,
                    line,
                    IN_TRANSACTION::contains,
                    "waits for another system in a transaction that holds locks: write sql, and leave the rest to a consumer of its own");
        }
    }

    private void requireScheme(String name, Node value, int line, Predicate<String> right, String otherwise) {
        String uri = ConsumerFile.field(value, "uri")
                .flatMap(ConsumerFile::text)
                .or(() -> ConsumerFile.text(value))
                .orElse("");
        String scheme = uri.replaceFirst("(?s):.*", "");
        if (!right.test(scheme)) {
            tell(line, "%s %s %s".formatted(name, scheme, otherwise));
        }
    }

    private static Stream<Node> branches(Node value) {
        return value instanceof SequenceNode several ? several.getValue().stream() : Stream.of(value);
    }

    /** Whether a branch has a step that can tell of the failure, or do the work in another way. */
    private static boolean hasStep(Node part) {
        return children(part).anyMatch(PlaceChecks::hasStep)
                || (part instanceof MappingNode map
                        && map.getValue().stream()
                                .map(field -> ConsumerFile.text(field.getKeyNode()).orElse(""))
                                .anyMatch(TELL_OF_FAILURE::contains));
    }

    private static boolean isField(Node value, String name, String pattern) {
        return ConsumerFile.field(value, name)
                .flatMap(ConsumerFile::text)
                .filter(text -> text.matches(pattern))
                .isPresent();
    }

    private static boolean isAnywhere(Node part, Pattern pattern) {
        return part instanceof ScalarNode text
                ? pattern.matcher(text.getValue()).find()
                : children(part).anyMatch(child -> isAnywhere(child, pattern));
    }

    private static Stream<Node> children(Node part) {
        return part instanceof SequenceNode list
                ? list.getValue().stream()
                : part instanceof MappingNode map ? map.getValue().stream().map(NodeTuple::getValueNode) : Stream.of();
    }

    private void tell(int line, String reason) {
        mistakes.add(file, line, reason);
    }
}
