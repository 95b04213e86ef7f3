package routes.position;

import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import routes.position.PositionSettings.Mode;

/**
 * Somebody whose place on a board is another one than before.
 *
 * @param board the board
 * @param user the person
 * @param before where they stood; null when they are new
 * @param after where they stand; null when they left
 */
record Change(
        Board board,
        UUID user,
        @Nullable RankKey before,
        @Nullable RankKey after) {

    /** The way they went. Who comes or leaves moves everybody behind them. */
    RankRange way() {
        if (before == null || after == null) {
            return new RankRange(before != null ? before : after != null ? after : RankKey.END, RankKey.END);
        }
        return before.compareTo(after) <= 0 ? new RankRange(before, after) : new RankRange(after, before);
    }

    /** How many places that is, as far as scores tell. */
    long distance() {
        return before == null || after == null ? 1 : Math.abs(before.score() - after.score());
    }

    /** Where they stand, who are on the board. */
    RankKey place() {
        return Objects.requireNonNull(after);
    }

    /** Their position by the formula; by rank 0, which is the one that they have until the board is numbered. */
    long position() {
        return board.mode == Mode.FORMULA ? Math.max(1, place().score()) : 0;
    }

    /** Whether the board is numbered there. */
    boolean isNumbered() {
        return place().compareTo(board.edge()) <= 0;
    }
}
