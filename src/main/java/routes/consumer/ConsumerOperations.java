package routes.consumer;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelContext;
import org.apache.camel.ServiceStatus;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;
import routes.consumer.Lags.PartitionLag;
import routes.consumer.Verdicts.Judgement;
import routes.delivery.ConsumerGroup;
import routes.event.EventType;
import routes.kafka.ConsumerMetrics;
import routes.operation.Arguments;
import routes.operation.Audit;
import routes.worker.Backpressure;
import routes.worker.HandOver;
import routes.worker.WorkerPools;

/** Shows operators how each group is doing; stops and starts its reading on this instance. */
@Component
public class ConsumerOperations {

    /** Longer than a usual batch takes. A batch that takes longer is not committed, and is read again. */
    private static final int PATIENCE_SECONDS = 20;

    private final Verdicts verdicts;
    private final Lags lags;
    private final ConsumerMetrics consumers;
    private final Backpressure intake;
    private final HandOver queues;
    private final WorkerPools workers;
    private final CamelContext camel;
    private final Audit audit;

    ConsumerOperations(
            Verdicts verdicts,
            Lags lags,
            ConsumerMetrics consumers,
            Backpressure intake,
            HandOver queues,
            WorkerPools workers,
            CamelContext camel,
            Audit audit) {
        this.verdicts = verdicts;
        this.lags = lags;
        this.consumers = consumers;
        this.intake = intake;
        this.queues = queues;
        this.workers = workers;
        this.camel = camel;
        this.audit = audit;
    }

    /**
     * How a group is doing: verdict and lag across all instances, the rest on this one.
     *
     * @param verdict see {@link Verdict}
     * @param because the reason; null if the verdict says it all
     * @param lag uncommitted records; null while unknown
     * @param lagSeconds the age of the oldest of them; null while unknown
     * @param partitions the lag of each partition
     * @param reading the state of the route that reads the topic
     * @param working the state of the route of the workers
     * @param workers how many workers there are
     * @param busy deliveries in progress, or waiting for their receiver after a worker has taken them
     * @param queued deliveries that wait in memory for a worker
     * @param queueSize how many can wait
     * @param held why its intake is paused; null if it is not
     * @param lastPollSecondsAgo when its consumer last polled; null if it has none
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Status(
            String group,
            List<String> types,
            String verdict,
            @Nullable String because,
            @Nullable Long lag,
            @Nullable Double lagSeconds,
            List<PartitionLag> partitions,
            String reading,
            @Nullable String working,
            int workers,
            int busy,
            int queued,
            int queueSize,
            @Nullable String held,
            @Nullable Double lastPollSecondsAgo) {}

    /** How one group is doing. */
    public Status status(ConsumerGroup group) {
        String name = group.name();
        var look = lags.now();
        Judgement judgement = verdicts.judge(name);
        var seconds = look.map(some -> some.seconds(name));
        return new Status(
                name,
                group.types().stream().map(EventType::value).toList(),
                judgement.verdict().value(),
                judgement.because(),
                look.map(some -> some.lag(name)).orElse(null),
                seconds.isPresent() && seconds.get().isPresent() ? seconds.get().getAsDouble() : null,
                look.map(some -> some.partitions(name)).orElse(List.of()),
                state(name),
                workers.route(name).map(this::state).orElse(null),
                workers.size(name),
                workers.busy(name),
                queues.queued(name),
                queues.capacity(name),
                intake.heldBecause(name).orElse(null),
                consumers
                        .sinceLastPoll(name)
                        .map(since -> since.toMillis() / 1000.0)
                        .orElse(null));
    }

    /** Stops the reading of a group. */
    void stop(ConsumerGroup group, String by) {
        String before = state(group.name());
        write(by, "consumers.stop", Map.of("group", group.name()), "was " + before);
        try {
            camel.getRouteController().stopRoute(group.name(), PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw Arguments.unavailable(
                    "the route %s could not be stopped: %s".formatted(group.name(), e.getMessage()));
        }
    }

    /** Starts the reading of a group. */
    void start(ConsumerGroup group, String by) {
        String before = state(group.name());
        write(by, "consumers.start", Map.of("group", group.name()), "was " + before);
        try {
            camel.getRouteController().startRoute(group.name());
        } catch (Exception e) {
            throw Arguments.unavailable(
                    "the route %s could not be started: %s".formatted(group.name(), e.getMessage()));
        }
    }

    /** Written before the action: nothing is done without a trace. */
    private void write(String by, String operation, Map<String, ?> arguments, String result) {
        try {
            audit.write(by, operation, new TreeMap<>(arguments), result);
        } catch (DataAccessException | TransactionException e) {
            throw Arguments.unavailable(
                    "nothing was done, because the audit cannot be written: the database is unavailable");
        }
    }

    private String state(String route) {
        ServiceStatus status = camel.getRouteController().getRouteStatus(route);
        return status == null ? "missing" : status.name().toLowerCase(Locale.ROOT);
    }
}
