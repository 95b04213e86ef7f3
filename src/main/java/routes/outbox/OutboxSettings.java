package routes.outbox;

import java.time.Duration;
import org.hibernate.validator.constraints.Range;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * How the outbox is relayed ({@code outbox.*}).
 *
 * @param interval how often the table is polled; while there is more than a batch, it is polled without a pause
 * @param batchSize rows that are published and deleted at a time
 */
@Validated
@ConfigurationProperties(prefix = "outbox", ignoreUnknownFields = false)
public record OutboxSettings(
        @DurationMin(millis = 10) @DurationMax(hours = 1) @DefaultValue("200ms")
        Duration interval,

        @Range(min = 1, max = 10_000) @DefaultValue("1000") int batchSize) {}
