package routes.event;

import java.util.Locale;
import java.util.regex.Pattern;

/** Ids of events. The application's rows have UUIDs; an event may have other ids, for which there are no rows. */
public final class Ids {

    private static final Pattern UUID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

    private Ids() {}

    /** Whether a row may have this id: whether it is a UUID, in lower case as events are read. */
    public static boolean isUuid(String id) {
        return UUID.matcher(id).matches();
    }

    /** An id as events are read: a UUID in lower case, since one in upper case names the same thing. */
    public static String asRead(String id) {
        String lower = id.toLowerCase(Locale.ROOT);
        return lower.equals(id) || isUuid(lower) ? lower : id;
    }
}
