package routes.position;

import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import routes.position.PositionSettings.Mode;

/**
 * A board and the progress of its recalculation. Page by page, people are compared with their standings, which corrects
 * scores; then the standings are numbered, from the top. Meanwhile other recalculations move people on it: the board is
 * correct up to the last numbered place, and completely if its numbers are {@linkplain #trusted trusted}.
 */
final class Board {

    final UUID campaign;
    final Mode mode;
    final long points;

    /** How many people were on the board when it was last numbered; during numbering, how many have been numbered. */
    long people;

    /** Where the comparison continues; null when all people are compared. */
    @Nullable
    String comparedTo;

    /** The place up to which the board is numbered; null when it is to the end. */
    @Nullable
    RankKey numbered;

    /** Whether the numbers after that place are presumably correct, too. */
    boolean trusted;

    private final boolean known;
    private boolean again;
    private boolean compared;
    private boolean cut;

    /**
     * A board as it was left.
     *
     * @param known whether it was ranked in this mode with these points
     * @param again whether all people must be compared again after the last page
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

    /** What was written before is valid for everyone whose score has not changed. */
    boolean isKnown() {
        return known;
    }

    boolean isUnfinished() {
        return comparedTo != null || numbered != null;
    }

    boolean isToBeComparedAgain() {
        return again;
    }

    /** Starts a recalculation of the whole board. Pages in progress come first, then all people are compared again. */
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

    /** Whether all of its people have just been compared. */
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

    /** The numbers after a place are no longer correct. */
    void cut(RankKey place) {
        numbered = numbered == null || place.compareTo(numbered) < 0 ? place : numbered;
        trusted = false;
        cut = true;
    }

    boolean isCut() {
        return cut;
    }

    /** The last place with a correct number; the remaining pages number those after it. */
    RankKey edge() {
        return trusted ? RankKey.END : Objects.requireNonNull(numbered);
    }
}
