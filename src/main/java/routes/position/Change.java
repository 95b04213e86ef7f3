package routes.position;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Somebody whose place on a board has changed.
 *
 * @param user the person
 * @param before their place before; null if they are new
 * @param after their place now; null if they left
 */
record Change(UUID user, @Nullable RankKey before, @Nullable RankKey after) {

    /** The range that they moved across. Whoever joins or leaves moves everybody behind them. */
    RankRange way() {
        if (before == null || after == null) {
            return new RankRange(before != null ? before : after != null ? after : RankKey.END, RankKey.END);
        }
        return before.compareTo(after) <= 0 ? new RankRange(before, after) : new RankRange(after, before);
    }

    /** How many places that is, judged by the scores. */
    long distance() {
        return before == null || after == null ? 1 : Math.abs(before.score() - after.score());
    }
}
