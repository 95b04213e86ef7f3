package routes.reward;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import routes.Pipeline;
import routes.event.DomainEvent;
import routes.event.EventPublisher;

/**
 * Races of voids against the delivery of rewards, in rounds. Who wins depends on the machine: if it was one side alone, the other gets
 * more time in the next round, until both have won some.
 */
final class Races {

    private static final int ROUND = 40;

    /** More rounds than asked for, if one side wins all. */
    private static final int MORE = 20;

    private final Pipeline pipeline;
    private final EventPublisher publisher;
    private final Random random = new Random(21);
    private long time = 1_000;

    Races(Pipeline pipeline, EventPublisher publisher) {
        this.pipeline = pipeline;
        this.publisher = publisher;
    }

    /**
     * Publishes rewards and voids them while they are delivered.
     *
     * @param atLeast how many
     * @param reward makes a reward, and the event that it was earned
     * @param isPaid whether it was delivered although it was to be voided
     * @return the events, when all has come to its end
     */
    List<DomainEvent> run(
            int atLeast,
            Supplier<DomainEvent> reward,
            Function<DomainEvent, Callable<?>> voiding,
            Predicate<DomainEvent> isPaid)
            throws Exception {
        List<DomainEvent> all = new ArrayList<>();
        long paid = 0;
        ScheduledExecutorService operators = Executors.newScheduledThreadPool(4);
        while (all.size() < atLeast || ((paid == 0 || paid == all.size()) && all.size() < atLeast + MORE * ROUND)) {
            List<DomainEvent> round = Stream.generate(reward).limit(ROUND).toList();
            List<Future<?>> voids = new ArrayList<>();
            voids.add(operators.submit(() -> publisher.publish(round)));
            for (DomainEvent each : round) {
                voids.add(operators.schedule(voiding.apply(each), random.nextLong(time), TimeUnit.MILLISECONDS));
            }
            for (Future<?> each : voids) {
                each.get();
            }
            pipeline.awaitDrained();
            long paidNow = round.stream().filter(isPaid).count();
            time = paidNow == 0 ? 2 * time : paidNow == ROUND ? time / 2 + 1 : time;
            paid += paidNow;
            all.addAll(round);
        }
        operators.shutdown();
        return all;
    }
}
