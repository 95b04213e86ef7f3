package routes.kafka;

import java.time.Duration;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.component.kafka.KafkaComponent;
import org.springframework.stereotype.Component;
import routes.delivery.DeliveryException;

/**
 * How long a batch may take: a consumer that polls too late ({@code max.poll.interval.ms}) is put out of its group. A quarter of
 * that is for trying, since between two polls there may be two batches, and the last try takes its own time.
 */
@Component
public class BatchTime {

    private static final int SHARE = 4;
    private static final Duration KAFKAS_DEFAULT = Duration.ofMinutes(5);

    private final CamelContext camel;

    BatchTime(CamelContext camel) {
        this.camel = camel;
    }

    /** Whether a batch, or a part that was split from it, may still be tried. */
    public boolean isLeft(Exchange batch) {
        Duration age = batch.getProperty(RecordBatch.BATCH) instanceof RecordBatch read
                ? read.age()
                : Duration.ofMillis(batch.getClock().elapsed());
        return age.compareTo(pollInterval().dividedBy(SHARE)) < 0;
    }

    /**
     * Puts an end to trying where one part after the other of a batch takes long.
     *
     * @throws DeliveryException.Transient when no time is left
     */
    public void require(Exchange batch) {
        if (!isLeft(batch)) {
            throw new DeliveryException.Transient("its batch has taken too long already", null, null, null);
        }
    }

    private Duration pollInterval() {
        Integer millis = camel.getComponent("kafka", KafkaComponent.class)
                .getConfiguration()
                .getMaxPollIntervalMs();
        return millis == null ? KAFKAS_DEFAULT : Duration.ofMillis(millis);
    }
}
