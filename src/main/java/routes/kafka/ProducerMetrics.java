package routes.kafka;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.DoubleStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.springframework.stereotype.Component;

/**
 * The producers for events and dead letters, and the few of Kafka's own metrics that tell an operator something: combined for all
 * producers of this instance, since a problem of one is a problem of all.
 */
@Component
public class ProducerMetrics {

    private final Set<Producer<byte[], byte[]>> producers = ConcurrentHashMap.newKeySet();

    ProducerMetrics(MeterRegistry metrics) {
        Gauge.builder("kafka.producer.connection.count", this, live -> live.values("connection-count")
                        .sum())
                .register(metrics);
        average("kafka.producer.request.latency.avg", "request-latency-avg", metrics);
        average("kafka.producer.record.queue.time.avg", "record-queue-time-avg", metrics);
        total("kafka.producer.record.retry", "record-retry-total", metrics);
        total("kafka.producer.record.error", "record-error-total", metrics);
    }

    /** The worst average of all producers; NaN if none has sent anything for half a minute. */
    private void average(String name, String kafkaName, MeterRegistry metrics) {
        Gauge.builder(name, this, live -> live.values(kafkaName).max().orElse(Double.NaN))
                .register(metrics);
    }

    private void total(String name, String kafkaName, MeterRegistry metrics) {
        FunctionCounter.builder(name, this, live -> live.values(kafkaName).sum())
                .register(metrics);
    }

    /**
     * Creates a producer, which is included until it is closed.
     *
     * @param whose its name in the log
     */
    public Producer<byte[], byte[]> open(Properties properties, String whose) {
        Properties own = KafkaGuarantees.ofProducer(properties);
        Producer<byte[], byte[]> producer =
                new LastingProducer<byte[], byte[]>(() -> new KafkaProducer<>(own), own, whose) {
                    @Override
                    public void close(Duration timeout) {
                        producers.remove(this);
                        super.close(timeout);
                    }
                };
        producers.add(producer);
        return producer;
    }

    private DoubleStream values(String kafkaName) {
        return producers.stream()
                .flatMap(producer -> producer.metrics().values().stream())
                .filter(metric -> metric.metricName().name().equals(kafkaName)
                        && metric.metricName().group().equals("producer-metrics"))
                .mapToDouble(metric -> ((Number) metric.metricValue()).doubleValue())
                .filter(Double::isFinite);
    }
}
