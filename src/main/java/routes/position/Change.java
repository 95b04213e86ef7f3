package routes.position;

import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import routes.position.PositionSettings.Mode;

/**
 * Somebody whose place on a board has changed.
 *
 * @param board the board
 * @param user the person
 * @param before their place before; null if they are new
 * @param after their place now; null if they left
 */
record Change(
        Board board,
        UUID user,
        @Nullable RankKey before,
        @Nullable RankKey after) {

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

    /** Where somebody on the board stands. */
    RankKey place() {
        return Objects.requireNonNull(after);
    }

    /** Their position by formula; by rank 0, until the board is numbered. */
    long position() {
        return board.mode == Mode.FORMULA ? Math.max(1, place().score()) : 0;
    }

    /** Whether the board is numbered there. */
    boolean isNumbered() {
        return place().compareTo(board.edge()) <= 0;
    }
}
