package routes.worker;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;
import routes.background.Pace;
import routes.delivery.ConsumerGroup;
import routes.delivery.DeliverySettings;
import routes.delivery.Dependencies;
import routes.settings.Statements;

/**
 * Holds a group that could not process what it consumes: a dependency is down, or more deliveries are due in the ledger than
 * {@code deliveries.max-backlog}. Its consumer keeps polling without fetching, so it keeps its partitions; the backlog stays
 * in Kafka.
 */
@Component
public class Backpressure {

    private static final Logger LOG = LoggerFactory.getLogger(Backpressure.class);

    private final Dependencies dependencies;
    private final DeliverySettings settings;
    private final Statements sql;
    private final LongSupplier nanoTime;

    /** The groups that are held, each with the reason. */
    private final Map<String, String> held = new ConcurrentHashMap<>();

    private final Map<String, Look> looks = new ConcurrentHashMap<>();

    @Autowired
    Backpressure(Dependencies dependencies, DeliverySettings settings, Statements sql) {
        this(dependencies, settings, sql, System::nanoTime);
    }

    /**
     * Holds nothing yet.
     *
     * @param nanoTime as {@link System#nanoTime()}
     */
    Backpressure(Dependencies dependencies, DeliverySettings settings, Statements sql, LongSupplier nanoTime) {
        this.dependencies = dependencies;
        this.settings = settings;
        this.sql = sql;
        this.nanoTime = nanoTime;
    }

    /** Holds a group or lets it continue, depending on the current state. */
    public void adjust(ConsumerGroup group) {
        String reason = reasonToHold(group).orElse(null);
        String before = reason == null ? held.remove(group.name()) : held.put(group.name(), reason);
        if (reason != null && !reason.equals(before)) {
            LOG.warn("{} stops consuming for now: {}", group.name(), reason);
        } else if (reason == null && before != null) {
            LOG.warn("{} consumes again", group.name());
        }
    }

    private Optional<String> reasonToHold(ConsumerGroup group) {
        Optional<String> missing = missing(group);
        return missing.isPresent()
                ? missing
                : looks.computeIfAbsent(group.name(), any -> new Look()).latest(group);
    }

    /** Looks at the backlog of a group, at its {@linkplain Pace pace}: while a snapshot of the database is open, one takes long. */
    private final class Look {
        private final Pace pace = new Pace(nanoTime);
        private Optional<String> found = Optional.empty();

        private synchronized Optional<String> latest(ConsumerGroup group) {
            if (pace.isDue()) {
                // Released at half, or it would be held again at once.
                int limit = found.isPresent() ? settings.maxBacklog() / 2 : settings.maxBacklog();
                found = pace.run(() -> backlog(group, limit));
            }
            return found;
        }
    }

    /**
     * Why a group should not get more work now: a dependency that it needs is down, or it has a backlog.
     *
     * @param limit how many of its deliveries may be due in the ledger
     */
    public Optional<String> reasonToHold(ConsumerGroup group, int limit) {
        Optional<String> missing = missing(group);
        return missing.isPresent() ? missing : backlog(group, limit);
    }

    private Optional<String> missing(ConsumerGroup group) {
        return dependencies.missing(group).map(name -> name + " is down");
    }

    private Optional<String> backlog(ConsumerGroup group, int limit) {
        int due = sql.of("worker/backlog", "group", group.name(), "limit", limit)
                .query(Integer.class)
                .single();
        return due < limit
                ? Optional.empty()
                : Optional.of("%d deliveries or more are due in the ledger".formatted(limit));
    }

    /** Whether the consumer of a group should poll without fetching. */
    public boolean isHeld(String group) {
        return held.containsKey(group);
    }

    /** Why a group is held; empty if it is not. */
    public Optional<String> heldBecause(String group) {
        return Optional.ofNullable(held.get(group));
    }
}
