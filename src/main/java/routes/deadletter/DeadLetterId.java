package routes.deadletter;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import routes.operation.Arguments;

/**
 * The location of a dead letter: {@code <partition>-<offset>} in the dead-letter topic of its group, or {@code db-<id>} in the table.
 *
 * @param shelf the partition, or {@link #TABLE}
 * @param place the offset, or the row's id
 */
public record DeadLetterId(int shelf, long place) {

    /** The shelf of dead letters that no topic accepted. */
    public static final int TABLE = -1;

    private static final Pattern FORM = Pattern.compile("(db|[0-9]{1,9})-([0-9]{1,18})");

    /** Reads an id from an operator's argument. */
    public static DeadLetterId of(String field, String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw Arguments.wrong(field, "is not an id of a dead letter, such as 0-17 or db-5");
        }
        int shelf = matcher.group(1).equals("db") ? TABLE : Integer.parseInt(matcher.group(1));
        return new DeadLetterId(shelf, Long.parseLong(matcher.group(2)));
    }

    /** Reads ids separated by commas; none if empty. */
    public static List<DeadLetterId> all(String field, @Nullable String text) {
        return text == null
                ? List.of()
                : Arrays.stream(text.split(",", -1)).map(id -> of(field, id)).toList();
    }

    /** Whether it is in the table. */
    public boolean isOfTable() {
        return shelf == TABLE;
    }

    @Override
    public String toString() {
        return (isOfTable() ? "db" : shelf) + "-" + place;
    }
}
