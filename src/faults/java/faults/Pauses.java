package faults;

import java.time.Duration;

/**
 * How long the machine stood still, or had no time for this process. A thread that asks to sleep for 100 ms sees it, whatever the cause: a
 * virtual machine that is copied, cores that others keep, memory that is swapped. A target that was missed meanwhile says nothing about
 * the service: the run is done again.
 */
final class Pauses implements AutoCloseable {

    private static final Duration PERIOD = Duration.ofMillis(100);

    private final Thread thread = new Thread(this::watch, "pauses");
    private volatile Duration longest = Duration.ZERO;

    Pauses() {
        thread.setDaemon(true);
        thread.start();
    }

    /** The longest pause so far, by the clock of the day or the one that only counts: a machine that is copied may stop either. */
    Duration longest() {
        return longest;
    }

    private void watch() {
        while (!Thread.currentThread().isInterrupted()) {
            long day = System.currentTimeMillis();
            long counting = System.nanoTime();
            try {
                Thread.sleep(PERIOD.toMillis());
            } catch (InterruptedException closed) {
                return;
            }
            Duration byDay = Duration.ofMillis(System.currentTimeMillis() - day).minus(PERIOD);
            Duration byCount = Duration.ofNanos(System.nanoTime() - counting).minus(PERIOD);
            Duration pause = byDay.compareTo(byCount) > 0 ? byDay : byCount;
            if (pause.compareTo(longest) > 0) {
                longest = pause;
            }
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
