package routes.delivery;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;
import routes.background.Threads;

/** The dependencies that many deliveries share. Those that are down are probed every second. */
@Component
public class Dependencies implements DisposableBean {

    private static final long INTERVAL_MILLIS = 1_000;

    private final Map<String, Dependency> dependencies = new ConcurrentSkipListMap<>();
    private final MeterRegistry metrics;
    /** One for each, with two SMTP servers: if one does not answer, the others do not wait for it. */
    private final ScheduledExecutorService asking = Threads.rounds("dependencies", 4);

    Dependencies(MeterRegistry metrics) {
        this.metrics = metrics;
    }

    /**
     * Adds a dependency whose users report how it is doing. It is probed only while it is down.
     *
     * @param failuresUntilAway after how many consecutive failures it counts as down
     */
    public Dependency add(String name, int failuresUntilAway, Dependency.Probe probe) {
        return addPart(name, name, failuresUntilAway, probe);
    }

    /** The same for one of several that can stand in for each other: deliveries wait for the whole, which is a dependency of its own. */
    public Dependency addPart(String name, String whole, int failuresUntilAway, Dependency.Probe probe) {
        return add(new Dependency(name, whole, failuresUntilAway, probe), false);
    }

    /** Adds a dependency that is probed all the time. */
    public Dependency watch(String name, int failuresUntilAway, Dependency.Probe probe) {
        return add(new Dependency(name, name, failuresUntilAway, probe), true);
    }

    private Dependency add(Dependency dependency, boolean always) {
        String name = dependency.name();
        if (dependencies.putIfAbsent(name, dependency) != null) {
            throw new IllegalArgumentException("There are two dependencies named " + name);
        }
        Gauge.builder("domain.events.dependency.up", dependency, d -> d.isAway() ? 0 : 1)
                .tag("dependency", name)
                .register(metrics);
        var unused = asking.scheduleWithFixedDelay(
                () -> {
                    if (always || dependency.isAway()) {
                        dependency.ask();
                    }
                },
                INTERVAL_MILLIS,
                INTERVAL_MILLIS,
                TimeUnit.MILLISECONDS);
        return dependency;
    }

    /** The names of all, up or down. */
    public Set<String> names() {
        return dependencies.keySet();
    }

    /**
     * Asks one of them now.
     *
     * @throws Exception if it is down; the message says why
     */
    public void ask(String name) throws Exception {
        Objects.requireNonNull(dependencies.get(name), name).probe().ask();
    }

    /** The names of those that are down. */
    public Collection<String> away() {
        return dependencies.values().stream()
                .filter(Dependency::isAway)
                .map(Dependency::name)
                .toList();
    }

    /** The name of a dependency that a group needs and that is down; empty if the group can work. */
    public Optional<String> missing(ConsumerGroup group) {
        return group.needs().stream().filter(away()::contains).findFirst();
    }

    @Override
    public void destroy() {
        asking.shutdownNow();
    }
}
