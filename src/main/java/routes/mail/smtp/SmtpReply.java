package routes.mail.smtp;

import jakarta.mail.MessagingException;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.angus.mail.smtp.SMTPAddressFailedException;
import org.eclipse.angus.mail.smtp.SMTPSendFailedException;
import org.jspecify.annotations.Nullable;
import routes.background.Masking;

/**
 * An SMTP server's answer that refused a mail, and {@linkplain #about() whom} it is about. Reply codes
 * are those of RFC 5321 (section 4.2) and RFC 4954 (section 6), enhanced codes those of RFC 3463 and of IANA's registry
 * (Simple Mail Transfer Protocol Enhanced Status Codes); where the text says more, as servers document it.
 *
 * @param code the reply code (RFC 5321, section 4.2.1); {@link #HUNG_UP} if there was none
 * @param text the whole answer
 * @param command the command that it answered, such as {@code RCPT}; {@code .} is the end of the mail, {@link #CONNECT}
 *     everything before a mail
 */
public record SmtpReply(int code, String text, String command) {

    /** The library's reply code for a server that hangs up instead of answering. */
    static final int HUNG_UP = -1;

    /** Greeting, EHLO, STARTTLS and AUTH. */
    static final String CONNECT = "the connection";

    /** Whom an answer is about. */
    enum About {
        /** Nobody: the server is about to hang up (RFC 5321, section 3.8), or it has. */
        SERVER,
        /** This service: its login, its host, its EHLO name, its quota. No other mail would be accepted. */
        CLIENT,
        /** The mail's sender: no other mail from it would be accepted. */
        SENDER,
        /** The recipient's mailbox: it does not exist, and no other mail would reach it. */
        MAILBOX,
        /** This mail, to this recipient. */
        MAIL
    }

    /**
     * It wants another login, or TLS first (454, 530, 534, 535, 538: RFC 4954; 523 to 525: RFC 5248; 454 is also Amazon SES's throttling and Postfix's
     * "Relay access denied"), does not like the EHLO name (504, as Postfix has it), or accepts no mail at all (521, RFC 7504).
     */
    private static final Set<Integer> CLIENT_CODES = Set.of(454, 504, 521, 523, 524, 525, 530, 534, 535, 538);

    /** The enhanced status code behind the reply code (RFC 2034, section 4). */
    private static final Pattern ENHANCED = Pattern.compile("^\\d{3}[ -]([245]\\.\\d{1,3}\\.\\d{1,3})(?!\\S)");

    /**
     * Reverse DNS (x.7.25) and a flood (x.7.28): RFC 7372 and IANA. Login codes are above: Yahoo uses 5.7.9 for content.
     * Gmail's sending limit of an account (5.4.5). Exchange Online's banned and throttled clients (5.7.5xx to 5.7.7xx).
     */
    private static final Pattern CLIENT_ENHANCED = Pattern.compile("[45]\\.(7\\.(25|28|5[47]|[567]\\d\\d)|4\\.5)");

    /** The sender's mailbox or system (x.1.7, x.1.8: RFC 3463), SPF, DKIM and DMARC (RFC 7372), and those of Exchange Online. */
    private static final Pattern SENDER_ENHANCED = Pattern.compile("[45]\\.(1\\.[78]|7\\.(2[0-4679]|60|509|515))");

    /**
     * No such mailbox, system or syntax (5.1.1 to 5.1.3), it has moved (5.1.6), the domain accepts no mail (5.1.10, RFC 7505;
     * Exchange Online: not found), it is disabled (5.2.1). Not 5.1.0, which only means "address", the sender's, too.
     */
    private static final Pattern MAILBOX_ENHANCED = Pattern.compile("5\\.(1\\.([1236]|10)|2\\.1)");

    /** Enhanced codes that say too little: then the text counts. Exchange Online answers 5.4.1 for recipients in no directory. */
    private static final Pattern UNSPECIFIC = Pattern.compile("5\\.(0\\.0|1\\.0|4\\.1|5\\.0)");

    /**
     * Words of Postfix, Exim, Sendmail and Exchange Online. Each contains a space, which an address cannot: nobody can sign up with one.
     */
    private static final Pattern CLIENT_WORDS =
            Pattern.compile("client host|helo command|relay access denied|relay not permitted"
                    + "|relaying denied|unable to relay|client was not auth|sending (limit|quota)");

    private static final Pattern SENDER_WORDS =
            Pattern.compile("sender (address|denied|rejected|domain|is|not|verif|unauth)"
                    + "|(this|the|your|invalid|bad|envelope) sender(?![@.\\w-])|from address");

    /** Postfix, Sendmail, qmail, Exim, Yahoo, Exchange Online. */
    private static final Pattern MAILBOX_WORDS = Pattern.compile(
            "user unknown|unknown (user|recipient)|no such (user|recipient|mailbox|person)"
                    + "|(user|recipient|mailbox|account) (not found|does not exist|doesn't exist)|no mailbox here|unrouteable address"
                    + "|user doesn't have an? \\S+ account|mailbox is disabled|recipient address rejected: access denied");

    /** The answer behind a failure, which the library puts at different places of the exception chain; null if there was none. */
    static @Nullable SmtpReply of(MessagingException failure) {
        SmtpReply found = null;
        for (Exception e = failure; e instanceof MessagingException chained; e = chained.getNextException()) {
            if (e instanceof SMTPAddressFailedException address) {
                found = new SmtpReply(address.getReturnCode(), String.valueOf(address.getMessage()), "RCPT");
            } else if (e instanceof SMTPSendFailedException send && found == null) {
                found = new SmtpReply(send.getReturnCode(), String.valueOf(send.getMessage()), verb(send.getCommand()));
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

    /** Whom the answer is about. */
    About about() {
        if (isEndOfConversation()) {
            return About.SERVER;
        }
        Matcher matcher = ENHANCED.matcher(text);
        String enhanced = matcher.find() ? matcher.group(1) : "";
        String words = Masking.maskAddresses(text).toLowerCase(Locale.ROOT);
        if (SENDER_ENHANCED.matcher(enhanced).matches()
                || SENDER_WORDS.matcher(words).find()) {
            return About.SENDER;
        }
        if (command.equals(CONNECT)
                || CLIENT_CODES.contains(code)
                || CLIENT_ENHANCED.matcher(enhanced).matches()
                || CLIENT_WORDS.matcher(words).find()) {
            return About.CLIENT;
        }
        if (command.equals("MAIL")) {
            return code >= 550 && code != 552
                    ? About.SENDER
                    : About.MAIL; // 552 is about its size (RFC 1870, section 6.1)
        }
        boolean saysLittle = enhanced.isEmpty() || UNSPECIFIC.matcher(enhanced).matches();
        boolean noMailbox = saysLittle
                ? MAILBOX_WORDS.matcher(words).find()
                : MAILBOX_ENHANCED.matcher(enhanced).matches();
        return isFinal() && noMailbox ? About.MAILBOX : About.MAIL;
    }

    /**
     * Whether a bounce says that the mailbox does not exist, or accepts no mail at all: by the rules for an answer to RCPT.
     *
     * @param code its reply code
     * @param answer the whole answer, such as {@code 550 5.1.1 user unknown}
     */
    public static boolean saysNoMailbox(int code, String answer) {
        return new SmtpReply(code, answer, "RCPT").about() == About.MAILBOX;
    }

    /** Whether an enhanced status code (RFC 3463) is one of a mailbox that does not exist, or says too little to rule it out. */
    public static boolean mayMeanNoMailbox(String enhanced) {
        return MAILBOX_ENHANCED.matcher(enhanced).matches()
                || UNSPECIFIC.matcher(enhanced).matches();
    }

    /** Whether it is permanent. */
    boolean isFinal() {
        return code >= 500;
    }

    /** Whether the session is over, so that no other mail can follow. */
    boolean isEndOfConversation() {
        return isHangUp() || code == 421;
    }

    /** What was refused, with the answer. */
    String reason() {
        if (isHangUp()) {
            return "the SMTP server hung up";
        }
        String what =
                switch (command) {
                    case "MAIL" -> "the sender";
                    case "RCPT" -> "the recipient";
                    case CONNECT -> CONNECT;
                    default -> "the mail";
                };
        return "the SMTP server refused %s: %s".formatted(what, text.strip());
    }
}
