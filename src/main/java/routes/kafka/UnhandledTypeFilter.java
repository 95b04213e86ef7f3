package routes.kafka;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import routes.delivery.ConsumerGroup;
import routes.event.EventReader;
import routes.event.EventType;
import routes.event.InvalidEventException;

/** Finds and counts the records that a consumer group skips because it does not handle their type. For one thread. */
class UnhandledTypeFilter implements Predicate<ConsumerRecord<byte[], byte[]>> {

    /** The label of all types that this service does not know: a producer must not create new series by inventing types. */
    private static final String OTHER = "other";

    private final ConsumerGroup group;
    private final EventReader reader;
    private final MeterRegistry metrics;
    private final Map<String, Counter> passedOver = new HashMap<>();

    UnhandledTypeFilter(ConsumerGroup group, EventReader reader, MeterRegistry metrics) {
        this.group = group;
        this.reader = reader;
        this.metrics = metrics;
    }

    /** Also false for a record without a type: reading it will report what is wrong. */
    @Override
    public boolean test(ConsumerRecord<byte[], byte[]> record) {
        String type;
        try {
            type = reader.peekType(record.value(), BatchReader.headers(record.headers()))
                    .orElse(null);
        } catch (InvalidEventException | RuntimeException e) {
            return false;
        }
        if (type == null || group.handles(type)) {
            return false;
        }
        passedOver
                .computeIfAbsent(EventType.of(type).isPresent() ? type : OTHER, this::counter)
                .increment();
        return true;
    }

    private Counter counter(String type) {
        return metrics.counter("domain.events.passed.over", "group", group.name(), "type", type);
    }
}
