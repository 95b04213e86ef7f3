package routes.delivery;

import jakarta.validation.constraints.AssertTrue;
import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.DecimalMin;
import jakarta.validation.constraints.NotEmpty;
import java.time.Duration;
import java.util.List;
import org.hibernate.validator.constraints.Range;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * How recorded deliveries are processed ({@code deliveries.*}).
 *
 * @param workerPoolSize workers per consumer group (KAFKA_WORKER_POOL_SIZE)
 * @param queueSize how many recorded deliveries of a group may wait in memory for a worker; more stay due in the ledger
 * @param handOverTimeout how long a batch waits for room in that queue before the rest of it stays due in the ledger; the
 *     consumer waits with it
 * @param dueInterval how often the ledger is polled for due deliveries, and for replays
 * @param retrySchedule the pause after each failed attempt; after one attempt more than it has entries, a delivery has
 *     failed (RETRY_SCHEDULE; the default is the schedule of Standard Webhooks)
 * @param retryJitter the share by which a pause is lengthened or shortened at random, so that deliveries that failed
 *     together are not retried together
 * @param earlyFor for how long after it is recorded an event may precede the rows that it refers to: until then, a missing row
 *     means a retry by the schedule, after that a failure
 * @param maxBacklog how many deliveries of a group may be due in the ledger before it stops consuming until half of them are done
 * @param purgeAfter how long a delivery is kept after its end; longer than the topic keeps records, or a replay would
 *     repeat it. All instances go by the longest of theirs (LEDGER_PURGE_AFTER)
 * @param purgeFailedAfter how long a failed delivery is kept after its end; {@code purgeAfter} if that is longer
 * @param purgeInterval how often older deliveries are deleted
 * @param heartbeatInterval how often an instance sends a heartbeat
 * @param heartbeatTimeout after how long without a heartbeat an instance counts as dead, and its deliveries are due again
 * @param outcomeEvents whether outcomes are published as events on the topic {@code <topic>.outcomes} (OUTCOME_EVENTS)
 */
@Validated
@ConfigurationProperties(prefix = "deliveries", ignoreUnknownFields = false)
public record DeliverySettings(
        @Range(min = 1, max = 500) @DefaultValue("10") int workerPoolSize,

        @Range(min = 1, max = 100_000) @DefaultValue("1000") int queueSize,

        @DurationMin @DurationMax(minutes = 1) @DefaultValue("5s")
        Duration handOverTimeout,

        @DurationMin(millis = 50) @DurationMax(minutes = 1) @DefaultValue("500ms")
        Duration dueInterval,

        @NotEmpty(message = "write durations separated by commas, such as 5s,5m,30m")
        @DefaultValue({"5s", "5m", "30m", "2h", "5h", "10h", "14h", "20h", "24h"})
        List<@DurationMin(millis = 1, message = "write durations longer than 0s, such as 5s,5m,30m") Duration>
                retrySchedule,

        @DecimalMin("0") @DecimalMax("0.9") @DefaultValue("0.2")
        double retryJitter,

        @DurationMin @DurationMax(days = 1) @DefaultValue("10m")
        Duration earlyFor,

        @Range(min = 100, max = 10_000_000) @DefaultValue("10000")
        int maxBacklog,

        @DurationMin(hours = 1) @DurationMax(days = 36_500) @DefaultValue("90d")
        Duration purgeAfter,

        @DurationMin(hours = 1) @DurationMax(days = 36_500) @DefaultValue("365d")
        Duration purgeFailedAfter,

        @DurationMin(seconds = 1) @DurationMax(days = 1) @DefaultValue("10m")
        Duration purgeInterval,

        @DurationMin(millis = 100) @DurationMax(minutes = 1) @DefaultValue("2s")
        Duration heartbeatInterval,

        @DurationMin(seconds = 1) @DurationMax(minutes = 10) @DefaultValue("10s")
        Duration heartbeatTimeout,

        @DefaultValue("false") boolean outcomeEvents) {

    /** An instance must be able to miss a heartbeat or two and still count as alive. */
    @AssertTrue(message = "the heartbeat-timeout is shorter than three heartbeat-intervals; write a longer one")
    public boolean isHeartbeatTimeoutLongEnough() {
        return heartbeatTimeout.compareTo(heartbeatInterval.multipliedBy(3)) >= 0;
    }
}
