package routes.delivery;

import com.zaxxer.hikari.SQLExceptionOverride;
import java.sql.SQLException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an error of the database is about, by its SQLSTATE (PostgreSQL, appendix A): Spring has one class for a value that is too large and
 * for a server that is away. As Hikari's override, it takes sessions out of the pool that can no longer do their work.
 */
public final class DatabaseErrors implements SQLExceptionOverride {

    /**
     * The classes that speak of a row's content: data exception, integrity constraint, check option, program limit exceeded (a value too
     * large for an index), and what a trigger raises.
     */
    private static final Set<String> OF_THE_DATA = Set.of("22", "23", "44", "54", "P0");

    /** The classes that speak of the connection, and of a server without room: another session may be on a server that has some. */
    private static final Set<String> OF_THE_CONNECTION = Set.of("08", "53");

    /**
     * A session that can only read, as on a server that has become a standby; one that the server ends (57P01 to 57P03, 57P05), and one
     * whose prepared statements are another's (26000, 42P05).
     */
    private static final Set<String> OF_THE_SESSION =
            Set.of("25006", "57P01", "57P02", "57P03", "57P05", "26000", "42P05");

    /** Whether the database refuses something that it was given, so that trying again would not help. */
    public static boolean isOfTheData(Throwable failure) {
        String state = state(failure);
        return state != null && OF_THE_DATA.contains(state.substring(0, 2));
    }

    /** Whether a session is of no more use. */
    static boolean isOfTheSession(Throwable failure) {
        String state = state(failure);
        return state != null && (OF_THE_CONNECTION.contains(state.substring(0, 2)) || OF_THE_SESSION.contains(state));
    }

    /**
     * Whether the database would have refused any work of the kind: there is no session, no room, or the role lacks a right (42501, which an
     * operator can give back).
     */
    static boolean isOfTheServer(Throwable failure) {
        return isOfTheSession(failure) || "42501".equals(state(failure));
    }

    /** Whether somebody held a lock for longer than it was to be waited for (55P03). */
    public static boolean isOfALock(Throwable failure) {
        return "55P03".equals(state(failure));
    }

    /** That of the first cause that has one; null where there is none. */
    private static @Nullable String state(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql
                    && sql.getSQLState() != null
                    && sql.getSQLState().length() == 5) {
                return sql.getSQLState();
            }
        }
        return null;
    }

    /** Asked by the pool for each error of a session. */
    @java.lang.Override
    public SQLExceptionOverride.Override adjudicate(SQLException failure) {
        return isOfTheSession(failure)
                ? SQLExceptionOverride.Override.MUST_EVICT
                : SQLExceptionOverride.Override.CONTINUE_EVICT;
    }
}
