package routes.mail.smtp;

import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.URLName;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.Objects;
import org.eclipse.angus.mail.smtp.SMTPTransport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import routes.mail.MailSettings;

/** A session with the SMTP server, for one mail after the other, that tracks how far each has come. */
final class SmtpConnection extends SMTPTransport {

    private static final Logger LOG = LoggerFactory.getLogger(SmtpConnection.class);

    /** A connection that was idle for this long is checked (NOOP) before it is used; a busy one is not. */
    private static final Duration QUIET = Duration.ofSeconds(1);

    private final Acceptance acceptance;
    private @Nullable Socket socket;
    private Step step = Step.NONE;
    private int mails;
    private boolean over;
    private long usedAt = System.nanoTime();

    /** The steps of a mail (RFC 5321, section 3.3). */
    private enum Step {
        NONE,
        MAIL,
        RCPT,
        DATA,
        END
    }

    /**
     * A connection that is not open yet.
     *
     * @param session with {@link Sockets}
     */
    SmtpConnection(Session session, Acceptance acceptance) {
        super(session, new URLName("smtp", null, -1, null, null, null));
        this.acceptance = acceptance;
    }

    /**
     * Connects to the server of the session, and logs in.
     *
     * @throws Unwelcome when the server answered that it does not want this client
     */
    void open(MailSettings.Server at) throws MessagingException {
        try {
            connect(at.username(), at.password());
            socket = Sockets.takeLast();
            usedAt = System.nanoTime();
        } catch (MessagingException e) {
            if (getLastReturnCode() >= 400) {
                throw new Unwelcome(new SmtpReply(getLastReturnCode(), getLastServerResponse(), SmtpReply.CONNECT), e);
            }
            throw e;
        }
    }

    /** The server answered, but refused this client. */
    static final class Unwelcome extends MessagingException {
        private final transient SmtpReply refusal;

        private Unwelcome(SmtpReply refusal, MessagingException cause) {
            super(refusal.reason(), cause);
            this.refusal = refusal;
        }

        SmtpReply refusal() {
            return refusal;
        }
    }

    void send(MimeMessage mail) throws MessagingException {
        mails++;
        step = Step.NONE;
        sendMessage(mail, mail.getAllRecipients());
        usedAt = System.nanoTime();
    }

    @Override
    protected void mailFrom() throws MessagingException {
        step = Step.MAIL;
        super.mailFrom();
    }

    @Override
    protected void rcptTo() throws MessagingException {
        step = Step.RCPT;
        super.rcptTo();
    }

    @Override
    protected OutputStream data() throws MessagingException {
        step = Step.DATA;
        return super.data();
    }

    @Override
    protected void finishData() throws IOException, MessagingException {
        step = Step.END;
        Socket open = Objects.requireNonNull(socket);
        int usual = open.getSoTimeout();
        open.setSoTimeout((int) acceptance.longest().toMillis());
        try (Acceptance.Wait unused = acceptance.begin(open)) {
            super.finishData();
        } finally {
            if (!open.isClosed()) {
                open.setSoTimeout(usual);
            }
        }
    }

    /** Whether it can send another mail: it is not at its limit, and if it was idle it answers NOOP. */
    boolean isGood(int limit) {
        boolean quiet = System.nanoTime() - usedAt > QUIET.toNanos();
        return !over && mails < limit && (!quiet || isConnected());
    }

    /** Whether the server closed it before the mail began, as it may between two mails (RFC 5321, section 3.8). */
    boolean wasStale(MessagingException failure, @Nullable SmtpReply refusal) {
        boolean ended =
                refusal == null ? failure.getNextException() instanceof SocketException : refusal.isEndOfConversation();
        return mails > 1 && step == Step.MAIL && ended;
    }

    /** Whether it ended at a point where the server may have accepted the mail. */
    boolean mayHaveSent(@Nullable SmtpReply refusal) {
        return step == Step.END && (refusal == null || refusal.isHangUp());
    }

    /** Why it failed: the library's words, and its cause's, since of an answer that did not come the library just says so. */
    static String reason(MessagingException failure) {
        Exception cause = failure.getNextException();
        return cause == null || cause.getMessage() == null
                ? String.valueOf(failure.getMessage())
                : "%s: %s".formatted(failure.getMessage(), cause.getMessage());
    }

    /** The next mail must not inherit a failed one's state: reset (RSET), or give up the connection. */
    void recover(@Nullable SmtpReply refusal) {
        if (refusal == null || refusal.isEndOfConversation()) {
            over = true;
            return;
        }
        try {
            issueCommand("RSET", 250);
            usedAt = System.nanoTime();
        } catch (MessagingException e) {
            LOG.debug("The SMTP server did not reset after a mail: {}", e.getMessage());
            over = true;
        }
    }

    /** It is closed even if the server hangs up before QUIT; an earlier failure is the one that counts. */
    void end() {
        try {
            close();
        } catch (MessagingException e) {
            LOG.debug("The SMTP server hung up before QUIT: {}", e.getMessage());
        }
    }
}
