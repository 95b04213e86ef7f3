package routes.delivery;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;
import routes.background.Threads;

/** The dependencies that many deliveries share. Those that are away are asked every second whether they are back. */
@Component
public class Dependencies implements DisposableBean {

    private static final long INTERVAL_MILLIS = 1_000;

    private final Map<String, Dependency> dependencies = new ConcurrentSkipListMap<>();
    private final MeterRegistry metrics;
    /** One for the database and one for the SMTP server: what does not answer keeps the other not waiting. */
    private final ScheduledExecutorService asking = Threads.rounds("dependencies", 2);

    Dependencies(MeterRegistry metrics) {
        this.metrics = metrics;
    }

    /**
     * Adds one whose users tell how it does. It is asked only while it is away.
     *
     * @param failuresUntilAway after how many failures in a row it counts as away
     */
    public Dependency add(String name, int failuresUntilAway, Dependency.Probe probe) {
        return add(name, failuresUntilAway, probe, false);
    }

    /** Adds one that is asked all the time. */
    Dependency watch(String name, int failuresUntilAway, Dependency.Probe probe) {
        return add(name, failuresUntilAway, probe, true);
    }

    private Dependency add(String name, int failuresUntilAway, Dependency.Probe probe, boolean always) {
        Dependency dependency = new Dependency(name, failuresUntilAway, probe);
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

    /** The names of those that are away. */
    public Collection<String> away() {
        return dependencies.values().stream()
                .filter(Dependency::isAway)
                .map(Dependency::name)
                .toList();
    }

    /** The one that a group needs and that is away, by its name; empty when the group can do its work. */
    public Optional<String> missing(ConsumerGroup group) {
        return group.needs().stream().filter(away()::contains).findFirst();
    }

    @Override
    public void destroy() {
        asking.shutdownNow();
    }
}
