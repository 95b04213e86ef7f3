package routes.operation;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A page of an operation's results. In JSON the rows have their own name, next to {@code next}.
 *
 * @param name the name of the rows in JSON
 * @param next the {@code after} or {@code before} of the next page; null on the last one
 */
public record Page<T>(String name, List<T> rows, @Nullable Object next) {

    /**
     * A page with the rows of a query that was limited to the page's size.
     *
     * @param cursor the cursor of the next page, from the last row
     */
    public static <T> Page<T> of(String name, List<T> rows, int size, Function<T, ?> cursor) {
        return new Page<>(name, rows, rows.size() < size ? null : cursor.apply(rows.get(size - 1)));
    }

    @JsonValue
    Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put(name, rows);
        if (next != null) {
            json.put("next", next);
        }
        return json;
    }
}
