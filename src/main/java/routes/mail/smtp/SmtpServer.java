package routes.mail.smtp;

import io.github.bucket4j.Bucket;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import jakarta.mail.MessagingException;
import jakarta.mail.SendFailedException;
import jakarta.mail.Session;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.time.Duration;
import org.eclipse.angus.mail.smtp.SMTPMessage;
import org.jspecify.annotations.Nullable;
import routes.background.RateLimit;
import routes.delivery.DeliveryException;
import routes.delivery.DeliverySettings;
import routes.delivery.Dependencies;
import routes.delivery.Dependency;
import routes.mail.MailSettings;
import routes.mail.MailSettings.Server;
import routes.mail.Mails;
import routes.mail.smtp.SmtpReply.About;

/**
 * An SMTP server: its open connections, its rate, whether it is up, and what its {@linkplain SmtpReply answers} mean: 4xx is retried, 5xx
 * is final, an address without a mailbox gets no mail for a while, and when the server refuses this service as a whole, mails wait and use
 * up no attempt.
 */
final class SmtpServer {

    /** The dependency that deliveries wait for: while none of the servers can be used. The name of the only one. */
    static final String ANY = "smtp";

    /** The names of two servers. */
    static final String FIRST = "smtp-first";

    static final String SECOND = "smtp-second";

    /** Consecutive failures, of any mails, after which the server counts as down. */
    private static final int FAILURES_UNTIL_AWAY = 5;

    /** How long it counts that the server accepted other mails after it refused one because of the service. */
    private static final Duration MEMORY = Duration.ofHours(1);

    /** A server that fails only with real mails, and not when it is probed, is left alone for so many pauses if there is another one. */
    private static final int PAUSES_WITH_ANOTHER = 6;

    private final String name;
    private final Server at;
    private final MailSettings settings;
    private final InternetAddress ownSender;
    private final Session session;
    private final SmtpConnections connections;
    private final Dependency dependency;
    private final Duration hiddenFor;
    private final Suppressions suppressions;
    private final @Nullable Bucket rate;
    private final Acceptance acceptance;

    /** When ({@link System#nanoTime()}) the server last accepted a mail, and last refused one because of the service; 0 for never. */
    private volatile long tookAt;

    private volatile long refusedAt;

    /** Until when a probe would not show what is wrong with the server. */
    private volatile long hiddenUntil = System.nanoTime();

    /**
     * A server without connections yet.
     *
     * @param name of its dependency, its pool in JMX, and the flag of mails that it may have
     */
    SmtpServer(
            String name,
            Server at,
            MailSettings settings,
            DeliverySettings deliveries,
            Dependencies dependencies,
            Suppressions suppressions) {
        this.name = name;
        this.at = at;
        this.settings = settings;
        this.ownSender = settings.sender();
        this.session = SmtpSession.of(at, settings, ownSender);
        int size = settings.connections() == null ? deliveries.workerPoolSize() : settings.connections();
        this.dependency = dependencies.addPart(name, ANY, FAILURES_UNTIL_AWAY, this::ask);
        this.hiddenFor = settings.refusedPause().multipliedBy(hasAnother() ? PAUSES_WITH_ANOTHER : 1);
        this.suppressions = suppressions;
        this.rate = settings.rate() == null ? null : RateLimit.perSecond(settings.rate(), 1);
        this.acceptance = new Acceptance(name, settings, dependency, this::leaveAloneIfThereIsAnother);
        this.connections = new SmtpConnections(name, at, settings, size, session, acceptance);
    }

    void bindTo(MeterRegistry metrics) {
        Tags tags = hasAnother() ? Tags.of("server", name.substring(ANY.length() + 1)) : Tags.empty();
        connections.bindTo(metrics, tags);
    }

    String name() {
        return name;
    }

    Session session() {
        return session;
    }

    Dependency dependency() {
        return dependency;
    }

    private boolean hasAnother() {
        return !name.equals(ANY);
    }

    /**
     * Sends a mail unchanged: it keeps its Message-ID.
     *
     * @throws DeliveryException when the server is unreachable, or refuses it
     */
    void send(MimeMessage mail) throws MessagingException {
        waitForTheRate();
        while (!send(mail, borrow())) {
            connections.closeIdle(); // all idle ones may be as old as the one that the server had closed
        }
    }

    /** Returns false if the server had closed the connection before the mail began. */
    private boolean send(MimeMessage mail, SmtpConnection connection) throws MessagingException {
        try {
            connection.send(mail);
            tookAt = System.nanoTime();
            dependency.worked();
            return true;
        } catch (MessagingException e) {
            SmtpReply refusal = SmtpReply.of(e);
            connection.recover(refusal);
            if (connection.wasStale(e, refusal)) {
                return false;
            }
            throw failure(mail, e, refusal, connection.mayHaveSent(refusal));
        } catch (RuntimeException | Error e) {
            connection.recover(null); // it may be in the middle of a mail
            throw e;
        } finally {
            connections.giveBack(connection);
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
     * Probes whether the server would accept mail: it often refuses a client only at MAIL. What fails after that shows only with real
     * mails, which are tried after a pause; in it, only mails that wait to be accepted need to know whether it answers.
     *
     * @throws MessagingException if it would not
     */
    private void ask() throws MessagingException {
        boolean hidden = hiddenUntil - System.nanoTime() > 0;
        if (!hidden || acceptance.isAwaited()) {
            acceptance.probed(false);
            try (SmtpConnection smtp = connections.create()) {
                acceptance.probed(true);
                smtp.issueCommand("MAIL FROM:<%s>".formatted(ownSender.getAddress()), -1);
                SmtpReply answer = new SmtpReply(smtp.getLastReturnCode(), smtp.getLastServerResponse(), "MAIL");
                if (answer.code() != 250 && answer.about() != About.MAIL) {
                    throw new MessagingException(answer.reason());
                }
                smtp.issueCommand("RSET", -1);
            }
        }
        if (hidden) {
            throw new MessagingException("it failed with a mail a moment ago");
        }
    }

    private SmtpConnection borrow() throws MessagingException {
        try {
            return connections.borrow();
        } catch (SmtpConnection.Unwelcome e) {
            throw notForUs(e.refusal(), e);
        } catch (MessagingException e) {
            String reason = SmtpConnection.reason(e);
            dependency.failed(reason);
            throw new DeliveryException.Transient("the SMTP server: " + reason, null, null, e);
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
            String reason = refusal == null ? "the SMTP server: " + SmtpConnection.reason(e) : refusal.reason();
            if (unknown) {
                leaveAloneIfThereIsAnother();
            }
            dependency.failed(reason);
            return new DeliveryException.Transient(
                    unknown ? LostAnswers.reason(at, reason) : reason,
                    refusal == null || refusal.isHangUp() ? null : String.valueOf(refusal.code()),
                    null,
                    e);
        }
        if (about == About.CLIENT || (about == About.SENDER && isFromTheService(mail))) {
            return notForUs(refusal, e);
        }
        dependency.worked();
        String code = String.valueOf(refusal.code());
        if (!refusal.isFinal()) {
            return new DeliveryException.Transient(refusal.reason(), code, null, e);
        }
        if (about == About.MAILBOX && mail.getHeader(Mails.REHEARSAL) == null) {
            suppressions.add(mail, refusal.text().strip(), code);
        }
        return new DeliveryException.Permanent(refusal.reason(), code, e);
    }

    private void leaveAloneIfThereIsAnother() {
        if (hasAnother()) {
            hiddenUntil = System.nanoTime() + hiddenFor.toNanos();
        }
    }

    /**
     * A campaign's own sender concerns only that campaign: if the server refuses it, other campaigns are not affected. An envelope sender
     * of its own is the service's, whoever the mail is from ({@link routes.mail.Verp}).
     */
    private boolean isFromTheService(MimeMessage mail) throws MessagingException {
        return (mail instanceof SMTPMessage verp && verp.getEnvelopeFrom() != null)
                || (mail.getFrom()[0] instanceof InternetAddress from
                        && from.getAddress().equalsIgnoreCase(ownSender.getAddress()));
    }

    /**
     * A refusal of this service is not the mail's fault. It uses up an attempt only if the server keeps refusing this mail
     * while it accepts others: then it means the mail after all.
     */
    private DeliveryException notForUs(SmtpReply refusal, MessagingException e) {
        boolean connecting = refusal.command().equals(SmtpReply.CONNECT);
        if (connecting && refusal.isFinal()) {
            dependency.refused(refusal.reason());
            dependency.requireBack();
        } else {
            dependency.failed(refusal.reason());
        }
        if (!connecting) {
            long now = System.nanoTime();
            long before = refusedAt;
            refusedAt = now;
            hiddenUntil = refusal.command().equals("MAIL") ? now : now + hiddenFor.toNanos();
            if (before != 0 && tookAt - before > 0 && now - before < MEMORY.toNanos()) {
                return new DeliveryException.Transient(refusal.reason(), String.valueOf(refusal.code()), null, e);
            }
        }
        return new DeliveryException.Later(refusal.reason(), settings.refusedPause());
    }

    void close() {
        connections.close();
        acceptance.close();
    }
}
