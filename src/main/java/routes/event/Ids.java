package routes.event;

import java.util.regex.Pattern;

/** Ids of events. The application's rows have UUIDs; an event may have other ids, for which there are no rows. */
public final class Ids {

    private static final Pattern UUID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

    private Ids() {}

    /** Whether a row may have this id: whether it is a UUID, in lower case as events are read. */
    public static boolean isUuid(String id) {
        return UUID.matcher(id).matches();
    }
}
