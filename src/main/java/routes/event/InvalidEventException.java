package routes.event;

import java.util.List;
import java.util.stream.Collectors;

/** Not a valid event. The message names every invalid field. */
public final class InvalidEventException extends Exception {

    private final transient List<Violation> violations;

    /** An exception with at least one violation. */
    public InvalidEventException(List<Violation> violations) {
        super(violations.stream().map(Violation::toString).collect(Collectors.joining("; ")));
        this.violations = List.copyOf(violations);
    }

    /** Whether its only violation is a time in the future: then a clock is wrong. */
    public boolean isAhead() {
        return violations.stream().allMatch(violation -> violation.message().equals(EventRules.AHEAD));
    }

    /** All violations, in the order of the fields. */
    public List<Violation> violations() {
        return violations;
    }
}
