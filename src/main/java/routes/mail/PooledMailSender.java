package routes.mail;

import jakarta.mail.Address;
import jakarta.mail.MessagingException;
import jakarta.mail.SendFailedException;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Properties;
import java.util.Set;
import org.apache.camel.component.mail.DefaultJavaMailSender;
import org.apache.commons.pool2.BasePooledObjectFactory;
import org.apache.commons.pool2.PooledObject;
import org.apache.commons.pool2.impl.DefaultPooledObject;
import org.apache.commons.pool2.impl.GenericObjectPool;
import org.apache.commons.pool2.impl.GenericObjectPoolConfig;
import org.eclipse.angus.mail.smtp.SMTPAddressFailedException;
import org.eclipse.angus.mail.smtp.SMTPSendFailedException;
import org.eclipse.angus.mail.smtp.SMTPTransport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;
import routes.delivery.DeliveryException;
import routes.delivery.DeliverySettings;
import routes.delivery.Dependencies;
import routes.delivery.Dependency;

/**
 * Camel's sender on a pool of open SMTP connections; the default opens one a mail. Failures come as
 * {@link DeliveryException}, told apart by the server's reply code (RFC 5321, section 4.2.1): 4xx is to be tried again, 5xx
 * is final.
 */
@Component("mailSender")
public class PooledMailSender extends DefaultJavaMailSender implements DisposableBean {

    private static final Logger LOG = LoggerFactory.getLogger(PooledMailSender.class);

    /** Servers hang up on a silent client; most do so after a minute or more (RFC 5321, section 4.5.3.2.7: five). */
    private static final Duration IDLE = Duration.ofSeconds(30);

    /** So many failures in a row, of whatever mails, are no mail's own. */
    private static final int FAILURES_UNTIL_AWAY = 5;

    /** What the library takes for the reply code of a server that hangs up instead of answering. */
    private static final int HUNG_UP = -1;

    /**
     * What the server says to everybody: it is about to hang up (RFC 5321, section 3.8), or it wants another login than it got
     * (RFC 4954, section 6). That is no mail's own failure, and none is given up for it.
     */
    private static final Set<Integer> TO_EVERYBODY = Set.of(421, 530, 534, 535, 538);

    private final GenericObjectPool<Transport> connections;
    private final Dependency server;

    PooledMailSender(MailSettings settings, DeliverySettings deliveries, Dependencies dependencies) {
        Session session = Session.getInstance(properties(settings));
        setSession(session);
        int size = settings.connections() == null ? deliveries.workerPoolSize() : settings.connections();
        GenericObjectPoolConfig<Transport> config = new GenericObjectPoolConfig<>();
        config.setMaxTotal(size);
        config.setMaxIdle(size);
        config.setMinEvictableIdleDuration(IDLE);
        config.setTimeBetweenEvictionRuns(IDLE.dividedBy(2));
        config.setMaxWait(settings.timeout());
        config.setTestOnBorrow(true);
        config.setJmxNamePrefix("smtp");
        Connections opening = new Connections(session, settings);
        this.connections = new GenericObjectPool<>(opening, config);
        this.server = dependencies.add("smtp", FAILURES_UNTIL_AWAY, () -> ask(opening, settings));
    }

    private static Properties properties(MailSettings settings) {
        String timeout = String.valueOf(settings.timeout().toMillis());
        Properties properties = new Properties();
        properties.put("mail.transport.protocol", "smtp");
        properties.put("mail.smtp.host", settings.host());
        properties.put("mail.smtp.port", String.valueOf(settings.port()));
        properties.put("mail.smtp.auth", String.valueOf(settings.username() != null));
        properties.put("mail.smtp.starttls.enable", String.valueOf(settings.starttls()));
        properties.put("mail.smtp.starttls.required", String.valueOf(settings.starttls()));
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
        Transport connection = borrow();
        try {
            connection.sendMessage(mail, mail.getAllRecipients());
            connections.returnObject(connection);
            server.worked();
        } catch (MessagingException e) {
            // Whatever went wrong, the next mail shall not inherit the conversation.
            discard(connection);
            throw failure(e);
        } catch (RuntimeException e) {
            discard(connection);
            throw e;
        }
    }

    /**
     * SMTP without SMTPUTF8 (RFC 6531) knows ASCII alone, and the library cuts each letter beyond it down to a byte: the mail
     * would go to somebody else.
     */
    private static void requireAscii(Address @Nullable [] addresses) {
        if (addresses != null
                && !StandardCharsets.US_ASCII.newEncoder().canEncode(InternetAddress.toString(addresses))) {
            throw new DeliveryException.Permanent(
                    "a mail address has letters beyond ASCII; a domain is written in its xn-- form");
        }
    }

    /**
     * Asks the server whether it would take mail: what it refuses everybody it often refuses no sooner than at MAIL.
     *
     * @throws MessagingException when it would not
     */
    private static void ask(Connections opening, MailSettings settings) throws MessagingException {
        try (Transport connection = opening.create()) {
            if (connection instanceof SMTPTransport smtp) {
                smtp.issueCommand("MAIL FROM:<%s>".formatted(new InternetAddress(settings.from()).getAddress()), -1);
                int reply = smtp.getLastReturnCode();
                if (reply == HUNG_UP || TO_EVERYBODY.contains(reply)) {
                    throw new MessagingException("it answers MAIL with " + reply);
                }
                smtp.issueCommand("RSET", -1);
            }
        }
    }

    private Transport borrow() throws MessagingException {
        try {
            return connections.borrowObject();
        } catch (MessagingException e) {
            throw failure(e);
        } catch (Exception e) {
            throw new DeliveryException.Transient(
                    "no connection to the SMTP server became free: " + e.getMessage(), null, null, e);
        }
    }

    private void discard(Transport connection) {
        try {
            connections.invalidateObject(connection);
        } catch (Exception e) {
            throw new IllegalStateException("A broken SMTP connection could not be closed", e);
        }
    }

    private DeliveryException failure(MessagingException e) {
        Integer reply = replyCode(e);
        String reason = "the SMTP server: " + e.getMessage();
        boolean refusedHere = reply == null && e instanceof SendFailedException && e.getNextException() == null;
        if (refusedHere) {
            return new DeliveryException.Permanent(reason, null, e); // the library itself refuses the address
        }
        Integer code = reply == null || reply == HUNG_UP ? null : reply;
        boolean toEverybody = code == null || TO_EVERYBODY.contains(code);
        if (toEverybody) {
            server.failed(e.getMessage());
        } else {
            server.worked();
        }
        if (code != null && code >= 500 && !toEverybody) {
            return new DeliveryException.Permanent(reason, code.toString(), e);
        }
        return new DeliveryException.Transient(reason, code == null ? null : code.toString(), null, e);
    }

    /** The reply code of the server, which the library hangs at different places of a chain; null when there was none. */
    private static @Nullable Integer replyCode(MessagingException failure) {
        Integer found = null;
        for (Exception e = failure; e instanceof MessagingException chained; e = chained.getNextException()) {
            if (e instanceof SMTPAddressFailedException address) {
                found = address.getReturnCode();
            } else if (e instanceof SMTPSendFailedException send && found == null) {
                found = send.getReturnCode();
            }
        }
        return found;
    }

    @Override
    public void destroy() {
        connections.close();
    }

    /** Opens and closes connections, and finds out whether one that lay idle is still good (NOOP). */
    private static final class Connections extends BasePooledObjectFactory<Transport> {

        private final Session session;
        private final MailSettings settings;

        private Connections(Session session, MailSettings settings) {
            this.session = session;
            this.settings = settings;
        }

        @Override
        public Transport create() throws MessagingException {
            Transport transport = session.getTransport("smtp");
            transport.connect(settings.host(), settings.port(), settings.username(), settings.password());
            return transport;
        }

        @Override
        public PooledObject<Transport> wrap(Transport transport) {
            return new DefaultPooledObject<>(transport);
        }

        @Override
        public boolean validateObject(PooledObject<Transport> pooled) {
            return pooled.getObject().isConnected();
        }

        @Override
        public void destroyObject(PooledObject<Transport> pooled) {
            try {
                pooled.getObject().close();
            } catch (MessagingException e) {
                // It is closed all the same; and what failed before it is what counts.
                LOG.debug("The SMTP server hung up before QUIT: {}", e.getMessage());
            }
        }
    }
}
