package routes.replay;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import routes.delivery.ConsumerGroup;

/** What a replay does with an event of its range. */
public enum ReplayPolicy {
    /** Only events without a row in the ledger are processed. */
    MISSING,
    /** Each campaign is recalculated, once; nothing is sent. */
    POSITIONS,
    /** Effects happen again, even those that have happened before. */
    FORCE;

    /** The policy as spelled by operators and the ledger. */
    @JsonValue
    public String value() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether it applies to this group. A group without rows recalculates; others do not. */
    public boolean suits(ConsumerGroup group) {
        return (this == POSITIONS) != group.keepsRows();
    }
}
