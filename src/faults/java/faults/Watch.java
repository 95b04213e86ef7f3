package faults;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Looks several times a second how long a partition with lag stands still (I4), and how long a delivery stays leased after its holder
 * was last heard of (I6).
 */
final class Watch implements AutoCloseable {

    private static final Duration INTERVAL = Duration.ofMillis(Integer.getInteger("faults.watch", 250));

    private final Stage stage;
    private final JdbcClient jdbc;
    private final Map<String, Long> offsets = new HashMap<>();
    private final Map<String, Long> movedAt = new HashMap<>();
    private final Thread thread;
    private volatile boolean running = true;
    private Duration standstill = Duration.ZERO;
    private String stoodStill = "";
    private Duration orphaned = Duration.ZERO;

    Watch(Stage stage) {
        this.stage = stage;
        this.jdbc = JdbcClient.create(stage.platform().database().dataSource());
        this.thread = new Thread(this::look, "watch");
        thread.setDaemon(true);
        thread.start();
    }

    /** The longest time for which a partition with lag stood still so far. */
    synchronized Duration standstill() {
        return standstill;
    }

    /** The longest time for which a delivery was leased to an instance that was silent. */
    synchronized Duration orphaned() {
        return orphaned;
    }

    /** Forgets what was seen so far. */
    synchronized void restart() {
        standstill = Duration.ZERO;
        movedAt.clear();
    }

    synchronized Findings findings(Duration longestStandstill, Duration longestOrphaned) {
        return Findings.none()
                .figure("longest standstill of a partition with lag, s", seconds(standstill))
                .figure("longest lease of a silent instance, s", seconds(orphaned))
                .require(
                        standstill.compareTo(longestStandstill) <= 0,
                        "I4: %s stood still for %s s".formatted(stoodStill, seconds(standstill)))
                .require(
                        orphaned.compareTo(longestOrphaned) <= 0,
                        "I6: a delivery was leased %s s after its holder was last heard of"
                                .formatted(seconds(orphaned)));
    }

    static double seconds(Duration duration) {
        return Math.round(duration.toMillis() / 100.0) / 10.0;
    }

    private void look() {
        while (running) {
            lookAtOffsets();
            lookAtLeases();
            LockSupport.parkNanos(INTERVAL.toNanos());
        }
    }

    private void lookAtOffsets() {
        try {
            compare(stage.lag());
        } catch (ExecutionException away) {
            // While the broker is away nothing moves: the next answer counts the time.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            running = false;
        }
    }

    private synchronized void compare(Lag lag) {
        long now = System.nanoTime();
        for (var group : lag.committed().entrySet()) {
            for (var offset : group.getValue().entrySet()) {
                String partition = group.getKey() + " " + offset.getKey();
                Long before = offsets.put(partition, offset.getValue());
                boolean behind = lag.ends().getOrDefault(offset.getKey(), 0L) > offset.getValue();
                Long since = movedAt.get(partition);
                if (since != null && behind) {
                    Duration still = Duration.ofNanos(now - since);
                    if (still.compareTo(standstill) > 0) {
                        standstill = still;
                        stoodStill = partition;
                    }
                }
                if (!behind || since == null || !offset.getValue().equals(before)) {
                    movedAt.put(partition, now);
                }
            }
        }
    }

    private void lookAtLeases() {
        try {
            double longest = jdbc.sql("""
                            SELECT coalesce(max(extract(epoch FROM now() - greatest(d.updated_at, i.seen_at))), 0)
                            FROM event_routes.delivery d
                            LEFT JOIN event_routes.instance i ON i.id = d.lease_owner
                            WHERE d.status = 'leased'
                            """).query(Double.class).single();
            synchronized (this) {
                Duration found = Duration.ofMillis(Math.round(longest * 1_000));
                orphaned = found.compareTo(orphaned) > 0 ? found : orphaned;
            }
        } catch (DataAccessException away) {
            // The database is the fault, or the service has not made its tables yet.
        }
    }

    @Override
    public void close() {
        running = false;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
