package routes.worker;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import routes.delivery.ConsumerGroup;
import routes.delivery.DeliverySettings;
import routes.delivery.Dependencies;
import routes.settings.Statements;

/**
 * Holds back the intake of a group while it could do nothing with what it takes in: a dependency is away, or more is due in
 * the ledger than {@code deliveries.max-backlog}. Its consumer goes on polling, for nothing, so it keeps its partitions; the
 * backlog stays in Kafka.
 */
@Component
public class Backpressure {

    private static final Logger LOG = LoggerFactory.getLogger(Backpressure.class);

    private final Dependencies dependencies;
    private final DeliverySettings settings;
    private final Statements sql;

    /** Why each group is held that is. */
    private final Map<String, String> held = new ConcurrentHashMap<>();

    Backpressure(Dependencies dependencies, DeliverySettings settings, Statements sql) {
        this.dependencies = dependencies;
        this.settings = settings;
        this.sql = sql;
    }

    /** Holds a group, or lets it go on, as things are now. */
    public void adjust(ConsumerGroup group) {
        String reason = reasonToHold(group).orElse(null);
        String before = reason == null ? held.remove(group.name()) : held.put(group.name(), reason);
        if (reason != null && !reason.equals(before)) {
            LOG.warn("{} takes in nothing for now: {}", group.name(), reason);
        } else if (reason == null && before != null) {
            LOG.warn("{} takes in events again", group.name());
        }
    }

    private Optional<String> reasonToHold(ConsumerGroup group) {
        // Let go at half, or it would be held again at once.
        return reasonToHold(group, held.containsKey(group.name()) ? settings.maxBacklog() / 2 : settings.maxBacklog());
    }

    /**
     * Why a group had better be given nothing now: a dependency that it needs is away, or it has a backlog.
     *
     * @param limit how much may be due of it in the ledger
     */
    public Optional<String> reasonToHold(ConsumerGroup group, int limit) {
        Optional<String> missing = dependencies.missing(group);
        if (missing.isPresent()) {
            return missing.map(name -> name + " is away");
        }
        int due = sql.of("worker/backlog")
                .param("group", group.name())
                .param("limit", limit)
                .query(Integer.class)
                .single();
        return due < limit
                ? Optional.empty()
                : Optional.of("%d deliveries or more are due in the ledger".formatted(limit));
    }

    /** Whether the consumer of a group is to poll for nothing. */
    public boolean isHeld(String group) {
        return held.containsKey(group);
    }

    /** Why a group takes in nothing now; empty when it does. */
    public Optional<String> heldBecause(String group) {
        return Optional.ofNullable(held.get(group));
    }
}
