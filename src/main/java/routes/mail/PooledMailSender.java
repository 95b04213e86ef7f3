package routes.mail;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import jakarta.mail.Address;
import jakarta.mail.MessagingException;
import jakarta.mail.SendFailedException;
import jakarta.mail.Session;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.util.StreamProvider;
import java.util.Properties;
import org.apache.camel.component.mail.DefaultJavaMailSender;
import org.apache.commons.pool2.BasePooledObjectFactory;
import org.apache.commons.pool2.PooledObject;
import org.apache.commons.pool2.impl.DefaultPooledObject;
import org.apache.commons.pool2.impl.GenericObjectPool;
import org.apache.commons.pool2.impl.GenericObjectPoolConfig;
import org.eclipse.angus.mail.util.MailStreamProvider;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;
import routes.delivery.DeliveryException;
import routes.delivery.DeliverySettings;
import routes.delivery.Dependencies;
import routes.delivery.Dependency;
import routes.delivery.WorkersChanged;
import routes.settings.OnRole;
import routes.settings.Role;

/**
 * Camel's sender on a pool of open SMTP connections; the default opens one a mail. Failures come as
 * {@link DeliveryException}, told apart by the server's {@linkplain Refusal answer}: 4xx is to be tried again, 5xx is final,
 * and an address without a mailbox is not written to again for a while.
 */
@OnRole({Role.EMAIL, Role.REWARD})
@Component("mailSender")
public class PooledMailSender extends DefaultJavaMailSender implements MeterBinder, DisposableBean {

    /** So many failures in a row, of whatever mails, are no mail's own. */
    private static final int FAILURES_UNTIL_AWAY = 5;

    static {
        // Jakarta Mail looks this class up anew for each part of each mail. With its name it need not search every jar,
        // which took a
        // third of the time of a mail (jakarta.mail.util.FactoryFinder).
        String lookedUp = StreamProvider.class.getName();
        System.setProperty(lookedUp, System.getProperty(lookedUp, MailStreamProvider.class.getName()));
    }

    private final GenericObjectPool<SmtpConnection> connections;
    private final Dependency server;
    private final Suppressions suppressions;
    private final @Nullable Rate rate;
    private final boolean oneAWorker;

    PooledMailSender(
            MailSettings settings, DeliverySettings deliveries, Dependencies dependencies, Suppressions suppressions) {
        Session session = Session.getInstance(properties(settings));
        setSession(session);
        this.oneAWorker = settings.connections() == null;
        int size = settings.connections() == null ? deliveries.workerPoolSize() : settings.connections();
        GenericObjectPoolConfig<SmtpConnection> config = new GenericObjectPoolConfig<>();
        config.setMaxTotal(size);
        config.setMaxIdle(size);
        config.setFairness(true);
        config.setMinEvictableIdleDuration(settings.idleTimeout());
        config.setTimeBetweenEvictionRuns(settings.idleTimeout().dividedBy(2));
        config.setMaxWait(settings.timeout());
        config.setTestOnBorrow(true);
        config.setTestOnReturn(true); // what is over is closed
        config.setJmxNamePrefix("smtp");
        Connections opening = new Connections(session, settings);
        this.connections = new GenericObjectPool<>(opening, config);
        this.server = dependencies.add("smtp", FAILURES_UNTIL_AWAY, () -> ask(opening, settings));
        this.suppressions = suppressions;
        this.rate = settings.rate() == null ? null : new Rate(settings.rate());
    }

    /** Where each worker has a connection, so have those that an operator adds. */
    @EventListener
    void changed(WorkersChanged change) {
        if (oneAWorker && change.workers() > connections.getMaxTotal()) {
            connections.setMaxTotal(change.workers());
            connections.setMaxIdle(change.workers());
        }
    }

    @Override
    public void bindTo(MeterRegistry metrics) {
        Gauge.builder("domain.events.smtp.connections", connections, GenericObjectPool::getNumActive)
                .tag("state", "active")
                .register(metrics);
        Gauge.builder("domain.events.smtp.connections", connections, GenericObjectPool::getNumIdle)
                .tag("state", "idle")
                .register(metrics);
        Gauge.builder("domain.events.smtp.waiting", connections, GenericObjectPool::getNumWaiters)
                .register(metrics);
    }

    private static Properties properties(MailSettings settings) {
        String timeout = String.valueOf(settings.timeout().toMillis());
        boolean starttls = settings.starttls() && !settings.implicitTls();
        Properties properties = new Properties();
        properties.put("mail.transport.protocol", "smtp");
        properties.put("mail.smtp.host", settings.host());
        properties.put("mail.smtp.port", String.valueOf(settings.port()));
        properties.put("mail.smtp.auth", String.valueOf(settings.username() != null));
        properties.put("mail.smtp.starttls.enable", String.valueOf(starttls));
        properties.put("mail.smtp.starttls.required", String.valueOf(starttls));
        properties.put("mail.smtp.ssl.enable", String.valueOf(settings.implicitTls()));
        properties.put("mail.smtp.ssl.checkserveridentity", "true");
        properties.put("mail.smtp.connectiontimeout", timeout);
        properties.put("mail.smtp.timeout", timeout);
        properties.put("mail.smtp.writetimeout", timeout);
        return properties;
    }

    /**
     * Sends a mail as it is: its Message-ID stays.
     *
     * @throws DeliveryException when the server cannot be reached or refuses, or is known to be away
     */
    @Override
    public void send(MimeMessage mail) throws MessagingException {
        requireAscii(mail.getFrom());
        requireAscii(mail.getAllRecipients());
        server.requireBack();
        waitForTheRate();
        while (!send(mail, borrow())) {
            connections.clear(); // those that lie idle may all be as old as the one that the server had closed
        }
    }

    /** Returns false when the server had closed the connection before it was told of the mail. */
    private boolean send(MimeMessage mail, SmtpConnection connection) throws MessagingException {
        try {
            connection.send(mail);
            server.worked();
            return true;
        } catch (MessagingException e) {
            Refusal refusal = Refusal.of(e);
            connection.recover(refusal);
            if (connection.wasStale(e, refusal)) {
                return false;
            }
            throw failure(mail, e, refusal, connection.mayHaveSent(refusal));
        } catch (RuntimeException e) {
            connection.recover(null);
            throw e;
        } finally {
            // Not invalidateObject, which opens another one in its place, and fails when that fails.
            connections.returnObject(connection);
        }
    }

    /**
     * SMTP without SMTPUTF8 (RFC 6531) knows ASCII alone, and the library cuts each letter beyond it down to a byte: the mail
     * would go to somebody else.
     */
    private static void requireAscii(Address @Nullable [] addresses) {
        if (addresses != null && !Addresses.isAscii(InternetAddress.toString(addresses))) {
            throw new DeliveryException.Permanent(
                    "a mail address has letters beyond ASCII; a domain is written in its xn-- form");
        }
    }

    private void waitForTheRate() {
        try {
            if (rate != null) {
                rate.await();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DeliveryException.Transient("not sent: the service stops", null, null, e);
        }
    }

    /**
     * Asks the server whether it would take mail: what it refuses everybody it often refuses no sooner than at MAIL.
     *
     * @throws MessagingException when it would not
     */
    private static void ask(Connections opening, MailSettings settings) throws MessagingException {
        try (SmtpConnection smtp = opening.create()) {
            String sender = Addresses.parse(settings.from()).getAddress();
            smtp.issueCommand("MAIL FROM:<%s>".formatted(sender), -1);
            Refusal answer = new Refusal(smtp.getLastReturnCode(), smtp.getLastServerResponse(), "MAIL");
            if (answer.isToEverybody()) {
                throw new MessagingException("it answers MAIL with " + answer.code());
            }
            smtp.issueCommand("RSET", -1);
        }
    }

    private SmtpConnection borrow() throws MessagingException {
        try {
            return connections.borrowObject();
        } catch (MessagingException e) {
            throw unreachable(e);
        } catch (Exception e) {
            throw new DeliveryException.Transient(
                    "no connection to the SMTP server became free: " + e.getMessage(), null, null, e);
        }
    }

    private DeliveryException unreachable(MessagingException e) {
        server.failed(e.getMessage());
        return new DeliveryException.Transient("the SMTP server: " + e.getMessage(), null, null, e);
    }

    private DeliveryException failure(
            MimeMessage mail, MessagingException e, @Nullable Refusal refusal, boolean unknown)
            throws MessagingException {
        String reason = "the SMTP server: " + e.getMessage();
        if (refusal == null && e instanceof SendFailedException && e.getNextException() == null) {
            return new DeliveryException.Permanent(reason, null, e); // the library itself refuses the address
        }
        if (refusal == null || refusal.isToEverybody()) {
            server.failed(e.getMessage());
        } else {
            server.worked();
        }
        String code = refusal == null || refusal.isHangUp() ? null : String.valueOf(refusal.code());
        if (refusal != null && refusal.isFinal()) {
            if (refusal.isOfNoMailbox()) {
                suppressions.add(mail, refusal.text().strip());
            }
            return new DeliveryException.Permanent(reason, code, e);
        }
        return new DeliveryException.Transient(
                unknown
                        ? "it is not known whether the mail arrived, the SMTP server did not say; again with its Message-ID: "
                                + e.getMessage()
                        : reason,
                code,
                null,
                e);
    }

    @Override
    public void destroy() {
        connections.close();
    }

    /** Opens and closes connections. */
    private static final class Connections extends BasePooledObjectFactory<SmtpConnection> {

        private final Session session;
        private final MailSettings settings;

        private Connections(Session session, MailSettings settings) {
            this.session = session;
            this.settings = settings;
        }

        @Override
        public SmtpConnection create() throws MessagingException {
            SmtpConnection connection = new SmtpConnection(session);
            connection.connect(settings.host(), settings.port(), settings.username(), settings.password());
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
}
