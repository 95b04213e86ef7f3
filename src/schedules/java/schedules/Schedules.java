package schedules;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.ServiceLoader;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Runs a scenario of a few threads many times. On a JDK that Fray has instrumented (the profile {@code schedules}), Fray runs one thread at
 * a time and draws at each step which: schedule {@code n} of a run is that of the seed {@code seed + n}. On any other JDK the threads run as
 * the machine lets them, a few times: that only shows that a scenario still holds.
 *
 * <p>Under Fray the clock is virtual. It advances with each step, and jumps when all threads wait: so a scenario that has lost a signal
 * takes as long as the timeout that ends the wait.
 */
public final class Schedules {

    /** The first seed: {@code -Dschedules.seed=}. */
    static final long SEED = Long.getLong("schedules.seed", 1);

    private static final int COUNT = Integer.getInteger("schedules.count", isControlled() ? 10_000 : 50);

    private Schedules() {}

    /** Something that a thread does. */
    @FunctionalInterface
    public interface Task {

        /** Does it; whatever it throws fails the schedule. */
        void run() throws Exception;
    }

    /** Runs a scenario, which makes all that it uses anew, in {@code -Dschedules.count=} schedules. */
    public static void run(Task scenario) {
        run(caller(), scenario, SEED, COUNT);
    }

    /** A digest of all steps; 0 if nothing controls them. */
    static long run(String name, Task scenario, long seed, int count) {
        if (isControlled()) {
            return ServiceLoader.load(Control.class)
                    .findFirst()
                    .orElseThrow()
                    .run(name, () -> once(scenario), seed, count);
        }
        for (int i = 0; i < count; i++) {
            once(scenario);
        }
        return 0;
    }

    private static void once(Task scenario) {
        try {
            scenario.run();
        } catch (Exception e) {
            throw new AssertionError("the scenario failed: " + e, e);
        }
    }

    /** Runs each task in a thread of its own, and waits for their ends. */
    public static void together(Task... tasks) throws InterruptedException {
        Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
        List<Thread> threads = new ArrayList<>();
        for (Task task : tasks) {
            Thread thread = new Thread(() -> {
                try {
                    task.run();
                } catch (Throwable e) {
                    failures.add(e);
                }
            });
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        for (Throwable failure : failures) {
            throw new AssertionError("a thread failed: " + failure, failure);
        }
    }

    /** Whether this JDK is one that Fray has instrumented. */
    public static boolean isControlled() {
        try {
            return Files.readString(Path.of(System.getProperty("java.home"), "release"))
                    .contains("Fray");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String caller() {
        return StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE)
                .walk(frames -> frames.filter(frame -> frame.getDeclaringClass() != Schedules.class)
                        .findFirst()
                        .map(frame -> frame.getDeclaringClass().getSimpleName() + "#" + frame.getMethodName())
                        .orElseThrow());
    }
}
