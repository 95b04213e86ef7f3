package routes.history;

import java.time.Instant;
import java.util.List;
import routes.history.History.Step;

/** Steps for tests. */
public final class StepFixtures {

    private StepFixtures() {}

    /** A step in which so many were delivered, and nothing else is known. */
    public static Step delivered(Instant from, int delivered) {
        List<Integer> outcomes = History.OUTCOMES.stream()
                .map(outcome -> outcome.equals("delivered") ? delivered : 0)
                .toList();
        return new Step(from, outcomes, null, new Ages());
    }
}
