package routes.deadletter;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a dead letter lies: {@code <partition>-<offset>} in the dead-letter topic of its group, or {@code db-<id>} in the table.
 *
 * @param shelf the partition, or {@link #TABLE}
 * @param place the offset, or the row's id
 */
public record LetterId(int shelf, long place) {

    /** The shelf of what no topic took. */
    public static final int TABLE = -1;

    private static final Pattern FORM = Pattern.compile("(db|[0-9]{1,9})-([0-9]{1,18})");

    /** Reads an id; empty when the text is not one. */
    public static Optional<LetterId> of(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        int shelf = matcher.group(1).equals("db") ? TABLE : Integer.parseInt(matcher.group(1));
        return Optional.of(new LetterId(shelf, Long.parseLong(matcher.group(2))));
    }

    /** Whether it lies in the table. */
    public boolean isOfTable() {
        return shelf == TABLE;
    }

    @Override
    public String toString() {
        return (isOfTable() ? "db" : shelf) + "-" + place;
    }
}
