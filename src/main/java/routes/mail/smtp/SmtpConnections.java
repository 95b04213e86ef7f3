package routes.mail.smtp;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import java.time.Duration;
import java.util.NoSuchElementException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.apache.commons.pool2.BasePooledObjectFactory;
import org.apache.commons.pool2.PooledObject;
import org.apache.commons.pool2.impl.DefaultPooledObject;
import org.apache.commons.pool2.impl.GenericObjectPool;
import org.apache.commons.pool2.impl.GenericObjectPoolConfig;
import routes.delivery.DeliveryException;
import routes.mail.MailSettings;
import routes.mail.MailSettings.Server;

/**
 * The open connections to an SMTP server: so many are used at a time at most, and who waits for one gets it in turn. The pool keeps them,
 * and closes those that are idle or used up; the wait is ours, since the pool (commons-pool 2.13) can miss who begins to wait while it
 * closes a connection, and would let a mail wait in vain.
 */
final class SmtpConnections extends BasePooledObjectFactory<SmtpConnection> {

    private static final String STOPPING = "the service is stopping";

    private final Server at;
    private final MailSettings settings;
    private final Session session;
    private final Acceptance acceptance;
    private final Semaphore room;
    private final GenericObjectPool<SmtpConnection> pool;

    /**
     * Connections to a server, of which none is open yet.
     *
     * @param name of the pool in JMX
     * @param size maximum number of connections that are used at the same time
     */
    SmtpConnections(String name, Server at, MailSettings settings, int size, Session session, Acceptance acceptance) {
        this.at = at;
        this.settings = settings;
        this.session = session;
        this.acceptance = acceptance;
        this.room = new Semaphore(size, true);
        GenericObjectPoolConfig<SmtpConnection> config = new GenericObjectPoolConfig<>();
        config.setMaxTotal(-1); // bounded by the room
        config.setMaxIdle(size);
        config.setMinEvictableIdleDuration(settings.idleTimeout());
        config.setTimeBetweenEvictionRuns(settings.idleTimeout().dividedBy(2));
        config.setTestOnBorrow(true);
        config.setTestOnReturn(true); // closed when unusable
        config.setJmxNamePrefix(name);
        this.pool = new GenericObjectPool<>(this, config);
    }

    void bindTo(MeterRegistry metrics, Tags tags) {
        Gauge.builder("domain.events.smtp.connections", pool, GenericObjectPool::getNumActive)
                .tags(tags.and("state", "active"))
                .register(metrics);
        Gauge.builder("domain.events.smtp.connections", pool, GenericObjectPool::getNumIdle)
                .tags(tags.and("state", "idle"))
                .register(metrics);
        Gauge.builder("domain.events.smtp.waiting", room, Semaphore::getQueueLength)
                .tags(tags)
                .register(metrics);
    }

    /**
     * Waits until there is room for one more, for as long as the server has to answer.
     *
     * @throws MessagingException if a new connection cannot be opened
     * @throws DeliveryException.Later if there was no room in time, or the service is stopping
     */
    SmtpConnection borrow() throws MessagingException {
        Duration patience = settings.timeout();
        try {
            if (!room.tryAcquire(patience.toNanos(), TimeUnit.NANOSECONDS)) {
                throw later("no connection to the SMTP server became free within " + patience.toSeconds() + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw later(STOPPING);
        }
        SmtpConnection connection = null;
        try {
            connection = pool.borrowObject();
            return connection;
        } catch (NoSuchElementException e) {
            throw later("the SMTP server ended a new connection at once");
        } catch (IllegalStateException e) {
            throw pool.isClosed() ? later(STOPPING) : e;
        } catch (MessagingException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException("The pool of connections throws what it does not name", e);
        } finally {
            if (connection == null) {
                room.release();
            }
        }
    }

    /** Gives back what was borrowed, or closes it if it is of no more use. */
    void giveBack(SmtpConnection connection) {
        try {
            pool.returnObject(connection); // not invalidateObject, which may open a replacement
        } finally {
            room.release();
        }
    }

    /** Closes those that nobody uses. */
    void closeIdle() {
        pool.clear();
    }

    /** Closes those that nobody uses, and each other one as it is given back. Nobody waits any longer. */
    void close() {
        pool.close();
        room.release(Short.MAX_VALUE);
    }

    private DeliveryException.Later later(String why) {
        return new DeliveryException.Later("not tried: " + why, settings.refusedPause());
    }

    @Override
    public SmtpConnection create() throws MessagingException {
        SmtpConnection connection = new SmtpConnection(session, acceptance);
        connection.open(at);
        return connection;
    }

    @Override
    public PooledObject<SmtpConnection> wrap(SmtpConnection connection) {
        return new DefaultPooledObject<>(connection);
    }

    @Override
    public boolean validateObject(PooledObject<SmtpConnection> pooled) {
        return pooled.getObject().isGood(settings.mailsPerConnection());
    }

    @Override
    public void destroyObject(PooledObject<SmtpConnection> pooled) {
        pooled.getObject().end();
    }
}
