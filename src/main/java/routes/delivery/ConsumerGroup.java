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
 * @param workers how many deliveries of the group are carried out at a time on this instance
 * @param keepsRows whether what went well leaves a row in the ledger; else it can be done again without harm
 * @param types what the group handles; all else passes over
 * @param needs the {@linkplain Dependency dependencies} without which it can do nothing
 */
public record ConsumerGroup(String name, int workers, boolean keepsRows, Set<EventType> types, Set<String> needs) {

    /** A group that handles these types. It needs the database, which holds the ledger. */
    public static ConsumerGroup of(String name, int workers, EventType... types) {
        return new ConsumerGroup(name, workers, true, new TreeSet<>(Arrays.asList(types)), Set.of("database"));
    }

    /** The same group, which only puts into the ledger what did not go well. */
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

    /** Whether the group handles events of the type with this value, which may be one that nobody knows. */
    public boolean handles(String type) {
        return EventType.of(type).filter(this::handles).isPresent();
    }

    @Override
    public String toString() {
        return "%s (processes: %s)"
                .formatted(name, types.stream().map(EventType::value).collect(Collectors.joining(", ")));
    }
}
