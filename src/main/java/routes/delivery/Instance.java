package routes.delivery;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.zaxxer.hikari.HikariConfigMXBean;
import com.zaxxer.hikari.HikariDataSource;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.jdbc.DataSourceUnwrapper;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import routes.background.Pace;
import routes.background.Threads;
import routes.background.Trouble;
import routes.delivery.Heartbeats.Heartbeat;
import routes.event.EventJson;
import routes.settings.SqlErrors;
import routes.settings.Statements;

/**
 * This running instance, as the others see it: it sends heartbeats at short intervals, and the deliveries of dead instances
 * are due again. So a delivery needs no long lease, and continues soon after a crash.
 */
@Component
public class Instance implements SmartLifecycle, DisposableBean {

    private static final Logger LOG = LoggerFactory.getLogger(Instance.class);

    private final UUID id = UUID.randomUUID();
    private final DataSource pool;
    private final DataSource connection;
    private final Statements pooled;
    private final Statements sql;
    private final DeliverySettings settings;
    private final Heartbeats heartbeats;
    private final Trouble trouble = new Trouble("heartbeat");
    private final Trouble troubleOfRescue = new Trouble("releasing the deliveries of dead instances");
    private final Pace paceOfOwners = new Pace();
    private volatile List<Heartbeat> ownersWithoutHeartbeat = List.of();
    private volatile @Nullable ScheduledExecutorService pulse;
    private @Nullable Future<?> rescue;

    Instance(DataSource pool, Statements sql, DeliverySettings settings) {
        this.settings = settings;
        this.pool = pool;
        this.pooled = sql;
        this.connection = ofItsOwn(pool);
        this.sql = sql.with(JdbcClient.create(SqlErrors.template(connection)));
        this.heartbeats = new Heartbeats(settings.heartbeatTimeout(), System::nanoTime);
    }

    /**
     * One connection beside the pool: an instance whose workers use up the pool, all waiting for a lock, still sends heartbeats. It waits
     * for an answer no longer than others wait for this instance. A pool without a URL serves both purposes.
     */
    private DataSource ofItsOwn(DataSource shared) {
        HikariDataSource its = DataSourceUnwrapper.unwrap(shared, HikariConfigMXBean.class, HikariDataSource.class);
        if (its == null || its.getJdbcUrl() == null) {
            return shared;
        }
        HikariDataSource own = new HikariDataSource();
        own.setPoolName("heartbeat");
        own.setMaximumPoolSize(1);
        own.setInitializationFailTimeout(-1);
        own.setJdbcUrl(its.getJdbcUrl());
        own.setUsername(its.getUsername());
        own.setPassword(its.getPassword());
        own.setConnectionTimeout(its.getConnectionTimeout());
        own.setMaxLifetime(its.getMaxLifetime());
        if (its.getExceptionOverrideClassName() != null) {
            own.setExceptionOverrideClassName(its.getExceptionOverrideClassName());
        }
        its.getDataSourceProperties().forEach((key, value) -> own.addDataSourceProperty(key.toString(), value));
        own.addDataSourceProperty(
                "socketTimeout", Math.max(1, settings.heartbeatTimeout().toSeconds()));
        return own;
    }

    /** The owner of this instance's leases. */
    public UUID id() {
        return id;
    }

    /** Sends a heartbeat, and has the deliveries of dead instances released. */
    private void beat() {
        try {
            sql.of("delivery/heartbeat", "instance", id)
                    .param("purge_after", settings.purgeAfter().toSeconds())
                    .update();
            List<Heartbeat> gone = heartbeats.gone(withOwners(read(sql, "delivery/heartbeats")));
            trouble.worked();
            ScheduledExecutorService executor = pulse;
            if (!gone.isEmpty() && executor != null && (rescue == null || rescue.isDone())) {
                rescue = executor.submit(() -> rescue(gone));
            }
        } catch (RuntimeException | Error e) {
            // Any exception would end the schedule, and this instance would count as dead.
            trouble.failed(e);
            heartbeats.missed();
        }
    }

    /**
     * Not with a heartbeat, which must not wait for it: while a snapshot of the database is open, this passes over all that the dead
     * instance has leased since. What fails is tried again with the next heartbeat.
     */
    private void rescue(List<Heartbeat> gone) {
        try {
            ArrayNode rows = EventJson.mapper().createArrayNode();
            gone.forEach(its ->
                    rows.addObject().put("instance", its.instance().toString()).put("seen_at", its.seenAt()));
            int rescued = pooled.of("delivery/rescue", "gone", rows.toString()).update();
            ownersWithoutHeartbeat = List.of(); // rescued, or found again
            if (rescued > 0) {
                LOG.info("{} deliveries of dead instances are due again", rescued);
            }
            troubleOfRescue.worked();
        } catch (RuntimeException | Error e) {
            Threads.tell(troubleOfRescue, e);
        }
    }

    private List<Heartbeat> withOwners(List<Heartbeat> all) {
        Set<UUID> known = all.stream().map(Heartbeat::instance).collect(Collectors.toSet());
        return Stream.concat(
                        all.stream(),
                        ownersWithoutHeartbeat.stream().filter(owner -> !known.contains(owner.instance())))
                .toList();
    }

    /**
     * Looks for owners of leases that have no heartbeat, for the next heartbeats to judge. Not with a heartbeat itself, which must not wait
     * for it: while a snapshot of the database is open, this passes over all leases that have ended since.
     */
    public void findOwnersWithoutHeartbeat() {
        if (paceOfOwners.isDue()) {
            ownersWithoutHeartbeat = paceOfOwners.run(() -> read(pooled, "delivery/owners-without-heartbeat"));
        }
    }

    private List<Heartbeat> read(Statements by, String statement) {
        return by.of(statement, "timeout", settings.heartbeatTimeout().toMillis() / 1000.0)
                .query(Heartbeat.class)
                .list();
    }

    @Override
    public synchronized void start() {
        ScheduledExecutorService executor = Threads.rounds("heartbeat", 2); // one for a rescue
        pulse = executor;
        rescue = null;
        beat();
        long interval = settings.heartbeatInterval().toMillis();
        var unused = executor.scheduleWithFixedDelay(this::beat, interval, interval, TimeUnit.MILLISECONDS);
    }

    /** Gives back the deliveries that waited for a worker. Camel has stopped by then, and running work has ended. */
    @Override
    public synchronized void stop() {
        ScheduledExecutorService executor = pulse;
        if (executor == null) {
            return;
        }
        pulse = null;
        executor.shutdownNow();
        try {
            int released = sql.of("delivery/leave", "instance", id)
                    .query(Integer.class)
                    .single();
            if (released > 0) {
                LOG.info("{} deliveries that waited for a worker stay due in the ledger", released);
            }
        } catch (DataAccessException e) {
            LOG.warn(
                    "Deliveries that waited for a worker are due again only after {}: the database does not answer ({})",
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

    @Override
    public void destroy() {
        if (connection != pool && connection instanceof HikariDataSource own) {
            own.close();
        }
    }
}
