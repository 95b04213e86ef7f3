package routes.position;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Somebody whose place on a board is another one than before.
 *
 * @param user the person
 * @param before where they stood; null when they are new
 * @param after where they stand; null when they left
 */
record Change(UUID user, @Nullable Place before, @Nullable Place after) {

    /** The way they went. Who comes or leaves moves everybody behind them. */
    Island way() {
        if (before == null || after == null) {
            return new Island(before != null ? before : after != null ? after : Place.END, Place.END);
        }
        return before.compareTo(after) <= 0 ? new Island(before, after) : new Island(after, before);
    }

    /** How many places that is, as far as scores tell. */
    long distance() {
        return before == null || after == null ? 1 : Math.abs(before.score() - after.score());
    }
}
