package routes.replay;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import routes.delivery.ConsumerGroup;

/** What a replay does with an event of its range. */
public enum ReplayPolicy {
    /** Only what has no row in the ledger is carried out. */
    MISSING,
    /** Each campaign is recalculated, once; nothing is sent. */
    POSITIONS,
    /** Effects come about again, also those that came about before. */
    FORCE;

    /** The policy as operators and the ledger spell it. */
    @JsonValue
    public String value() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether it is one for this group. What a group without rows did is a recalculation, and what others did is not. */
    public boolean suits(ConsumerGroup group) {
        return (this == POSITIONS) != group.keepsRows();
    }
}
