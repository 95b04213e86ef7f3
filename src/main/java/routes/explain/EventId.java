package routes.explain;

import java.util.Optional;
import java.util.regex.Pattern;
import routes.event.Ids;

/** The id of an event, as typed by a person. */
public final class EventId {

    private static final Pattern ID = Pattern.compile("[A-Za-z0-9._:-]{1,128}");

    private EventId() {}

    /** The id as events are read. Empty if no event can have it. */
    public static Optional<String> of(String text) {
        return ID.matcher(text).matches() ? Optional.of(Ids.asRead(text)) : Optional.empty();
    }
}
