package routes.delivery;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import routes.event.EventType;
import routes.operation.Arguments;

/** The consumer groups of this service. Each consumer's route adds its own. */
@Component
public class ConsumerGroups {

    private final Map<String, ConsumerGroup> groups = new LinkedHashMap<>();
    private final DeliverySettings settings;

    ConsumerGroups(DeliverySettings settings) {
        this.settings = settings;
    }

    /** Adds a group of {@code deliveries.worker-pool-size} workers. */
    public void add(String name, EventType... types) {
        add(ConsumerGroup.of(name, settings.workerPoolSize(), types));
    }

    /** Adds a group. */
    public synchronized void add(ConsumerGroup group) {
        if (groups.putIfAbsent(group.name(), group) != null) {
            throw new IllegalArgumentException("There are two consumer groups named " + group.name());
        }
    }

    /** Notes that a group cannot work without a {@linkplain Dependency dependency}. */
    public synchronized void need(String name, String dependency) {
        groups.put(name, get(name).needing(dependency));
    }

    /** The group of this name. */
    public synchronized ConsumerGroup get(String name) {
        ConsumerGroup group = groups.get(name);
        if (group == null) {
            throw new IllegalArgumentException(
                    "No consumer group is named %s: a route that consumes has the id of its group, and adds the group to ConsumerGroups"
                            .formatted(name));
        }
        return group;
    }

    /** The group that an operator named in a field. */
    public ConsumerGroup named(String field, @Nullable String name) {
        return Arguments.oneOf(field, name, all(), ConsumerGroup::name);
    }

    /** All groups, in the order in which they were added. */
    public synchronized Collection<ConsumerGroup> all() {
        return List.copyOf(groups.values());
    }
}
