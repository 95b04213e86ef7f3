package faults;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What was found when promises were held against what happened.
 *
 * @param figures by name, in the order of the report
 * @param violations a sentence each, which begins with the invariant that does not hold; none when all do
 */
record Findings(Map<String, Object> figures, List<String> violations) {

    private static final int SHOWN = 10;

    static Findings none() {
        return new Findings(new LinkedHashMap<>(), new ArrayList<>());
    }

    Findings figure(String name, Object value) {
        figures.put(name, value);
        return this;
    }

    /** Adds one violation for all cases, of which it names the first few. */
    Findings violated(String what, List<String> cases) {
        if (!cases.isEmpty()) {
            String more = cases.size() > SHOWN ? ", ..." : "";
            violations.add("%s (%d): %s%s"
                    .formatted(
                            what,
                            cases.size(),
                            String.join(", ", cases.subList(0, Math.min(SHOWN, cases.size()))),
                            more));
        }
        return this;
    }

    /** Adds a violation unless the condition holds. */
    Findings require(boolean condition, String otherwise) {
        if (!condition) {
            violations.add(otherwise);
        }
        return this;
    }

    Findings and(Findings other) {
        figures.putAll(other.figures);
        violations.addAll(other.violations);
        return this;
    }
}
