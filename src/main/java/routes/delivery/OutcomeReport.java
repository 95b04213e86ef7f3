package routes.delivery;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.springframework.stereotype.Component;

/** Tells operators of each outcome: a count, and a line of the log without anybody's address. */
@Component
class OutcomeReport {

    private static final Logger LOG = LoggerFactory.getLogger(OutcomeReport.class);

    private final MeterRegistry metrics;

    OutcomeReport(MeterRegistry metrics) {
        this.metrics = metrics;
    }

    /**
     * An attempt ended.
     *
     * @param pause until the next attempt; null when there is none
     */
    void report(Delivery delivery, Outcome outcome, @Nullable Duration pause) {
        String name = pause == null ? outcome.status().value() : "retry";
        metrics.counter("domain.events.handled", "group", delivery.group(), "type", delivery.type(), "outcome", name)
                .increment();
        boolean trouble = outcome.status() == DeliveryStatus.FAILED || outcome.status() == DeliveryStatus.DUE;
        LOG.atLevel(trouble ? Level.WARN : Level.INFO)
                .log(
                        "{} {} event {} attempt {} {}{}{}",
                        delivery.group(),
                        delivery.type(),
                        delivery.event().id(),
                        delivery.attempt(),
                        name,
                        pause == null ? "" : ", again in " + pause.toSeconds() + " s",
                        outcome.reason() == null ? "" : ": " + Masking.mask(outcome.reason()));
    }
}
