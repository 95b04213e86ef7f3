package routes.kafka;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.Metric;
import org.springframework.stereotype.Component;
import routes.background.Trouble;

/**
 * The live consumers of the groups: when each last polled, and the few of Kafka's own metrics that tell an operator something.
 * Kafka's client has more than a hundred per consumer.
 */
@Component
public class ConsumerMetrics {

    private final Map<String, EventConsumer> consumers = new ConcurrentHashMap<>();
    private final Map<String, Trouble> troubles = new ConcurrentHashMap<>();
    private final MeterRegistry metrics;

    ConsumerMetrics(MeterRegistry metrics) {
        this.metrics = metrics;
    }

    /** Adds a new consumer. Camel creates another one after some failures; its metrics continue under the same names. */
    EventConsumer add(EventConsumer consumer) {
        if (consumers.put(consumer.group(), consumer) == null) {
            register(consumer.group());
        }
        return consumer;
    }

    private void register(String group) {
        gauge("kafka.consumer.assigned.partitions", group, "consumer-coordinator-metrics", "assigned-partitions");
        gauge("kafka.consumer.connection.count", group, "consumer-metrics", "connection-count");
        gauge("kafka.consumer.fetch.latency.avg", group, "consumer-fetch-manager-metrics", "fetch-latency-avg");
        gauge("kafka.consumer.commit.latency.avg", group, "consumer-coordinator-metrics", "commit-latency-avg");
        FunctionCounter.builder(
                        "kafka.consumer.rebalance",
                        this,
                        live -> zeroIfNone(live.value(group, "consumer-coordinator-metrics", "rebalance-total")))
                .tag("group", group)
                .register(metrics);
        Gauge.builder("kafka.consumer.last.poll.seconds.ago", this, live -> live.sinceLastPoll(group)
                        .map(since -> since.toMillis() / 1000.0)
                        .orElse(Double.NaN))
                .tag("group", group)
                .register(metrics);
    }

    /** What keeps the consumer of a group from reading; its successors share it. */
    Trouble trouble(String group) {
        return troubles.computeIfAbsent(group, Trouble::new);
    }

    /** Why the consumer of a group cannot read or commit now and keeps retrying; empty if it can. */
    public Optional<String> troubledBy(String group) {
        return trouble(group).reason();
    }

    /** How long ago the consumer of a group polled; empty if it has no consumer. */
    public Optional<Duration> sinceLastPoll(String group) {
        return consumer(group).map(EventConsumer::sinceLastPoll);
    }

    private Optional<EventConsumer> consumer(String group) {
        return Optional.ofNullable(consumers.get(group)).filter(consumer -> !consumer.isClosed());
    }

    private void gauge(String name, String group, String kafkaGroup, String kafkaName) {
        Gauge.builder(name, this, live -> live.value(group, kafkaGroup, kafkaName))
                .tag("group", group)
                .register(metrics);
    }

    private static double zeroIfNone(double value) {
        return Double.isNaN(value) ? 0 : value;
    }

    private double value(String group, String kafkaGroup, String kafkaName) {
        return consumer(group)
                .flatMap(consumer -> consumer.metrics().values().stream()
                        .filter(metric -> metric.metricName().name().equals(kafkaName)
                                && metric.metricName().group().equals(kafkaGroup))
                        .findFirst())
                .map(Metric::metricValue)
                .filter(Number.class::isInstance)
                .map(value -> ((Number) value).doubleValue())
                .orElse(Double.NaN);
    }
}
