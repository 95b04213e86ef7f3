package routes.delivery;

import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import routes.event.EventType;

/**
 * A consumer group of the topic, which is also the id of its route and the name of its queue of recorded deliveries.
 *
 * @param name the groupId, such as {@code email-workers}
 * @param workers how many deliveries of the group this instance processes at a time
 * @param keepsRows whether successful work leaves a row in the ledger; if not, repeating it is harmless
 * @param types the types that the group handles; it skips all others
 * @param needs the {@linkplain Dependency dependencies} without which it cannot work
 */
public record ConsumerGroup(String name, int workers, boolean keepsRows, Set<EventType> types, Set<String> needs) {

    /** A group that handles these types. It needs the database, which holds the ledger. */
    public static ConsumerGroup of(String name, int workers, EventType... types) {
        return new ConsumerGroup(name, workers, true, new TreeSet<>(Arrays.asList(types)), Set.of("database"));
    }

    /** The same group, with rows in the ledger only for work that did not succeed. */
    public ConsumerGroup withoutRows() {
        return new ConsumerGroup(name, workers, false, types, needs);
    }

    ConsumerGroup needing(String dependency) {
        Set<String> all = new TreeSet<>(needs);
        all.add(dependency);
        return new ConsumerGroup(name, workers, keepsRows, types, all);
    }

    /** Whether the group handles events of this type. */
    public boolean handles(EventType type) {
        return types.contains(type);
    }

    /** Whether the group handles events of the type with this value, which may be unknown. */
    public boolean handles(String type) {
        return EventType.of(type).filter(this::handles).isPresent();
    }

    @Override
    public String toString() {
        return "%s (processes: %s)"
                .formatted(name, types.stream().map(EventType::value).collect(Collectors.joining(", ")));
    }
}
