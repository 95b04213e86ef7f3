package schedules;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import org.pastalab.fray.core.ThreadContext;
import org.pastalab.fray.core.randomness.Randomness;
import org.pastalab.fray.core.scheduler.POSScheduler;
import org.pastalab.fray.core.scheduler.Scheduler;

/**
 * Partial order sampling that depends on the seed alone. Fray offers the threads in the order of their ids modulo the size of a table, and
 * ids grow from schedule to schedule; here they come in the order in which they were created.
 */
final class InOrder extends Scheduler {

    private final Scheduler sampling;

    InOrder(Randomness random) {
        super(random);
        this.sampling = new POSScheduler(random);
    }

    @Override
    public ThreadContext scheduleNextOperation(List<ThreadContext> threads, Collection<ThreadContext> all) {
        List<ThreadContext> ordered = new ArrayList<>(threads);
        ordered.sort(Comparator.comparing(ThreadContext::getIndex));
        return sampling.scheduleNextOperation(ordered, all);
    }

    @Override
    public Scheduler nextIteration(Randomness random) {
        return new InOrder(random);
    }
}
