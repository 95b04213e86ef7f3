package routes.explain;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import routes.event.Ids;

/** The id of an event, as somebody writes it who asks for it. */
final class EventId {

    private static final Pattern ID = Pattern.compile("[A-Za-z0-9._:-]{1,128}");

    private EventId() {}

    /** As events are read: a UUID in lower case. Empty for what no event can have. */
    static Optional<String> of(String text) {
        if (!ID.matcher(text).matches()) {
            return Optional.empty();
        }
        String lower = text.toLowerCase(Locale.ROOT);
        return Optional.of(Ids.isUuid(lower) ? lower : text);
    }
}
