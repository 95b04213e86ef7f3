package routes.event;

/**
 * A violation of the rules for events.
 *
 * @param field where, as a path such as {@code data.email}; empty for the event as a whole
 * @param message what is wrong, phrased to follow the field's name; never the value itself, which may be personal data
 */
public record Violation(String field, String message) {

    @Override
    public String toString() {
        return field.isEmpty() ? message : field + " " + message;
    }
}
