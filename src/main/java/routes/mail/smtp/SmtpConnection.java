package routes.mail.smtp;

import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.URLName;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.io.OutputStream;
import java.net.SocketException;
import java.time.Duration;
import org.eclipse.angus.mail.smtp.SMTPTransport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import routes.mail.MailSettings;

/** A conversation with the SMTP server, for one mail after the other, that knows how far it has come with each. */
final class SmtpConnection extends SMTPTransport {

    private static final Logger LOG = LoggerFactory.getLogger(SmtpConnection.class);

    /** A connection that was quiet for so long is asked before it is used (NOOP); one that is busy needs no asking. */
    private static final Duration QUIET = Duration.ofSeconds(1);

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

    SmtpConnection(Session session) {
        super(session, new URLName("smtp", null, -1, null, null, null));
    }

    /**
     * Connects and logs in.
     *
     * @throws Unwelcome when the server answered that it does not want this client
     */
    void open(MailSettings settings) throws MessagingException {
        try {
            connect(settings.host(), settings.port(), settings.username(), settings.password());
        } catch (MessagingException e) {
            if (getLastReturnCode() >= 400) {
                throw new Unwelcome(new SmtpReply(getLastReturnCode(), getLastServerResponse(), SmtpReply.CONNECT), e);
            }
            throw e;
        }
    }

    /** The server answered, and not with a welcome. */
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
        super.finishData();
    }

    /** Whether another mail can be sent on it: it is not at its limit, and where it lay quiet it answers NOOP. */
    boolean isGood(int limit) {
        boolean quiet = System.nanoTime() - usedAt > QUIET.toNanos();
        return !over && mails < limit && (!quiet || isConnected());
    }

    /** Whether the server had ended it before it was told of the mail, as it may between two (RFC 5321, section 3.8). */
    boolean wasStale(MessagingException failure, @Nullable SmtpReply refusal) {
        boolean ended =
                refusal == null ? failure.getNextException() instanceof SocketException : refusal.isEndOfConversation();
        return mails > 1 && step == Step.MAIL && ended;
    }

    /** Whether it ended where the server may have accepted the mail. */
    boolean mayHaveSent(@Nullable SmtpReply refusal) {
        return step == Step.END && (refusal == null || refusal.isHangUp());
    }

    /** Whatever went wrong, the next mail shall not inherit it: the server forgets the mail (RSET), or it is over. */
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

    /** It is closed all the same when the server hangs up before QUIT; and what failed before that is what counts. */
    void end() {
        try {
            close();
        } catch (MessagingException e) {
            LOG.debug("The SMTP server hung up before QUIT: {}", e.getMessage());
        }
    }
}
