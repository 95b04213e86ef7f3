package routes.reward;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.convert.DurationStyle;
import routes.delivery.DeliveryException;

/**
 * How long an earned reward waits before it is delivered: as its reward says ({@code delivery_config.hold}), else its campaign
 * ({@code referral_config.reward_hold}), else not at all; an operator can decide otherwise. It counts from the times in the tables and the event,
 * so that no retry, replay or restart changes its end.
 */
final class Hold {

    private static final Duration LONGEST = Duration.ofDays(90);

    /** How often a reward that an operator holds is checked; a release makes it due at once. */
    private static final Duration LOOK_AGAIN = Duration.ofHours(1);

    /** The same, if only this machine's clock says that it has not ended: another instance's may know better. */
    private static final Duration CLOCKS_DISAGREE = Duration.ofMinutes(1);

    private Hold() {}

    /**
     * Refuses a reward whose hold has not ended, by the database's clock or this machine's: one that is ahead pays nothing early.
     *
     * @param row of {@code reward/find}
     * @param happened when it was earned according to the event; the creation of its row, if that is later
     * @throws DeliveryException.Held until its hold has ended
     * @throws DeliveryException.Permanent when the configured hold is invalid
     */
    static void requireOver(ResultSet row, Instant happened) throws SQLException {
        Boolean released = row.getObject("released", Boolean.class);
        if (released != null) {
            if (!released) {
                throw new DeliveryException.Held(untilReleased(row.getString("held_because")), LOOK_AGAIN);
            }
            return;
        }
        Duration hold = configured(row.getString("hold"), row.getString("campaign_hold"));
        if (hold.isZero()) {
            return;
        }
        Instant created = moment(row, "created_at");
        Instant end = (happened.isBefore(created) ? created : happened).plus(hold);
        Instant database = moment(row, "now"); // by which what is due is taken
        if (end.isAfter(database) || end.isAfter(Instant.now())) {
            throw new DeliveryException.Held(
                    "held until " + end.truncatedTo(ChronoUnit.SECONDS),
                    end.isAfter(database) ? Duration.between(database, end) : CLOCKS_DISAGREE);
        }
    }

    /** The reason of a delivery that an operator holds. */
    static String untilReleased(String because) {
        return "held until it is released, " + because;
    }

    /** The reward's own comes first. */
    static Duration configured(@Nullable String ofReward, @Nullable String ofCampaign) {
        if (ofReward != null) {
            return read("the reward's delivery_config.hold", ofReward);
        }
        return ofCampaign == null ? Duration.ZERO : read("the campaign's referral_config.reward_hold", ofCampaign);
    }

    private static Duration read(String where, String text) {
        try {
            Duration hold = DurationStyle.detectAndParse(text);
            boolean hasUnit =
                    Character.isLetter(text.charAt(text.length() - 1)); // without one it would be milliseconds
            if (hold.isNegative() || hold.compareTo(LONGEST) > 0 || (!hasUnit && !hold.isZero())) {
                throw new IllegalArgumentException("out of bounds");
            }
            return hold;
        } catch (IllegalArgumentException e) {
            String reason = "%s is \"%.40s\": it must be a duration from 0 to 90 days, such as 36h, 7d or P7D"
                    .formatted(where, text);
            throw new DeliveryException.Permanent(reason, null, e).toOthers(reason);
        }
    }

    private static Instant moment(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }
}
