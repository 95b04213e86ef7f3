package routes.event;

import java.util.regex.Pattern;

/** Ids of events. The application's rows have UUIDs; an event may name others, for which there is no row. */
public final class Ids {

    private static final Pattern UUID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

    private Ids() {}

    /** Whether a row may have this id: whether it is a UUID, which events are read with in lower case. */
    public static boolean isUuid(String id) {
        return UUID.matcher(id).matches();
    }
}
