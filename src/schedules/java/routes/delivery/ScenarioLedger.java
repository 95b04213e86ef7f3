package routes.delivery;

import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/** A ledger without a database, which knows what was given back to it; and what else a scenario needs of this package. */
public final class ScenarioLedger extends DeliveryLedger {

    private static final DeliverySettings SETTINGS =
            new Binder(new MapConfigurationPropertySource(Map.of())).bindOrCreate("deliveries", DeliverySettings.class);

    private final Queue<UUID> released = new ConcurrentLinkedQueue<>();

    /** A ledger to which nothing was given back. */
    public ScenarioLedger() {
        super(null, null, null, null, SETTINGS, null, null, null, null);
    }

    @Override
    public void release(List<Delivery> deliveries) {
        deliveries.forEach(delivery -> released.add(delivery.id()));
    }

    /** What was given back, as often as it was. */
    public Collection<UUID> released() {
        return released;
    }

    /** Upkeep that finds no strays. */
    public static LedgerUpkeep upkeep() {
        return new LedgerUpkeep(null, null, SETTINGS) {
            @Override
            public int reclaimStrays(Set<UUID> held) {
                return 0;
            }
        };
    }

    /** A single group of workers. */
    public static ConsumerGroups groups(ConsumerGroup group) {
        ConsumerGroups groups = new ConsumerGroups(SETTINGS);
        groups.add(group);
        return groups;
    }

    /** The defaults. */
    public static DeliverySettings settings() {
        return SETTINGS;
    }

    /** No dependencies yet, without metrics. */
    public static Dependencies dependencies() {
        return new Dependencies(new CompositeMeterRegistry());
    }
}
