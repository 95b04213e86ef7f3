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
 * How recorded deliveries are carried out ({@code deliveries.*}).
 *
 * @param workerPoolSize workers a consumer group (KAFKA_WORKER_POOL_SIZE)
 * @param queueSize recorded deliveries a group may have waiting in memory for a worker; more stay due in the ledger
 * @param handOverTimeout how long a batch waits for room in that queue before the rest of it stays due in the ledger; it
 *     holds the consumer back
 * @param dueInterval how often the ledger is asked for what is due again, and for replays
 * @param retrySchedule the pause after each failed attempt; one attempt more than it has entries, then a delivery has
 *     failed (RETRY_SCHEDULE; the default is the schedule of Standard Webhooks)
 * @param retryJitter the share by which a pause is made longer or shorter at random, so that what failed together does
 *     not come back together
 * @param earlyFor for how long after it was taken in an event may be earlier than the rows of which it speaks: what needs one that is
 *     missing is tried again by the schedule, and fails after that
 * @param maxBacklog how much of a group may be due in the ledger before it takes in nothing more until half of it is done
 * @param purgeAfter how long after its end a delivery is kept; longer than the topic keeps records, or a replay would do
 *     again what was forgotten
 * @param purgeFailedAfter how long after its end a delivery is kept that has failed; {@code purgeAfter} where that is longer
 * @param purgeInterval how often what is older is deleted
 * @param heartbeatInterval how often an instance says that it lives
 * @param heartbeatTimeout after how long without a heartbeat an instance counts as gone, and what it held is due again
 * @param outcomeEvents whether others are told of outcomes, on the topic {@code <topic>.outcomes} (OUTCOME_EVENTS)
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

        @NotEmpty(message = "write durations with commas between, such as 5s,5m,30m")
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
