package routes.delivery;

import jakarta.validation.constraints.AssertTrue;
import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.DecimalMin;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotEmpty;
import java.time.Duration;
import java.util.List;
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
 */
@Validated
@ConfigurationProperties(prefix = "deliveries", ignoreUnknownFields = false)
public record DeliverySettings(
        @Min(value = 1, message = "write a whole number from 1 to 500")
        @Max(value = 500, message = "write a whole number from 1 to 500")
        @DefaultValue("10")
        int workerPoolSize,

        @Min(value = 1, message = "write a whole number from 1 to 100000")
        @Max(value = 100_000, message = "write a whole number from 1 to 100000")
        @DefaultValue("1000")
        int queueSize,

        @DurationMin(millis = 0, message = "write a duration from 0s to 1m")
        @DurationMax(minutes = 1, message = "write a duration from 0s to 1m")
        @DefaultValue("5s")
        Duration handOverTimeout,

        @DurationMin(millis = 50, message = "write a duration from 50ms to 1m")
        @DurationMax(minutes = 1, message = "write a duration from 50ms to 1m")
        @DefaultValue("500ms")
        Duration dueInterval,

        @NotEmpty(message = "write durations with commas between, such as 5s,5m,30m")
        @DefaultValue({"5s", "5m", "30m", "2h", "5h", "10h", "14h", "20h", "24h"})
        List<@DurationMin(millis = 1, message = "write durations longer than 0s, such as 5s,5m,30m") Duration>
                retrySchedule,

        @DecimalMin(value = "0", message = "write a number from 0 to 0.9")
        @DecimalMax(value = "0.9", message = "write a number from 0 to 0.9")
        @DefaultValue("0.2")
        double retryJitter,

        @DurationMin(millis = 0, message = "write a duration from 0s to 1d")
        @DurationMax(days = 1, message = "write a duration from 0s to 1d")
        @DefaultValue("10m")
        Duration earlyFor,

        @Min(value = 100, message = "write a whole number from 100 to 10000000")
        @Max(value = 10_000_000, message = "write a whole number from 100 to 10000000")
        @DefaultValue("10000")
        int maxBacklog,

        @DurationMin(hours = 1, message = "write a duration from 1h to 36500d, longer than the topic keeps its records")
        @DurationMax(
                days = 36_500,
                message = "write a duration from 1h to 36500d, longer than the topic keeps its records")
        @DefaultValue("90d")
        Duration purgeAfter,

        @DurationMin(hours = 1, message = "write a duration from 1h to 36500d")
        @DurationMax(days = 36_500, message = "write a duration from 1h to 36500d")
        @DefaultValue("365d")
        Duration purgeFailedAfter,

        @DurationMin(seconds = 1, message = "write a duration from 1s to 1d")
        @DurationMax(days = 1, message = "write a duration from 1s to 1d")
        @DefaultValue("10m")
        Duration purgeInterval,

        @DurationMin(millis = 100, message = "write a duration from 100ms to 1m")
        @DurationMax(minutes = 1, message = "write a duration from 100ms to 1m")
        @DefaultValue("2s")
        Duration heartbeatInterval,

        @DurationMin(seconds = 1, message = "write a duration from 1s to 10m, several times the heartbeat interval")
        @DurationMax(minutes = 10, message = "write a duration from 1s to 10m, several times the heartbeat interval")
        @DefaultValue("10s")
        Duration heartbeatTimeout) {

    /** An instance must be able to miss a heartbeat or two and still count as alive. */
    @AssertTrue(message = "the heartbeat-timeout is shorter than three heartbeat-intervals; write a longer one")
    public boolean isHeartbeatTimeoutLongEnough() {
        return heartbeatTimeout.compareTo(heartbeatInterval.multipliedBy(3)) >= 0;
    }
}
