package routes.consumer;

import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * What operators see ({@code observation.*}).
 *
 * @param interval how often the groups' lag and the ledger's totals are read. A group is judged by its last
 *     {@value LagWindow#SIZE} readings.
 */
@Validated
@ConfigurationProperties(prefix = "observation", ignoreUnknownFields = false)
record ObservationSettings(
        @DurationMin(millis = 100) @DurationMax(minutes = 5) @DefaultValue("15s")
        Duration interval) {}
