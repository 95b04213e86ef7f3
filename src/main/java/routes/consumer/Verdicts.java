package routes.consumer;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.ServiceStatus;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;
import routes.consumer.Lags.LagSnapshot;
import routes.consumer.Lags.PartitionLag;
import routes.delivery.ConsumerGroup;
import routes.delivery.ConsumerGroups;
import routes.kafka.ConsumerMetrics;
import routes.worker.Backpressure;
import routes.worker.HandOver;
import routes.worker.WorkerPools;

/** Judges how each group is doing, from the brokers' view of all instances and this instance's own state. */
@Component
public class Verdicts implements MeterBinder {

    /** A consumer that waits for records polls several times a second; one request to the brokers takes at most this long. */
    private static final Duration QUIET = Duration.ofSeconds(30);

    private final ConsumerGroups groups;
    private final Lags lags;
    private final ConsumerMetrics consumers;
    private final Backpressure intake;
    private final WorkerPools workers;
    private final HandOver queues;
    private final CamelContext camel;
    private final ObservationSettings settings;
    private final Duration longestBatch;

    private final Map<String, Map<Integer, LagWindow>> windows = new HashMap<>();
    private @Nullable LagSnapshot observed;

    Verdicts(
            ConsumerGroups groups,
            Lags lags,
            ConsumerMetrics consumers,
            Backpressure intake,
            WorkerPools workers,
            HandOver queues,
            CamelContext camel,
            ObservationSettings settings,
            @Value("${camel.component.kafka.max-poll-interval-ms}") long maxPollIntervalMillis) {
        this.groups = groups;
        this.lags = lags;
        this.consumers = consumers;
        this.intake = intake;
        this.workers = workers;
        this.queues = queues;
        this.camel = camel;
        this.settings = settings;
        this.longestBatch = Duration.ofMillis(maxPollIntervalMillis);
    }

    /**
     * How a group is doing, and why.
     *
     * @param because null if the verdict says it all
     */
    public record Judgement(Verdict verdict, @Nullable String because) {}

    /** Adds the latest snapshot, and forgets the partitions that it no longer has. */
    public synchronized void observe() {
        LagSnapshot look = lags.latest().orElse(null);
        if (look == null || look.equals(observed)) {
            return;
        }
        observed = look;
        look.groups().forEach((group, partitions) -> {
            Map<Integer, LagWindow> its = windows.computeIfAbsent(group, any -> new HashMap<>());
            // A topic that was recreated may have fewer: in the others nothing would ever be committed.
            its.keySet()
                    .retainAll(partitions.stream().map(PartitionLag::partition).toList());
            for (PartitionLag partition : partitions) {
                its.computeIfAbsent(partition.partition(), any -> new LagWindow(settings.interval()))
                        .add(look.at(), partition.committed(), partition.lag());
            }
        });
    }

    /** How a group is doing now. */
    public Judgement judge(String group) {
        ServiceStatus status = camel.getRouteController().getRouteStatus(group);
        if (status == null || !status.isStarted()) {
            return status != null && status.isStarting()
                    ? new Judgement(Verdict.UNKNOWN, "its route is starting")
                    : new Judgement(Verdict.STOPPED, "the route %s is stopped on this instance".formatted(group));
        }
        Optional<String> trouble = consumers.troubledBy(group);
        if (trouble.isPresent()) {
            return new Judgement(Verdict.STALLED, "its consumer fails and keeps retrying: " + trouble.get());
        }
        Optional<String> held = intake.heldBecause(group);
        Optional<String> unknown = lags.failure();
        if (unknown.isEmpty()) {
            Optional<String> silent = silent(group);
            if (silent.isPresent()) {
                return new Judgement(Verdict.STALLED, silent.get());
            }
        }
        if (held.isPresent()) {
            return new Judgement(Verdict.HELD, held.get());
        }
        return unknown.map(reason -> new Judgement(Verdict.UNKNOWN, "its lag is unknown: " + reason))
                .orElseGet(() -> worst(group));
    }

    /** Why the consumer of a started route counts as dead; empty if it polls, or is processing a batch. */
    private Optional<String> silent(String group) {
        Duration quiet = consumers.sinceLastPoll(group).orElseGet(() -> Optional.ofNullable(camel.getRoute(group))
                .map(Route::getUptimeMillis)
                .map(Duration::ofMillis)
                .orElse(Duration.ZERO));
        boolean hasABatch = camel.getInflightRepository().size(group) > 0;
        return quiet.compareTo(hasABatch ? longestBatch : QUIET) > 0
                ? Optional.of(
                        "its route is started, but its consumer has not polled for %d s".formatted(quiet.toSeconds()))
                : Optional.empty();
    }

    private synchronized Judgement worst(String group) {
        Map<Integer, LagWindow> partitions = windows.getOrDefault(group, Map.of());
        if (partitions.isEmpty()) {
            return new Judgement(Verdict.UNKNOWN, "the brokers have not been asked yet");
        }
        Map<Integer, Verdict> verdicts = new HashMap<>();
        partitions.forEach((partition, window) -> verdicts.put(partition, window.judge()));
        Verdict worst =
                verdicts.values().stream().max(Comparator.naturalOrder()).orElse(Verdict.OK);
        List<Integer> where = verdicts.entrySet().stream()
                .filter(entry -> entry.getValue() == worst)
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
        return new Judgement(worst, because(worst, where));
    }

    private @Nullable String because(Verdict verdict, List<Integer> partitions) {
        long span = settings.interval().multipliedBy(LagWindow.SIZE).toSeconds();
        return switch (verdict) {
            case STALLED ->
                "partitions %s have records to read, but nothing has been committed for %d s"
                        .formatted(partitions, span);
            case SLOW -> "its lag in partitions %s grows although it makes progress".formatted(partitions);
            case REWOUND ->
                "its offset in partitions %s went back within the last %d s: records are read again"
                        .formatted(partitions, span);
            case UNKNOWN -> "its lag in partitions %s has been observed for less than %d s".formatted(partitions, span);
            default -> null;
        };
    }

    @Override
    public void bindTo(MeterRegistry metrics) {
        for (ConsumerGroup each : groups.all()) {
            String group = each.name();
            for (Verdict verdict : Verdict.values()) {
                Gauge.builder(
                                "domain.events.verdict",
                                this,
                                all -> all.judge(group).verdict() == verdict ? 1 : 0)
                        .tags("group", group, "verdict", verdict.value())
                        .register(metrics);
            }
            Gauge.builder("domain.events.intake.held", intake, all -> all.isHeld(group) ? 1 : 0)
                    .tag("group", group)
                    .register(metrics);
            Gauge.builder("domain.events.workers", workers, all -> all.size(group))
                    .tag("group", group)
                    .register(metrics);
            Gauge.builder("domain.events.workers.busy", workers, all -> all.busy(group))
                    .tag("group", group)
                    .register(metrics);
            Gauge.builder("domain.events.queued", queues, all -> all.queued(group))
                    .tag("group", group)
                    .register(metrics);
            Gauge.builder("domain.events.queue.capacity", queues, all -> all.capacity(group))
                    .tag("group", group)
                    .register(metrics);
        }
    }
}
