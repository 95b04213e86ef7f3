package routes.delivery;

import java.time.OffsetDateTime;

/**
 * From when on due deliveries are searched, by the database's clock.
 *
 * @param single for single deliveries
 * @param fanOut for those of an announcement
 */
public record DueMarks(OffsetDateTime single, OffsetDateTime fanOut) {

    /** Before every time: PostgreSQL's {@code -infinity}. */
    private static final OffsetDateTime EVER = OffsetDateTime.MIN;

    /** After every time: PostgreSQL's {@code infinity}. */
    private static final OffsetDateTime NEVER = OffsetDateTime.MAX;

    /** From the beginning. */
    public static final DueMarks BEGINNING = new DueMarks(EVER, EVER);

    /** Without a search from the beginning: a kind of which nothing was taken yet is left out. */
    DueMarks withoutBeginning() {
        return new DueMarks(single.equals(EVER) ? NEVER : single, fanOut.equals(EVER) ? NEVER : fanOut);
    }

    /**
     * The marks after a search, which stay where nothing was taken.
     *
     * @param last when the last ones taken were due; {@link #BEGINNING} of a kind of which there were none
     * @param full whether there may be more behind them: if not, stragglers do not set the marks back
     */
    DueMarks after(DueMarks last, boolean full) {
        return new DueMarks(after(single, last.single, full), after(fanOut, last.fanOut, full));
    }

    private static OffsetDateTime after(OffsetDateTime mark, OffsetDateTime last, boolean full) {
        return last.equals(EVER) || (!full && last.isBefore(mark)) ? mark : last;
    }
}
