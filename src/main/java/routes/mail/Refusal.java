package routes.mail;

import jakarta.mail.MessagingException;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.angus.mail.smtp.SMTPAddressFailedException;
import org.eclipse.angus.mail.smtp.SMTPSendFailedException;
import org.jspecify.annotations.Nullable;

/**
 * What an SMTP server answered when it did not take a mail.
 *
 * @param code the reply code (RFC 5321, section 4.2.1); {@link #HUNG_UP} where there was none
 * @param text the whole answer
 * @param command what it answered to, such as {@code RCPT}; {@code .} is the end of the mail
 */
record Refusal(int code, String text, String command) {

    /** What the library takes for the reply code of a server that hangs up instead of answering. */
    static final int HUNG_UP = -1;

    /**
     * What the server says to everybody: it is about to hang up (RFC 5321, section 3.8), or it wants another login than it got
     * (RFC 4954, section 6). That is no mail's own failure, and none is given up for it.
     */
    private static final Set<Integer> TO_EVERYBODY = Set.of(421, 530, 534, 535, 538);

    /** The enhanced status code behind the reply code (RFC 2034, section 4). */
    private static final Pattern ENHANCED = Pattern.compile("^\\d{3}[ -](\\d\\.\\d{1,3}\\.\\d{1,3})(?!\\S)");

    /**
     * There is no such mailbox (RFC 3463, section 3.2), or it takes nothing any more (5.2.1). Not among them are 5.1.7 and
     * 5.1.8, which speak of the sender, 5.1.9, and all that is policy or content (5.3 to 5.7).
     */
    private static final Pattern NO_MAILBOX = Pattern.compile("5\\.(1\\.([0-6]|10)|2\\.1)");

    /** The answer behind a failure, which the library hangs at different places of a chain; null when there was none. */
    static @Nullable Refusal of(MessagingException failure) {
        Refusal found = null;
        for (Exception e = failure; e instanceof MessagingException chained; e = chained.getNextException()) {
            if (e instanceof SMTPAddressFailedException address) {
                found = new Refusal(address.getReturnCode(), String.valueOf(address.getMessage()), "RCPT");
            } else if (e instanceof SMTPSendFailedException send && found == null) {
                found = new Refusal(send.getReturnCode(), String.valueOf(send.getMessage()), verb(send.getCommand()));
            }
        }
        return found;
    }

    private static String verb(String command) {
        return command.split(" ", 2)[0];
    }

    boolean isHangUp() {
        return code == HUNG_UP;
    }

    /** Whether it has nothing to do with the mail. */
    boolean isToEverybody() {
        return isHangUp() || TO_EVERYBODY.contains(code);
    }

    /** Whether the mail is refused for good. */
    boolean isFinal() {
        return code >= 500 && !isToEverybody();
    }

    /** Whether the conversation is over, so that no other mail can follow on it. */
    boolean isEndOfConversation() {
        return isHangUp() || code == 421;
    }

    /** Whether the recipient's mailbox is not there, so that no other mail would reach it either. */
    boolean isOfNoMailbox() {
        Matcher enhanced = ENHANCED.matcher(text);
        return isFinal()
                && !command.equals("MAIL")
                && enhanced.find()
                && NO_MAILBOX.matcher(enhanced.group(1)).matches();
    }
}
