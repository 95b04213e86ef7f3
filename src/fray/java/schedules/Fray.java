package schedules;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Random;
import kotlin.Unit;
import org.pastalab.fray.core.TestRunner;
import org.pastalab.fray.core.ThreadContext;
import org.pastalab.fray.core.command.Configuration;
import org.pastalab.fray.core.command.ExecutionInfo;
import org.pastalab.fray.core.command.LambdaExecutor;
import org.pastalab.fray.core.command.NetworkDelegateType;
import org.pastalab.fray.core.command.SystemTimeDelegateType;
import org.pastalab.fray.core.observers.TimelineCoverageType;
import org.pastalab.fray.core.randomness.ControlledRandom;
import org.pastalab.fray.rmi.ScheduleObserver;

/** A run under Fray, which samples partial orders of the steps that race (POS). */
public final class Fray implements Control {

    /** How far each step moves the clock. */
    private static final long STEP_NANOS = 100_000;

    private static final int TWICE = 20;
    private static final int SECONDS_AT_MOST = 3_600;

    private String name = "";
    private Runnable scenario = () -> {};
    private long seed;
    private long nextSeed;
    private boolean isUnderWay;
    private long steps;
    private long digest;

    /** Runs the first schedules twice, since loading a class takes steps, too. */
    @Override
    public long run(String name, Runnable scenario, long seed, int count) {
        this.name = name;
        this.scenario = scenario;
        this.seed = seed;
        run(Math.min(TWICE, count));
        return run(count);
    }

    private long run(int count) {
        nextSeed = seed;
        steps = 0;
        digest = 1;
        Configuration configuration = configuration(count);
        configuration.getScheduleObservers().add(new Steps());
        long began = System.nanoTime();
        Throwable failure = new TestRunner(configuration).run();
        int ran = configuration.getCurrentIteration();
        if (failure != null) {
            throw new AssertionError(
                    "%s: schedule %d failed, steps %d; repeat it with -Dschedules.seed=%d -Dschedules.count=1: %s"
                            .formatted(name, ran + 1, steps, seed + ran, failure),
                    failure);
        }
        System.out.printf(
                "%nSCHEDULES %s: %d from seed %d held, of %d kinds, %d steps each, %d s, digest %016x%n",
                name,
                ran,
                seed,
                configuration.getTimelineCoverage().getCoverage(),
                steps / Math.max(1, ran),
                (System.nanoTime() - began) / 1_000_000_000,
                digest);
        if (ran < count) {
            throw new AssertionError("%s: only %d of %d schedules ran".formatted(name, ran, count));
        }
        return digest;
    }

    private Configuration configuration(int count) {
        return new Configuration(
                new ExecutionInfo(
                        new LambdaExecutor(() -> {
                            isUnderWay = true;
                            scenario.run();
                            isUnderWay = false;
                            return Unit.INSTANCE;
                        }),
                        false,
                        false,
                        -1),
                Path.of("target", "fray", "report", name.replace('#', '-')),
                count,
                SECONDS_AT_MOST,
                new InOrder(random()),
                this::random,
                false,
                false,
                true,
                false,
                false,
                false,
                NetworkDelegateType.NONE,
                SystemTimeDelegateType.MOCK,
                STEP_NANOS,
                false,
                false,
                false,
                false,
                false,
                false,
                TimelineCoverageType.RESOURCE_ORDERING);
    }

    private ControlledRandom random() {
        return new ControlledRandom(new ArrayList<>(), new ArrayList<>(), new Random(nextSeed++));
    }

    private final class Steps implements ScheduleObserver<ThreadContext> {

        @Override
        public void onNewSchedule(Collection<? extends ThreadContext> all, ThreadContext next) {
            if (isUnderWay) { // what Fray does to end a schedule takes as many steps as it takes
                steps++;
                digest = 31 * digest + next.getIndex();
            }
        }

        @Override
        public void onContextSwitch(ThreadContext from, ThreadContext to) {}
    }
}
