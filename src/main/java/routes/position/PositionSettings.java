package routes.position;

import java.util.Locale;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How positions are computed ({@code positions.*}).
 *
 * @param mode what a position is (POSITION_MODE)
 */
@ConfigurationProperties(prefix = "positions", ignoreUnknownFields = false)
public record PositionSettings(@DefaultValue("formula") Mode mode) {

    /** What a position is, given the score: original position less verified referrals times points. */
    public enum Mode {
        /** The score itself, at least 1. Two people may share a position. */
        FORMULA,
        /** The place in the order of score, sign-up and id: 1 to n without gaps. */
        RANK;

        /** The mode as settings and the names of SQL files spell it. */
        public String value() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
