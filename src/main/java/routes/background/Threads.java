package routes.background;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/**
 * The threads of periodic work. Java silently cancels a periodic task at the first exception or error that it throws. Here
 * whatever it throws is logged, and the next run still comes. Should one still end, {@link #ended()} reports it.
 */
public final class Threads {

    private record Work(String name, Future<?> future, ExecutorService threads) {

        private boolean isWanted() {
            return !future.isCancelled() && !threads.isShutdown();
        }
    }

    private static final Set<Work> WORK = ConcurrentHashMap.newKeySet();

    private Threads() {}

    /**
     * Daemon threads for periodic work.
     *
     * @param name their name, in the log and in thread dumps
     */
    public static ScheduledExecutorService rounds(String name, int threads) {
        return rounds(name, threads, task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Threads for periodic work, made by a factory. */
    public static ScheduledExecutorService rounds(String name, int threads, ThreadFactory factory) {
        return new Rounds(name, threads, factory);
    }

    /** Watches work that should run until it is cancelled or its threads are shut down. */
    public static <T extends Future<?>> T watch(String name, T future, ExecutorService threads) {
        WORK.removeIf(work -> !work.isWanted());
        WORK.add(new Work(name, future, threads));
        return future;
    }

    /** Work that has ended unexpectedly; only a restart of the process brings it back. */
    public static List<String> ended() {
        return WORK.stream()
                .filter(work -> work.isWanted() && work.future().isDone())
                .map(Work::name)
                .distinct()
                .sorted()
                .toList();
    }

    private static final class Rounds extends ScheduledThreadPoolExecutor {

        private final String name;

        private Rounds(String name, int threads, ThreadFactory factory) {
            super(threads, factory);
            this.name = name;
            setRemoveOnCancelPolicy(true);
        }

        @Override
        public ScheduledFuture<?> scheduleWithFixedDelay(Runnable task, long first, long delay, TimeUnit unit) {
            return watch(name, super.scheduleWithFixedDelay(lasting(task), first, delay, unit), this);
        }

        @Override
        public ScheduledFuture<?> scheduleAtFixedRate(Runnable task, long first, long period, TimeUnit unit) {
            return watch(name, super.scheduleAtFixedRate(lasting(task), first, period, unit), this);
        }

        private Runnable lasting(Runnable task) {
            Trouble trouble = new Trouble("scheduled work on " + name);
            return () -> {
                try {
                    task.run();
                    trouble.worked();
                } catch (Throwable thrown) {
                    tell(trouble, thrown);
                }
            };
        }
    }

    /** Logs what was thrown; silently gives up when there is not even memory for that. */
    public static void tell(Trouble trouble, Throwable thrown) {
        try {
            trouble.failed(thrown);
        } catch (Throwable again) {
            // What matters is that the thread survives: next time there may be memory.
        }
    }
}
