package routes.delivery;

import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import routes.settings.SqlFiles;

/**
 * This running instance, as the others see it: it says at short intervals that it lives, and what an instance held that
 * no longer does is due again. So a delivery needs no long lease, and goes on soon after a crash.
 */
@Component
public class Instance implements SmartLifecycle {

    private static final Logger LOG = LoggerFactory.getLogger(Instance.class);

    private final UUID id = UUID.randomUUID();
    private final JdbcClient jdbc;
    private final DeliverySettings settings;
    private final String heartbeat;
    private final String rescue;
    private final String leave;
    private final Steadiness steadiness;
    private @Nullable ScheduledExecutorService pulse;

    Instance(JdbcClient jdbc, SqlFiles sql, DeliverySettings settings) {
        this.jdbc = jdbc;
        this.settings = settings;
        this.heartbeat = sql.read("delivery/heartbeat.sql");
        this.rescue = sql.read("delivery/rescue.sql");
        this.leave = sql.read("delivery/leave.sql");
        this.steadiness = new Steadiness(settings.heartbeatTimeout(), System::nanoTime);
    }

    /** The owner of this instance's leases. */
    public UUID id() {
        return id;
    }

    /** Says that this instance lives, and makes due what is held by instances that no longer do. */
    private void beat() {
        try {
            jdbc.sql(heartbeat).param("instance", id).update();
            if (!steadiness.beat()) {
                return;
            }
            int rescued = jdbc.sql(rescue)
                    .param("timeout", seconds(settings.heartbeatTimeout()))
                    .update();
            if (rescued > 0) {
                LOG.info("{} deliveries of instances that are gone are due again", rescued);
            }
        } catch (RuntimeException e) {
            // Whatever it is: an exception would end the schedule, and this instance would count as gone.
            LOG.warn("No heartbeat: {}", e.getMessage());
            steadiness.missed();
        }
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1000.0;
    }

    @Override
    public synchronized void start() {
        beat();
        ScheduledExecutorService executor = Threads.rounds("heartbeat", 1);
        long interval = settings.heartbeatInterval().toMillis();
        var unused = executor.scheduleWithFixedDelay(this::beat, interval, interval, TimeUnit.MILLISECONDS);
        pulse = executor;
    }

    /** Gives back what waited for a worker. Camel has stopped by then, and running work has ended. */
    @Override
    public synchronized void stop() {
        if (pulse == null) {
            return;
        }
        pulse.shutdownNow();
        pulse = null;
        try {
            int released =
                    jdbc.sql(leave).param("instance", id).query(Integer.class).single();
            if (released > 0) {
                LOG.info("{} deliveries that waited for a worker stay due in the ledger", released);
            }
        } catch (DataAccessException e) {
            LOG.warn(
                    "What waited for a worker is due again in {}: the database does not answer ({})",
                    settings.heartbeatTimeout(),
                    e.getMessage());
        }
    }

    @Override
    public synchronized boolean isRunning() {
        return pulse != null;
    }

    /** Before Camel starts, and after it has stopped. */
    @Override
    public int getPhase() {
        return 0;
    }
}
