package routes.outbox;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * How the outbox is relayed ({@code outbox.*}).
 *
 * @param interval how often the table is asked; while there is more than a batch, it is asked without a pause
 * @param batchSize rows that are published and deleted at a time
 */
@Validated
@ConfigurationProperties(prefix = "outbox", ignoreUnknownFields = false)
public record OutboxSettings(
        @DurationMin(millis = 10, message = "write a duration from 10ms to 1h")
        @DurationMax(hours = 1, message = "write a duration from 10ms to 1h")
        @DefaultValue("200ms")
        Duration interval,

        @Min(value = 1, message = "write a whole number from 1 to 10000")
        @Max(value = 10_000, message = "write a whole number from 1 to 10000")
        @DefaultValue("1000")
        int batchSize) {}
