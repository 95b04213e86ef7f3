package routes.replay;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** How far a replay has come. */
public enum ReplayState {
    /** The range is being read, and nothing is done. */
    PLANNING,
    /** The plan can be looked at; nothing happens until somebody starts it. */
    PLANNED,
    /** Events are being offered to the group. */
    RUNNING,
    /** All have been offered. */
    DONE,
    /** Somebody ended it. What had been offered stays so. */
    CANCELLED,
    /** It cannot go on; the error says why. */
    FAILED;

    /** The state as operators and the database spell it. */
    @JsonValue
    public String value() {
        return name().toLowerCase(Locale.ROOT);
    }
}
