package routes.console;

import java.util.List;
import java.util.Map;

/** How many had which result. */
record Count(String what, long count) {

    static List<Count> all(Map<String, Long> counts) {
        return counts.entrySet().stream()
                .map(count -> new Count(count.getKey(), count.getValue()))
                .toList();
    }
}
