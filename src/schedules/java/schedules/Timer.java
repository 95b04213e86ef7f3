package schedules;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** A thread in place of the JDK's timer for futures, which belongs to the process and not to a schedule, so that Fray cannot control it. */
public final class Timer {

    private Timer() {}

    /** {@link CompletableFuture#completeOnTimeout}. */
    public static <T> CompletableFuture<T> completeOnTimeout(CompletableFuture<T> future, T value, Duration timeout) {
        Thread thread = new Thread(() -> {
            try {
                Thread.sleep(timeout.toMillis());
                future.complete(value);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        thread.setDaemon(true);
        thread.start();
        return future;
    }
}
