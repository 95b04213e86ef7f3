package routes.delivery;

import com.zaxxer.hikari.SQLExceptionOverride;
import java.sql.SQLException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a database error is about, by its SQLSTATE (PostgreSQL, appendix A): Spring has the same class for a value that is too large and
 * for a server that is down. As Hikari's override, it evicts sessions from the pool that can no longer do their work.
 */
public final class DatabaseErrors implements SQLExceptionOverride {

    /**
     * The classes about a row's content: data exception, integrity constraint, check option, program limit exceeded (a value too large for
     * an index), and errors that a trigger raises.
     */
    private static final Set<String> OF_THE_DATA = Set.of("22", "23", "44", "54", "P0");

    /** The classes about the connection, and about a server that is out of resources: another session may reach a server that has some. */
    private static final Set<String> OF_THE_CONNECTION = Set.of("08", "53");

    /**
     * A session that can only read, as on a server that has become a standby; one that the server ends (57P01 to 57P03, 57P05); and one
     * with the prepared statements of another session (26000, 42P05).
     */
    private static final Set<String> OF_THE_SESSION =
            Set.of("25006", "57P01", "57P02", "57P03", "57P05", "26000", "42P05");

    /** Whether the database refuses the data itself, so that retrying would not help. */
    public static boolean isOfTheData(Throwable failure) {
        String state = state(failure);
        return state != null && OF_THE_DATA.contains(state.substring(0, 2));
    }

    /** Whether a session is no longer usable. */
    static boolean isOfTheSession(Throwable failure) {
        String state = state(failure);
        return state != null && (OF_THE_CONNECTION.contains(state.substring(0, 2)) || OF_THE_SESSION.contains(state));
    }

    /**
     * Whether the database would have refused any such work: it has no session or resources left, or the role lacks a privilege (42501,
     * which an operator can grant again).
     */
    static boolean isOfTheServer(Throwable failure) {
        return isOfTheSession(failure) || "42501".equals(state(failure));
    }

    /** Whether waiting for a lock timed out (55P03), or would not have ended, since the other waited as well (40P01, a deadlock). */
    public static boolean isOfALock(Throwable failure) {
        String state = state(failure);
        return "55P03".equals(state) || "40P01".equals(state);
    }

    /** The SQLSTATE of the first cause that has one; null if none has. */
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

    /** The pool calls it for each error of a session. */
    @java.lang.Override
    public SQLExceptionOverride.Override adjudicate(SQLException failure) {
        return isOfTheSession(failure)
                ? SQLExceptionOverride.Override.MUST_EVICT
                : SQLExceptionOverride.Override.CONTINUE_EVICT;
    }
}
