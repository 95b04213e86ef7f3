package routes.position;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.hibernate.validator.constraints.Range;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;
import routes.delivery.DeliveryException;

/**
 * How positions are computed ({@code positions.*}).
 *
 * @param mode how positions are computed if a campaign's {@code referral_config.position_mode} does not say (POSITION_MODE)
 * @param batchSize the maximum number of records to coalesce: each campaign among them is recalculated once
 * @param batchIntervalMs the longest time that a batch waits for more records, in milliseconds
 * @param pageSize the maximum number of people that one statement moves; each page is a transaction
 * @param lookAgainAfter how long after a batch its people are checked again, each time, for changes committed after its events
 * @param changeInterval how often {@code person_change} is polled; while rows are found, it is polled without a pause
 * @param repairInterval how often a board is recalculated as a whole, for changes by the application without an event
 */
@Validated
@ConfigurationProperties(prefix = "positions", ignoreUnknownFields = false)
public record PositionSettings(
        @DefaultValue("formula") Mode mode,

        @Range(min = 1, max = 10_000) @DefaultValue("500") int batchSize,

        @Range(min = 1, max = 60_000) @DefaultValue("200") int batchIntervalMs,

        @Range(min = 10, max = 100_000) @DefaultValue("5000")
        int pageSize,

        @DefaultValue({"10s", "10m"})
        List<@DurationMin(millis = 1, message = "write durations longer than 0s, such as 10s,10m") Duration>
                lookAgainAfter,

        @DurationMin(millis = 10) @DurationMax(hours = 1) @DefaultValue("200ms")
        Duration changeInterval,

        @DurationMin(seconds = 1) @DurationMax(days = 365) @DefaultValue("6h")
        Duration repairInterval) {

    /** How a position follows from the score: original position minus verified referrals times points. */
    public enum Mode {
        /** The score itself, but at least 1. Two people may share a position. */
        FORMULA,
        /** The rank in the order of score, sign-up and id: 1 to n without gaps. */
        RANK;

        /** The mode as spelled in settings, the ledger and names of SQL files. */
        public String value() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * The mode of a campaign.
     *
     * @param named the mode in its referral_config; null if not set
     * @throws DeliveryException.Permanent when that is not a mode
     */
    Mode modeOf(@Nullable String named) {
        if (named == null) {
            return mode;
        }
        for (Mode known : Mode.values()) {
            if (known.value().equals(named)) {
                return known;
            }
        }
        throw new DeliveryException.Permanent(
                "the campaign's referral_config.position_mode must be formula or rank, but is " + named);
    }
}
