package routes.delivery;

import org.jspecify.annotations.Nullable;

/**
 * From when on due deliveries are searched, as PostgreSQL writes timestamps.
 *
 * @param single for single deliveries
 * @param fanOut for those of an announcement
 */
public record DueMarks(String single, String fanOut) {

    /** Before everything. */
    public static final DueMarks BEGINNING = new DueMarks("-infinity", "-infinity");

    /** From when on to search once a delivery was taken that was due then; the same as before if it had no due time. */
    DueMarks after(boolean isSingle, @Nullable String dueAt) {
        if (dueAt == null) {
            return this;
        }
        return isSingle ? new DueMarks(dueAt, fanOut) : new DueMarks(single, dueAt);
    }
}
