package routes.mail.report;

import jakarta.mail.Flags;
import jakarta.mail.MessagingException;
import org.apache.camel.RuntimeCamelException;
import org.eclipse.angus.mail.imap.IMAPFolder;
import org.eclipse.angus.mail.imap.IMAPMessage;
import org.eclipse.angus.mail.imap.IMAPStore;
import org.eclipse.angus.mail.imap.protocol.ListInfo;
import org.jspecify.annotations.Nullable;

/**
 * The folder of an IMAP mailbox whose failures are seen, and that may be one with read rights only ({@code mail.imap.folder.class} of
 * Angus Mail, which wants the class and its constructors public).
 */
public class MailboxFolder extends IMAPFolder {

    /** A folder that is asked for by its name. */
    public MailboxFolder(String name, char separator, IMAPStore store, @Nullable Boolean isNamespace) {
        super(name, separator, store, isNamespace);
    }

    /** A folder that the server has listed. */
    public MailboxFolder(ListInfo listed, IMAPStore store) {
        super(listed, store);
    }

    /**
     * As its own, but Camel takes a checked exception for an empty mailbox.
     *
     * @throws RuntimeCamelException if the server refuses it, or does not answer
     */
    @Override
    public synchronized void open(int mode) {
        try {
            super.open(mode);
        } catch (MessagingException e) {
            throw new RuntimeCamelException(e);
        }
    }

    /** A mail that stays as it is where it may only be read: the server would refuse each mark. */
    @Override
    protected IMAPMessage newIMAPMessage(int number) {
        IMAPMessage mail = new IMAPMessage(this, number) {
            @Override
            public synchronized void setFlags(Flags flags, boolean set) throws MessagingException {
                if (MailboxFolder.this.mode != READ_ONLY) {
                    super.setFlags(flags, set);
                }
            }
        };
        mail.setPeek(true); // so that fetching does not mark it; Camel does that for classes with certain names
        return mail;
    }
}
