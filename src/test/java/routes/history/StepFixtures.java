package routes.history;

import java.time.Instant;
import routes.history.History.Step;

/** Steps for tests. */
public final class StepFixtures {

    private StepFixtures() {}

    /** A step in which so many were delivered, and nothing else is known. */
    public static Step delivered(Instant from, int delivered) {
        int[] outcomes = new int[History.OUTCOMES.size()];
        outcomes[History.OUTCOMES.indexOf("delivered")] = delivered;
        return new Step(from, outcomes, null, new Ages());
    }
}
