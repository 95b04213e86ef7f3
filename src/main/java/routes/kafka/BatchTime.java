package routes.kafka;

import java.time.Duration;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.component.kafka.KafkaComponent;
import org.springframework.stereotype.Component;
import routes.delivery.DeliveryException;

/**
 * How long a batch may take: a consumer that polls too late ({@code max.poll.interval.ms}) is removed from its group. Retries get a
 * quarter of that, since two batches may fall between two polls, and the last try takes time as well.
 */
@Component
public class BatchTime {

    private static final int SHARE = 4;
    private static final Duration KAFKAS_DEFAULT = Duration.ofMinutes(5);

    private final CamelContext camel;

    BatchTime(CamelContext camel) {
        this.camel = camel;
    }

    /** Whether there is time to try a batch, or a part of it, once more. */
    public boolean isLeft(Exchange batch) {
        Duration age = batch.getProperty(RecordBatch.BATCH) instanceof RecordBatch read
                ? read.age()
                : Duration.ofMillis(batch.getClock().elapsed());
        return age.compareTo(pollInterval().dividedBy(SHARE)) < 0;
    }

    /**
     * Stops further tries when one part of a batch after the other takes long.
     *
     * @throws DeliveryException.Transient if no time is left
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
