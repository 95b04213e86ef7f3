package routes.dev;

import com.icegreen.greenmail.imap.ImapHostManager;
import com.icegreen.greenmail.mail.MovingMessage;
import com.icegreen.greenmail.user.GreenMailUser;
import com.icegreen.greenmail.user.UserImpl;
import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import jakarta.mail.MessagingException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An SMTP server that accepts mail for everybody and delivers it to the {@link Inbox}, never to the world; and an IMAP server with the
 * mailbox that bounces and complaints come back to ({@link MailReporter}), and mail to its address, {@code bounces+anything@...}.
 */
public final class MailServer implements Server {
    private static final Logger LOG = LoggerFactory.getLogger(MailServer.class);
    private static final String HOST = "127.0.0.1";

    /** The name of the mailbox, its login and its password. */
    static final String MAILBOX = "bounces";

    private static final long START_MILLIS = 10_000;

    /**
     * The threads of the connections. A client that dies in the middle of a conversation ends its thread with an exception, which is
     * nobody's failure: outside this group, whoever waits with Awaitility at that moment would take it for theirs.
     */
    private static final ThreadGroup CONNECTIONS = new ThreadGroup("smtp-connections") {
        @Override
        public void uncaughtException(Thread connection, Throwable e) {
            LOG.debug("A client of the SMTP server hung up", e);
        }
    };

    private final int port;
    private final int imapPort;
    private final Inbox inbox;
    private GreenMail server;

    private MailServer(int port, int imapPort, Inbox inbox) {
        this.port = port;
        this.imapPort = imapPort;
        this.inbox = inbox;
        this.server = launch();
    }

    /**
     * Starts a server.
     *
     * @param port its port on the loopback interface
     * @param imapPort that of the mailbox
     * @param inbox where its mails go
     */
    public static MailServer start(int port, int imapPort, Inbox inbox) {
        return new MailServer(port, imapPort, inbox);
    }

    /** Returns the port, as {@code SMTP_PORT} takes it. */
    public int port() {
        return port;
    }

    /** Returns the port of the mailbox, as {@code BOUNCES_PORT} takes it. */
    public int imapPort() {
        return imapPort;
    }

    @Override
    public void kill() {
        close();
    }

    @Override
    public void restart() {
        close();
        server = launch();
    }

    @Override
    public void close() {
        server.stop();
    }

    /** Threads belong to the group of the one that makes them. */
    private GreenMail launch() {
        return CompletableFuture.supplyAsync(
                        this::launchHere, task -> new Thread(CONNECTIONS, task, "smtp-start").start())
                .join();
    }

    /** The port may be another server's for a moment longer, one that has just been closed. */
    private GreenMail launchHere() {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(START_MILLIS);
        while (true) {
            GreenMail starting = create();
            try {
                starting.start();
                return starting;
            } catch (IllegalStateException e) {
                starting.stop();
                if (System.nanoTime() > deadline) {
                    throw e;
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
            }
        }
    }

    private GreenMail create() {
        ServerSetup smtp = new ServerSetup(port, HOST, ServerSetup.PROTOCOL_SMTP);
        ServerSetup imap = new ServerSetup(imapPort, HOST, ServerSetup.PROTOCOL_IMAP);
        smtp.setServerStartupTimeout(START_MILLIS);
        imap.setServerStartupTimeout(START_MILLIS);
        GreenMail created = new GreenMail(new ServerSetup[] {smtp, imap});
        created.getUserManager().setAuthRequired(false); // a login is good, whoever's it is
        ImapHostManager mailboxes = created.getManagers().getImapHostManager();
        GreenMailUser reports = created.setUser(MAILBOX + "@demo.example", MAILBOX, MAILBOX);
        created.getUserManager()
                .setMessageDeliveryHandler(
                        (mail, recipient) -> new Recipient(recipient.getEmail(), mailboxes, inbox, reports));
        return created;
    }

    /** Anybody: one file a mail is enough, so the first of several recipients gets it for all. */
    private static final class Recipient extends UserImpl {
        private final Inbox inbox;
        private final GreenMailUser reports;

        Recipient(String email, ImapHostManager mailboxes, Inbox inbox, GreenMailUser reports) {
            super(email, email, "", mailboxes);
            this.inbox = inbox;
            this.reports = reports;
        }

        @Override
        public void deliver(MovingMessage mail) {
            if (!mail.getToAddresses().iterator().next().getEmail().equals(getEmail())) {
                return;
            }
            try {
                if (getEmail().matches(MAILBOX + "([+].*)?@.*")) {
                    reports.deliver(mail.getMessage());
                    return;
                }
                ByteArrayOutputStream source = new ByteArrayOutputStream();
                mail.getMessage().writeTo(source);
                inbox.add(source.toByteArray());
                MailReporter.about(mail, getEmail()).ifPresent(reports::deliver);
            } catch (IOException | MessagingException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
