package routes.delivery;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.springframework.stereotype.Component;
import routes.background.Masking;
import routes.event.DomainEvent;
import routes.history.History;

/**
 * Reports each outcome to operators: counts, times, and a log line with addresses masked. The histograms have few buckets,
 * at the limits that matter to somebody: each bucket is a series.
 */
@Component
class OutcomeReport {

    private static final Logger LOG = LoggerFactory.getLogger(OutcomeReport.class);

    /** Up to the timeouts of a webhook and of a mail. */
    private static final Duration[] HANDLING = {
        Duration.ofMillis(10),
        Duration.ofMillis(100),
        Duration.ofSeconds(1),
        Duration.ofSeconds(5),
        Duration.ofSeconds(30)
    };

    /** From what nobody notices to what several retries take. */
    private static final Duration[] END_TO_END = {
        Duration.ofMillis(100),
        Duration.ofSeconds(1),
        Duration.ofSeconds(10),
        Duration.ofMinutes(1),
        Duration.ofMinutes(10),
        Duration.ofHours(1),
        Duration.ofDays(1)
    };

    private static final double[] ATTEMPTS = {1, 2, 3, 5};

    private final MeterRegistry metrics;
    private final History history;

    OutcomeReport(MeterRegistry metrics, History history) {
        this.metrics = metrics;
        this.history = history;
    }

    /**
     * An attempt ended.
     *
     * @param pause until the next attempt; null if there is none
     * @param took how long the attempt took; null if unknown
     */
    void report(Delivery delivery, Outcome outcome, @Nullable Duration pause, @Nullable Duration took) {
        String name = pause == null ? outcome.status().value() : "retry";
        count(delivery.group(), delivery.type(), name);
        if (took != null) {
            Timer.builder("domain.events.handling")
                    .tags("group", delivery.group(), "type", delivery.type())
                    .serviceLevelObjectives(HANDLING)
                    .register(metrics)
                    .record(took);
        }
        if (pause == null) {
            DistributionSummary.builder("domain.events.attempts")
                    .tags("group", delivery.group(), "type", delivery.type())
                    .serviceLevelObjectives(ATTEMPTS)
                    .register(metrics)
                    .record(delivery.attempt());
        }
        // A forced replay repeats old events: their age says nothing about the service's speed.
        if (outcome.status() == DeliveryStatus.DELIVERED && !delivery.forced()) {
            endToEnd(delivery.group(), delivery.event());
        }
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

    /** An event was processed without a row in the ledger. */
    void processed(String group, DomainEvent event) {
        count(group, event.type().value(), DeliveryStatus.DELIVERED.value());
        endToEnd(group, event);
    }

    private void count(String group, String type, String outcome) {
        metrics.counter("domain.events.handled", "group", group, "type", type, "outcome", outcome)
                .increment();
        history.ended(group, outcome);
    }

    /** Compares the clocks of two machines: an event from the future counts as handled at once. */
    private void endToEnd(String group, DomainEvent event) {
        Duration exact = Duration.between(event.timestamp(), Instant.now());
        Duration age = exact.isNegative() ? Duration.ZERO : exact;
        history.done(group, age);
        Timer.builder("domain.events.end.to.end")
                .tags("group", group, "type", event.type().value())
                .serviceLevelObjectives(END_TO_END)
                .register(metrics)
                .record(age);
    }
}
