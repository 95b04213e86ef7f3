package routes.yaml;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * Finds what Camel accepts in a file with {@linkplain Place places} or consumers but would break a promise: the worker that calls
 * the steps writes their outcome to the ledger once they have run, and retries them if they failed.
 */
final class PlaceChecks {

    private static final String READS =
            "reads from somewhere of its own: a place handles only what its caller gives it";
    private static final String LATE = "does not wait for the effect, and a crash loses it: write to, with direct:";
    private static final String COMPUTED =
            "computes an address, which no event may decide: write to, with an address from a setting such as {{SMS_URL}}";

    private static final String COMPUTED_FROM_BODY =
            "computes an address from the body, and no event may decide where data goes: write to, with an address from a"
                    + " setting such as {{API_URL}}; for a request, the headers CamelHttpPath and CamelHttpQuery may be computed";
    private static final String HIDDEN =
            "hides a failure from the ledger, which would retry it: remove it, or write doTry with a throwException in its doCatch";
    private static final String COUNTS_AS_DONE = "lets a failure count as done: end it with throwException";

    /** Headers that say where data goes, or which statement runs. Camel finds them in any case. */
    private static final Pattern ADDRESS = Pattern.compile(
            "(?i)Camel(HttpUri|HttpHost|HttpRawPath|RestHttpUri|SqlQuery|Exec\\w+|JmsDestination\\w*|Kafka\\w*Topic|OverruleFileName)");

    private static final Pattern COMPUTES = Pattern.compile("\\$(simple)?\\{");
    private static final Pattern READS_BODY =
            Pattern.compile(COMPUTES + "(body|bodyAs|mandatoryBodyAs|bodyOneLine)\\b");

    private static final Set<String> IN_MEMORY = Set.of("seda", "vm", "disruptor", "disruptor-vm", "stub");
    private static final Set<String> TELL_OF_FAILURE = Set.of("throwException", "to", "bean");

    // spotless:off
    private static final List<Rule> RULES = List.of(
            rule(READS, "poll", "pollEnrich", "rest"),
            rule(READS, from -> !scheme(from).equals("direct"), "from"),
            rule(LATE, "wireTap", "threads", "aggregate", "resequence", "onCompletion"),
            rule(LATE, to -> IN_MEMORY.contains(scheme(to)), "to", "toD"),
            rule("leaves the worker's thread, and with it the transaction and the outcome: remove it",
                    value -> !text(value).equalsIgnoreCase("false"), "parallelProcessing", "asyncDelayed"),
            rule(COMPUTED, "recipientList", "routingSlip", "dynamicRouter", "enrich"),
            rule(COMPUTED, PlaceChecks::isComputed, "toD"),
            rule(COMPUTED, PlaceChecks::isComputedHeader, "setHeader", "setHeaders"),
            rule(HIDDEN, "onException", "errorHandler", "routeConfiguration"),
            rule(COUNTS_AS_DONE, value -> branches(value).anyMatch(branch -> !tellsOfFailure(branch)), "doCatch", "onFallback"),
            rule("skips work that the ledger then takes for done: remove it, the ledger knows repeats",
                    "sample", "idempotentConsumer"),
            rule("also ends the worker, before the outcome is in the ledger: write choice, or throwException with"
                    + " routes.delivery.DeliveryException$Skipped", "stop", "rollback"),
            rule("removes what the ledger needs: write removeProperty", "removeProperties"),
            rule("changes the property delivery, which the ledger needs: write another name",
                    value -> text(value, "name").equals("delivery"), "setProperty", "removeProperty"));
    // spotless:on

    private static final Rule IN_A_TRANSACTION = rule(
            "waits for another system in a transaction that holds locks: write sql, and leave the rest to a consumer of its own",
            to -> !Set.of("sql", "log", "direct", "bean").contains(scheme(to)),
            "to",
            "toD");

    /** A consumer waits for all threads of its steps, has an exchange of its own, and may read from elsewhere. */
    // spotless:off
    private static final List<Rule> OF_CONSUMERS = List.of(
            rule(LATE, "wireTap", "aggregate", "resequence", "onCompletion"),
            rule(LATE, to -> IN_MEMORY.contains(scheme(to)), "to", "toD"),
            rule(COMPUTED_FROM_BODY, PlaceChecks::readsBody, "toD", "recipientList", "routingSlip", "dynamicRouter", "enrich"),
            rule(COMPUTED_FROM_BODY, PlaceChecks::isAddressFromBody, "setHeader", "setHeaders"),
            rule(HIDDEN, value -> branches(value).anyMatch(branch -> isHandled(branch) && !tellsOfFailure(branch)), "onException"),
            rule(HIDDEN, value -> Nodes.field(value, "deadLetterChannel").isPresent(), "errorHandler"),
            rule(COUNTS_AS_DONE, value -> branches(value).anyMatch(branch -> !tellsOfFailure(branch)), "doCatch", "onFallback"));
    // spotless:on

    private final Path file;
    private final List<Rule> rules;
    private final Mistakes mistakes;

    private PlaceChecks(Path file, List<Rule> rules, Mistakes mistakes) {
        this.file = file;
        this.rules = rules;
        this.mistakes = mistakes;
    }

    /** Checks a file with places, one of which may run in a transaction. */
    static PlaceChecks ofPlaces(Path file, List<Place> places, Mistakes mistakes) {
        List<Rule> rules = places.stream().anyMatch(Place::isInTransaction)
                ? Stream.concat(RULES.stream(), Stream.of(IN_A_TRANSACTION)).toList()
                : RULES;
        return new PlaceChecks(file, rules, mistakes);
    }

    /** Checks a file with consumers. */
    static PlaceChecks ofConsumers(Path file, Mistakes mistakes) {
        return new PlaceChecks(file, OF_CONSUMERS, mistakes);
    }

    /**
     * What steps must not do.
     *
     * @param reason what is wrong, and what to write, to follow the name of the step
     * @param steps the keys of the steps
     */
    private record Rule(String reason, Predicate<Node> isBrokenBy, Set<String> steps) {}

    private static Rule rule(String reason, String... steps) {
        return rule(reason, any -> true, steps);
    }

    private static Rule rule(String reason, Predicate<Node> isBrokenBy, String... steps) {
        return new Rule(reason, isBrokenBy, Set.of(steps));
    }

    /** Adds what is wrong in a part of the file to the mistakes. */
    void check(Node part) {
        if (part instanceof MappingNode map) {
            for (NodeTuple field : map.getValue()) {
                String name = Nodes.name(field);
                rules.stream()
                        .filter(rule ->
                                rule.steps().contains(name) && rule.isBrokenBy().test(field.getValueNode()))
                        .forEach(rule -> mistakes.add(
                                file, Nodes.line(field.getKeyNode()), "%s %s".formatted(name, rule.reason())));
                if (!name.equals("parameters")) {
                    check(field.getValueNode());
                }
            }
        } else {
            Nodes.children(part).forEach(this::check);
        }
    }

    private static String text(Node node) {
        return Nodes.text(node).orElse("");
    }

    private static String text(Node node, String field) {
        return Nodes.field(node, field).map(PlaceChecks::text).orElse("");
    }

    /** Of an endpoint, which is a text or has the field {@code uri}. */
    private static String scheme(Node endpoint) {
        return (text(endpoint) + text(endpoint, "uri")).replaceFirst("(?s):.*", "");
    }

    private static Stream<Node> branches(Node value) {
        return value instanceof SequenceNode several ? several.getValue().stream() : Stream.of(value);
    }

    /** Whether a branch has a step that can tell of the failure, or do the work in another way. */
    private static boolean tellsOfFailure(Node part) {
        return Nodes.children(part).anyMatch(PlaceChecks::tellsOfFailure)
                || Nodes.fields(part).map(Nodes::name).anyMatch(TELL_OF_FAILURE::contains);
    }

    private static boolean isComputed(Node part) {
        return COMPUTES.matcher(text(part)).find() || Nodes.children(part).anyMatch(PlaceChecks::isComputed);
    }

    private static boolean readsBody(Node part) {
        return READS_BODY.matcher(text(part)).find() || Nodes.children(part).anyMatch(PlaceChecks::readsBody);
    }

    private static boolean isAddressFromBody(Node part) {
        return (ADDRESS.matcher(text(part, "name")).matches() && readsBody(part))
                || Nodes.children(part).anyMatch(PlaceChecks::isAddressFromBody);
    }

    /** Whether an onException keeps the failure to itself. */
    private static boolean isHandled(Node part) {
        return Stream.of("handled", "continued")
                .flatMap(field -> Nodes.field(part, field).stream())
                .anyMatch(value -> !isFalse(value));
    }

    private static boolean isFalse(Node part) {
        return text(part).equals("false") || Nodes.children(part).anyMatch(PlaceChecks::isFalse);
    }

    private static boolean isComputedHeader(Node part) {
        return (text(part, "name").toLowerCase(Locale.ROOT).startsWith("camel") && isComputed(part))
                || Nodes.children(part).anyMatch(PlaceChecks::isComputedHeader);
    }
}
