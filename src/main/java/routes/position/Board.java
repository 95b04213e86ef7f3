package routes.position;

import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import routes.position.PositionSettings.Mode;

/**
 * A board and how far its recalculation has come. Page by page, people are compared with their standings, which puts scores right; then
 * the standings are numbered, from the foremost on. In between, other recalculations move people on it: the board is right up to the
 * place that was numbered last, and all of it is where its numbers are {@linkplain #trusted trusted}.
 */
final class Board {

    final UUID campaign;
    final Mode mode;
    final long points;

    /** Who was on the board when it was last numbered; while that is under way, who has been numbered. */
    long people;

    /** Where the comparison goes on; null when all people are compared. */
    @Nullable
    String comparedTo;

    /** The place up to which the board is numbered; null when it is to the end. */
    @Nullable
    RankKey numbered;

    /** Whether the numbers behind that place are right, too, as far as one knows. */
    boolean trusted;

    private final boolean known;
    private boolean again;
    private boolean compared;
    private boolean cut;

    /**
     * A board as it was left.
     *
     * @param known whether it was ranked in this mode with these points
     * @param again whether all people are to be compared once more after the last page
     */
    Board(
            UUID campaign,
            Mode mode,
            long points,
            long people,
            boolean known,
            boolean again,
            @Nullable String comparedTo,
            boolean trusted,
            @Nullable RankKey numbered) {
        this.campaign = campaign;
        this.mode = mode;
        this.points = points;
        this.people = people;
        this.known = known;
        this.again = again;
        this.comparedTo = comparedTo;
        this.trusted = trusted;
        this.numbered = numbered;
    }

    /** What was written before holds for everyone whose score has not changed. */
    boolean isKnown() {
        return known;
    }

    boolean isUnfinished() {
        return comparedTo != null || numbered != null;
    }

    boolean isToBeComparedAgain() {
        return again;
    }

    /** All of it is to be recalculated. Pages that are under way come first, and all people are compared again behind them. */
    void begin() {
        again = known && isUnfinished();
        if (!again) {
            comparedTo = "";
        }
        if (!known) {
            numbered = RankKey.START;
            trusted = false;
        }
    }

    /** All people are compared. */
    void compared() {
        compared = true;
        comparedTo = null;
        people = 0;
        numbered = RankKey.START;
    }

    /** Whether the last of its people have just been compared. */
    boolean isCompared() {
        return compared;
    }

    /** The last place is numbered. */
    void finished() {
        numbered = null;
        trusted = true;
        if (again) {
            begin();
        }
    }

    /** Behind a place, the numbers are not right any more. */
    void cut(RankKey place) {
        numbered = numbered == null || place.compareTo(numbered) < 0 ? place : numbered;
        trusted = false;
        cut = true;
    }

    boolean isCut() {
        return cut;
    }

    /** The last place whose number is right; those behind it get theirs by the pages that are left. */
    RankKey edge() {
        return trusted ? RankKey.END : Objects.requireNonNull(numbered);
    }
}
