package routes.event;

/**
 * One thing that is wrong with an event.
 *
 * @param field where, as a path such as {@code data.email}; empty for the event as a whole
 * @param message what is wrong, to be read after the field's name; never the value itself, which may be personal
 */
public record Violation(String field, String message) {

    @Override
    public String toString() {
        return field.isEmpty() ? message : field + " " + message;
    }
}
