package routes.replay;

import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.core.type.TypeReference;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import routes.event.EventJson;

/** Counts of records: per event type, by what would happen or has happened; under {@code others}, records that are not offered. */
public final class Counts {

    private final Map<String, Map<String, Long>> counts;

    private Counts(Map<String, Map<String, Long>> counts) {
        this.counts = counts;
    }

    static Counts of(String json) {
        return new Counts(EventJson.column(json, new TypeReference<TreeMap<String, Map<String, Long>>>() {}));
    }

    String json() {
        return EventJson.mapper().valueToTree(counts).toString();
    }

    /** Counts under an event type, or another word without a dot. */
    void add(String subject, String what, long count) {
        if (count > 0) {
            counts.computeIfAbsent(subject, s -> new TreeMap<>()).merge(what, count, Long::sum);
        }
    }

    /** The total of these counts. */
    long sum(Collection<String> whats) {
        return counts.values().stream()
                .flatMap(what -> what.entrySet().stream())
                .filter(what -> whats.contains(what.getKey()))
                .mapToLong(Map.Entry::getValue)
                .sum();
    }

    /** The counts, for operators. */
    @JsonValue
    public Map<String, Map<String, Long>> all() {
        return counts;
    }
}
