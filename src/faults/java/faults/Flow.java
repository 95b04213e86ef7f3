package faults;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Whether events flow: every group commits, and effects happen. */
final class Flow {

    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private Flow() {}

    /** Lets time go by, for a load to run or a fault to last. */
    static void pause(Duration duration) {
        long until = System.nanoTime() + duration.toNanos();
        for (long left = duration.toNanos(); left > 0; left = until - System.nanoTime()) {
            LockSupport.parkNanos(left); // ends at once if an earlier wait of this thread has left a permit
        }
    }

    /** Waits until every group has committed something new, and an effect has happened; returns how long that took. */
    static Duration untilAllFlows(Stage stage) {
        Instant start = Instant.now();
        await("the broker's answer").atMost(PATIENCE).ignoreExceptions().until(() -> stage.lag() != null);
        Lag before = lag(stage);
        await("commits of every group, and an effect")
                .atMost(PATIENCE)
                .pollInterval(100, TimeUnit.MILLISECONDS)
                .ignoreExceptions()
                .until(() -> stage.effects().firstAfter(start).isPresent() && hasMoved(before, stage.lag()));
        return Duration.between(start, Instant.now());
    }

    private static Lag lag(Stage stage) {
        try {
            return stage.lag();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean hasMoved(Lag before, Lag now) {
        return Stage.GROUPS.stream()
                .allMatch(group -> sum(now.committed().getOrDefault(group, Map.of()))
                        > sum(before.committed().getOrDefault(group, Map.of())));
    }

    private static long sum(Map<Integer, Long> offsets) {
        return offsets.values().stream().mapToLong(Long::longValue).sum();
    }
}
