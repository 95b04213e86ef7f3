package routes.operation;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import routes.background.Masking;
import routes.event.EventJson;

/** Events in rows, as operators see them: plain values, with mail addresses masked. */
public final class MaskedJson {

    private MaskedJson() {}

    /** A column's value. */
    public static Object of(String json) {
        return masked(EventJson.column(json));
    }

    private static Object masked(Object value) {
        if (value instanceof Map<?, ?> object) {
            Map<Object, Object> masked = new LinkedHashMap<>();
            object.forEach((name, field) -> masked.put(masked(name), masked(field)));
            return masked;
        }
        if (value instanceof List<?> array) {
            return array.stream().map(MaskedJson::masked).toList();
        }
        return value instanceof String text ? Masking.maskAddresses(text) : value;
    }
}
