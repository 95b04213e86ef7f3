package routes.operation;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A page of what an operation finds. In JSON the rows have a name of their own, beside {@code next}.
 *
 * @param name what the rows are called in JSON
 * @param next what to write as {@code after} or {@code before} for the next page; null on the last one
 */
public record Page<T>(String name, List<T> rows, @Nullable Object next) {

    /**
     * The rows of a query that was limited to the size of a page.
     *
     * @param cursor what of the last row names the next page
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
