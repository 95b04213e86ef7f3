package routes.event;

import java.util.List;
import java.util.stream.Collectors;

/** What was read is not an event that this service could act on. The message names every field that is wrong. */
public final class InvalidEventException extends Exception {

    private final transient List<Violation> violations;

    /** Of all that is wrong, at least one thing. */
    public InvalidEventException(List<Violation> violations) {
        super(violations.stream().map(Violation::toString).collect(Collectors.joining("; ")));
        this.violations = List.copyOf(violations);
    }

    /** Whether nothing is wrong but that it is said to happen later than now: then a clock is. */
    public boolean isAhead() {
        return violations.stream().allMatch(violation -> violation.message().equals(Fields.AHEAD));
    }

    /** All that is wrong, in the order of the fields. */
    public List<Violation> violations() {
        return violations;
    }
}
