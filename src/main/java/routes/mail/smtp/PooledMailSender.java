package routes.mail.smtp;

import io.github.bucket4j.Bucket;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import jakarta.mail.Address;
import jakarta.mail.MessagingException;
import jakarta.mail.SendFailedException;
import jakarta.mail.Session;
import jakarta.mail.internet.AddressException;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.util.StreamProvider;
import java.time.Duration;
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
import org.springframework.stereotype.Component;
import routes.background.RateLimit;
import routes.delivery.DeliveryException;
import routes.delivery.DeliverySettings;
import routes.delivery.Dependencies;
import routes.delivery.Dependency;
import routes.mail.Addresses;
import routes.mail.MailSettings;
import routes.mail.smtp.SmtpReply.About;
import routes.settings.OnRole;
import routes.settings.Role;

/**
 * Camel's mail sender with a pool of open SMTP connections; the default opens one per mail. Failures are
 * {@link DeliveryException}s by the server's {@linkplain SmtpReply answer}: 4xx is retried, 5xx is final, an address without
 * a mailbox gets no mail for a while, and when the server refuses this service as a whole, mails wait and use up no attempt.
 */
@OnRole({Role.EMAIL, Role.REWARD})
@Component("mailSender")
public class PooledMailSender extends DefaultJavaMailSender implements MeterBinder, DisposableBean {

    /** Consecutive failures, of any mails, after which the server counts as down. */
    private static final int FAILURES_UNTIL_AWAY = 5;

    /** How long it counts that the server accepted other mails after it refused one because of the service. */
    private static final Duration MEMORY = Duration.ofHours(1);

    static {
        // Jakarta Mail looks this class up for each part of each mail. With its name set it does not search every jar,
        // which
        // took a third of the time of a mail (jakarta.mail.util.FactoryFinder).
        String lookedUp = StreamProvider.class.getName();
        System.setProperty(lookedUp, System.getProperty(lookedUp, MailStreamProvider.class.getName()));
    }

    private final GenericObjectPool<SmtpConnection> connections;
    private final InternetAddress ownSender;
    private final Dependency server;
    private final Duration refusedPause;
    private final Suppressions suppressions;
    private final @Nullable Bucket rate;

    /** When ({@link System#nanoTime()}) the server last accepted a mail, and last refused one because of the service; 0 for never. */
    private volatile long tookAt;

    private volatile long refusedAt;

    /** Until when a probe would not show that the server refuses the service. */
    private volatile long hiddenUntil = System.nanoTime();

    PooledMailSender(
            MailSettings settings, DeliverySettings deliveries, Dependencies dependencies, Suppressions suppressions) {
        this.ownSender = ownSender(settings);
        Session session = Session.getInstance(properties(settings, ownSender));
        setSession(session);
        int size = settings.connections() == null ? deliveries.workerPoolSize() : settings.connections();
        GenericObjectPoolConfig<SmtpConnection> config = new GenericObjectPoolConfig<>();
        config.setMaxTotal(size);
        config.setMaxIdle(size);
        config.setFairness(true);
        config.setMinEvictableIdleDuration(settings.idleTimeout());
        config.setTimeBetweenEvictionRuns(settings.idleTimeout().dividedBy(2));
        config.setMaxWait(settings.timeout());
        config.setTestOnBorrow(true);
        config.setTestOnReturn(true); // closed when unusable
        config.setJmxNamePrefix("smtp");
        Connections opening = new Connections(session, settings);
        this.connections = new GenericObjectPool<>(opening, config);
        this.server = dependencies.add("smtp", FAILURES_UNTIL_AWAY, () -> ask(opening));
        this.refusedPause = settings.refusedPause();
        this.suppressions = suppressions;
        this.rate = settings.rate() == null ? null : RateLimit.perSecond(settings.rate(), 1);
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

    private static InternetAddress ownSender(MailSettings settings) {
        try {
            return Addresses.parse(settings.from());
        } catch (AddressException e) {
            throw new IllegalArgumentException(e); // the settings were validated
        }
    }

    private static Properties properties(MailSettings settings, InternetAddress sender) {
        String timeout = String.valueOf(settings.timeout().toMillis());
        boolean starttls = settings.starttls() && !settings.implicitTls();
        Properties properties = new Properties();
        properties.put("mail.transport.protocol", "smtp");
        properties.put("mail.smtp.host", settings.host());
        properties.put("mail.smtp.port", String.valueOf(settings.port()));
        properties.put(
                "mail.smtp.localhost", settings.ehloName() == null ? Addresses.domain(sender) : settings.ehloName());
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
     * Sends a mail unchanged: it keeps its Message-ID.
     *
     * @throws DeliveryException when the server is unreachable, refuses it, or is known to be down
     */
    @Override
    public void send(MimeMessage mail) throws MessagingException {
        requireAscii(mail.getFrom());
        requireAscii(mail.getAllRecipients());
        server.requireBack();
        waitForTheRate();
        while (!send(mail, borrow())) {
            connections.clear(); // all idle ones may be as old as the one that the server had closed
        }
    }

    /** Returns false if the server had closed the connection before the mail began. */
    private boolean send(MimeMessage mail, SmtpConnection connection) throws MessagingException {
        try {
            connection.send(mail);
            tookAt = System.nanoTime();
            server.worked();
            return true;
        } catch (MessagingException e) {
            SmtpReply refusal = SmtpReply.of(e);
            connection.recover(refusal);
            if (connection.wasStale(e, refusal)) {
                return false;
            }
            throw failure(mail, e, refusal, connection.mayHaveSent(refusal));
        } catch (RuntimeException e) {
            connection.recover(null);
            throw e;
        } finally {
            // Not invalidateObject, which opens a replacement, and fails if that fails.
            connections.returnObject(connection);
        }
    }

    /**
     * SMTP without SMTPUTF8 (RFC 6531) is ASCII only, and the library truncates other characters to a byte: the mail would go
     * to somebody else.
     */
    private static void requireAscii(Address @Nullable [] addresses) {
        if (addresses != null && !Addresses.isAscii(InternetAddress.toString(addresses))) {
            throw new DeliveryException.Permanent(
                    "a mail address has non-ASCII characters; write a domain in its xn-- form");
        }
    }

    private void waitForTheRate() {
        try {
            if (rate != null) {
                rate.asBlocking().consume(1);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DeliveryException.Transient("not sent: the service is stopping", null, null, e);
        }
    }

    /**
     * Probes whether the server would accept mail: it often refuses a client only at MAIL. Refusals after that show only with
     * real mails, which are tried after a pause.
     *
     * @throws MessagingException if it would not
     */
    private void ask(Connections opening) throws MessagingException {
        if (hiddenUntil - System.nanoTime() > 0) {
            throw new MessagingException("it refused this service a moment ago");
        }
        try (SmtpConnection smtp = opening.create()) {
            smtp.issueCommand("MAIL FROM:<%s>".formatted(ownSender.getAddress()), -1);
            SmtpReply answer = new SmtpReply(smtp.getLastReturnCode(), smtp.getLastServerResponse(), "MAIL");
            if (answer.code() != 250 && answer.about() != About.MAIL) {
                throw new MessagingException(answer.reason());
            }
            smtp.issueCommand("RSET", -1);
        }
    }

    private SmtpConnection borrow() throws MessagingException {
        try {
            return connections.borrowObject();
        } catch (SmtpConnection.Unwelcome e) {
            throw notForUs(e.refusal(), e);
        } catch (MessagingException e) {
            server.failed(e.getMessage());
            throw new DeliveryException.Transient("the SMTP server: " + e.getMessage(), null, null, e);
        } catch (Exception e) {
            throw new DeliveryException.Transient(
                    "no connection to the SMTP server became free: " + e.getMessage(), null, null, e);
        }
    }

    private DeliveryException failure(
            MimeMessage mail, MessagingException e, @Nullable SmtpReply refusal, boolean unknown)
            throws MessagingException {
        if (refusal == null && e instanceof SendFailedException && e.getNextException() == null) {
            // the library itself rejects the address
            return new DeliveryException.Permanent("the SMTP server: " + e.getMessage(), null, e);
        }
        About about = refusal == null ? About.SERVER : refusal.about();
        if (refusal == null || about == About.SERVER) {
            String reason = refusal == null ? "the SMTP server: " + e.getMessage() : refusal.reason();
            server.failed(reason);
            return new DeliveryException.Transient(
                    unknown
                            ? "it is unknown whether the mail arrived, the SMTP server did not say; retried with the same Message-ID: "
                                    + reason
                            : reason,
                    refusal == null || refusal.isHangUp() ? null : String.valueOf(refusal.code()),
                    null,
                    e);
        }
        if (about == About.CLIENT || (about == About.SENDER && isFromTheService(mail))) {
            return notForUs(refusal, e);
        }
        server.worked();
        String code = String.valueOf(refusal.code());
        if (!refusal.isFinal()) {
            return new DeliveryException.Transient(refusal.reason(), code, null, e);
        }
        if (about == About.MAILBOX) {
            suppressions.add(mail, refusal.text().strip(), code);
        }
        return new DeliveryException.Permanent(refusal.reason(), code, e);
    }

    /** A campaign's own sender concerns only that campaign: if the server refuses it, other campaigns are not affected. */
    private boolean isFromTheService(MimeMessage mail) throws MessagingException {
        return mail.getFrom()[0] instanceof InternetAddress from
                && from.getAddress().equalsIgnoreCase(ownSender.getAddress());
    }

    /**
     * A refusal of this service is not the mail's fault. It uses up an attempt only if the server keeps refusing this mail
     * while it accepts others: then it means the mail after all.
     */
    private DeliveryException notForUs(SmtpReply refusal, MessagingException e) {
        boolean connecting = refusal.command().equals(SmtpReply.CONNECT);
        if (connecting && refusal.isFinal()) {
            server.refused(refusal.reason());
            server.requireBack();
        } else {
            server.failed(refusal.reason());
        }
        if (!connecting) {
            long now = System.nanoTime();
            long before = refusedAt;
            refusedAt = now;
            hiddenUntil = refusal.command().equals("MAIL") ? now : now + refusedPause.toNanos();
            if (before != 0 && tookAt - before > 0 && now - before < MEMORY.toNanos()) {
                return new DeliveryException.Transient(refusal.reason(), String.valueOf(refusal.code()), null, e);
            }
        }
        return new DeliveryException.Later(refusal.reason(), refusedPause);
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
            connection.open(settings);
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
