package routes.replay;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** How far a replay has come. */
public enum ReplayState {
    /** The range is being read; nothing else happens. */
    PLANNING,
    /** The plan can be reviewed; nothing happens until somebody starts it. */
    PLANNED,
    /** Events are being offered to the group. */
    RUNNING,
    /** All events have been offered. */
    DONE,
    /** Somebody cancelled it. What had been offered is not undone. */
    CANCELLED,
    /** It cannot continue; the error says why. */
    FAILED;

    /** The state as spelled by operators and the database. */
    @JsonValue
    public String value() {
        return name().toLowerCase(Locale.ROOT);
    }
}
