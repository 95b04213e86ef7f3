package routes.yaml;

import java.util.Optional;
import java.util.stream.Stream;
import org.apache.camel.util.StringHelper;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** The parts of a file, with the names by which Camel knows them. */
final class Nodes {

    private Nodes() {}

    static Optional<Node> field(Node node, String name) {
        return fields(node)
                .filter(field -> name(field).equals(name))
                .map(NodeTuple::getValueNode)
                .findFirst();
    }

    /** The fields of a map; of anything else none. */
    static Stream<NodeTuple> fields(Node node) {
        return node instanceof MappingNode map ? map.getValue().stream() : Stream.of();
    }

    /** The name in camel case: Camel takes a field {@code do-catch} for {@code doCatch}. */
    static String name(NodeTuple field) {
        return StringHelper.dashToCamelCase(text(field.getKeyNode()).orElse(""));
    }

    static Stream<Node> children(Node part) {
        return part instanceof SequenceNode list
                ? list.getValue().stream()
                : fields(part).map(NodeTuple::getValueNode);
    }

    static Optional<String> text(Node node) {
        return node instanceof ScalarNode scalar ? Optional.of(scalar.getValue()) : Optional.empty();
    }

    /** The line, from 1. */
    static int line(Node node) {
        return node.getStartMark().map(Mark::getLine).orElse(-1) + 1; // counted from 0
    }
}
