package routes.mail.report;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.regex.Pattern.CASE_INSENSITIVE;
import static java.util.regex.Pattern.MULTILINE;

import jakarta.mail.MessagingException;
import jakarta.mail.internet.InternetHeaders;
import jakarta.mail.internet.MimeUtility;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import routes.event.Sha256;
import routes.mail.Mails;
import routes.mail.Verp;
import routes.mail.report.MailReport.Kind;
import routes.mail.smtp.SmtpReply;

/**
 * Reads the mails that come back: bounces (RFC 3464, and those of servers that write text), complaints (RFC 5965), and what counts as
 * neither. Which delivery one is about is known only from the Message-ID that this service gave the mail, or from the envelope sender
 * ({@link Verp}); an address alone proves nothing, since anybody can write to a mailbox.
 */
@Component
public class ReportReader {

    private static final int MAX_REASON = 500;

    /** What matters of a report comes before the mail that it returns, or is in the header of that. */
    private static final int MAX_BYTES = 256 * 1024;

    /** The library holds kilobytes for each part. */
    private static final int MAX_BOUNDARIES = 500;

    /** A mail of this service has one recipient, whose address may stand for some. */
    private static final int MAX_GROUPS = 20;

    private static final Pattern BOUNDARY = Pattern.compile("^--", MULTILINE);

    /** An enhanced status code (RFC 3463) that is neither a part of an IP address nor of a number. */
    private static final String ENHANCED = "[45]\\.\\d{1,3}\\.\\d{1,3}(?![\\d.]*\\d)";

    private static final Pattern STATUS = Pattern.compile("(?<![\\d.])" + ENHANCED);

    /** A server's answer (RFC 5321, section 4.2, and RFC 2034), wherever a text quotes it. */
    private static final Pattern REPLY = Pattern.compile("(?<![\\w.])([45]\\d\\d)[ -](" + ENHANCED + ")?\\s*");

    private static final Pattern ADDRESS = Pattern.compile("[^\\s<>;,:\"()@]{1,64}@[^\\s<>;,:\"()@]{1,255}");
    private static final Pattern ID = Pattern.compile("<[^<>\\s]*>");
    private static final Pattern MESSAGE_ID = ignoringCase("^[> ]*Message-ID:\\s*(<[^>\\s]*>)");

    /** Above its reason, qmail names the recipient. */
    private static final Pattern LISTED = Pattern.compile("^[ \\t]*<([^<>\\s]{1,320})>:", MULTILINE);

    /** Where a text bounce stops to speak for itself, and begins to quote the mail. */
    private static final Pattern QUOTED =
            ignoringCase("^[> ]*(-{2,} ?(this is a copy|below this line|original message|unsent message"
                    + "|returned mail|message header)|(received|return-path|message-id|dkim-signature):)");

    /** Who writes bounces as text: Exim, qmail, Postfix and Sendmail, MDaemon, Exchange. No person, and no vacation responder. */
    private static final Pattern DAEMON = ignoringCase(
            "(mailer-daemon|mail-daemon|mdaemon|postmaster|mail\\.?delivery\\S{0,64}|microsoftexchange\\w{0,64})@");

    private static final Pattern FAILED = ignoringCase(
            "permanent (fatal )?error|could not be delivered|couldn't be delivered"
                    + "|wasn't able to deliver|unable to deliver|failed permanently|undeliverable|delivery (has )?failed|failure notice");

    private static final Pattern DELAYED =
            ignoringCase("delayed|not (yet )?been delivered|still being|no action is required"
                    + "|will (be retried|retry|keep trying|continue)");

    /** What responders set in the header (RFC 3834, section 5), and receipts. */
    private static final Pattern AUTOMATIC =
            ignoringCase("^(auto-submitted: *auto|precedence: *(bulk|junk|list|auto_reply)|list-id:"
                    + "|x-auto(reply|respond|-response-suppress):|content-type: *multipart/report)");

    /** How mail programs title automatic answers, in the languages of most, and those that ask the sender to prove something. */
    private static final Pattern AUTO_REPLY = ignoringCase(
            "out of (the )?office|auto(matic|mated|-)? ?(reply|response)|on vacation"
                    + "|abwesen|automatische antwort|r\u00e9ponse automatique|respuesta autom\u00e1tica|fuera de (la )?oficina|autosvar"
                    + "|resposta autom\u00e1tica|risposta automatica|fuori sede|automatisch antwoord|automatiskt svar|otomatik yan\u0131t"
                    + "|odpowied\u017a automatyczna|\u0430\u0432\u0442\u043e\u043e\u0442\u0432\u0435\u0442|\u81ea\u52d5\u5fdc\u7b54"
                    + "|\u81ea\u52d5\u8fd4\u4fe1|\u81ea\u52a8\u56de\u590d|(please )?confirm (that )?you|verify (that )?you|sender verification");

    private final Verp verp;

    ReportReader(Verp verp) {
        this.verp = verp;
    }

    private static Pattern ignoringCase(String regex) {
        return Pattern.compile(regex, CASE_INSENSITIVE | Pattern.UNICODE_CASE | MULTILINE);
    }

    /**
     * What a mail says. Whatever it consists of, there is an answer.
     *
     * @param source the mail (RFC 5322); only its beginning is looked at
     */
    public Reading read(byte[] source) {
        String beginning = new String(source, 0, Math.min(source.length, MAX_BYTES), ISO_8859_1);
        if (BOUNDARY.matcher(beginning).results().limit(MAX_BOUNDARIES).count() == MAX_BOUNDARIES) {
            return Reading.notUnderstood("it has too many parts");
        }
        try {
            return read(MailParts.of(beginning.getBytes(ISO_8859_1)));
        } catch (MessagingException | IOException | RuntimeException e) {
            // Also what the library throws without saying so: a mail that fails is not read over and over.
            return Reading.notUnderstood("it is malformed: " + e);
        }
    }

    private Reading read(MailParts mail) throws MessagingException, IOException {
        String subject = oneLine(mail.header("Subject"));
        if (mail.feedback != null) {
            return complaint(mail, headers(mail.feedback));
        }
        if (mail.status != null) {
            return bounce(mail, mail.status);
        }
        if (!mail.header("X-Failed-Recipients").isEmpty()
                || DAEMON.matcher(mail.header("From")).find()) {
            return textBounce(mail, subject);
        }
        return AUTOMATIC.matcher(mail.headers()).find()
                        || AUTO_REPLY.matcher(MimeUtility.decodeText(subject)).find()
                ? Reading.autoReply(subject)
                : Reading.notUnderstood("it is not a report");
    }

    /** A delivery status notification: a group of fields about the message, and one for each recipient (RFC 3464, section 2.1). */
    private Reading bounce(MailParts mail, String status) throws MessagingException {
        StringBuilder actions = new StringBuilder();
        for (String group : status.split("\n[ \\t]*\n", MAX_GROUPS)) {
            InternetHeaders fields = headers(group);
            String action = field(fields, "Action").toLowerCase(Locale.ROOT);
            Matcher code = STATUS.matcher(field(fields, "Status"));
            String enhanced = code.find() ? code.group() : "";
            if (action.startsWith("fail") || (action.isEmpty() && enhanced.startsWith("5."))) {
                String recipient = field(fields, "Original-Recipient");
                String said = field(fields, "Diagnostic-Code").replaceFirst("^[\\w-]+ *; *", "");
                return bounce(mail, recipient.isEmpty() ? field(fields, "Final-Recipient") : recipient, enhanced, said);
            }
            actions.append(action);
        }
        return actions.isEmpty()
                ? Reading.notUnderstood("its delivery status names no action")
                : Reading.noFailure("its action is " + actions);
    }

    /** A bounce of a server that writes text: what is said before the mail is quoted. */
    private Reading textBounce(MailParts mail, String subject) throws MessagingException {
        Matcher quoted = QUOTED.matcher(mail.text);
        String text = quoted.find() ? mail.text.substring(0, quoted.start()) : mail.text.toString();
        boolean failed = FAILED.matcher(subject + "\n" + text).find();
        if (!failed && DELAYED.matcher(subject + "\n" + text).find()) {
            return Reading.noFailure(subject);
        }
        Matcher listed = LISTED.matcher(text);
        String recipient = mail.header("X-Failed-Recipients") + (listed.find() ? " " + listed.group(1) : "");
        Matcher reply = REPLY.matcher(text);
        if (reply.find()) {
            return bounce(mail, recipient, "", text.substring(reply.start()));
        }
        Matcher code = STATUS.matcher(text);
        return failed
                ? bounce(mail, recipient, code.find() ? code.group() : "", text)
                : Reading.notUnderstood("it names no failure");
    }

    private Reading bounce(MailParts mail, String recipient, String status, String text) throws MessagingException {
        String said = oneLine(text);
        Matcher reply = REPLY.matcher(said);
        boolean quotes = reply.lookingAt();
        String enhanced = quotes && reply.group(2) != null ? reply.group(2) : status;
        String code = quotes ? reply.group(1) : enhanced.startsWith("4") ? "450" : "550";
        String answer = oneLine("%s %s %s".formatted(code, enhanced, quotes ? said.substring(reply.end()) : said));
        Kind kind = SmtpReply.saysNoMailbox(Integer.parseInt(code), answer) ? Kind.HARD_BOUNCE : Kind.SOFT_BOUNCE;
        return report(mail, kind, recipient, enhanced.isEmpty() ? null : enhanced, said.isEmpty() ? answer : said);
    }

    private Reading complaint(MailParts mail, InternetHeaders feedback) throws MessagingException {
        String type = field(feedback, "Feedback-Type").toLowerCase(Locale.ROOT);
        String recipient = field(feedback, "Original-Rcpt-To");
        return switch (type) {
            case "abuse", "fraud" -> report(mail, Kind.COMPLAINT, recipient, null, type);
            case "opt-out", "opt-out-list" -> report(mail, Kind.UNSUBSCRIBE, recipient, null, type);
            case "not-spam", "auth-failure" -> Reading.noFailure("its feedback is " + type);
            default -> Reading.notUnderstood("its feedback is " + type);
        };
    }

    private Reading report(MailParts mail, Kind kind, String recipient, @Nullable String code, String reason)
            throws MessagingException {
        Optional<UUID> delivery = delivery(mail);
        if (delivery.isEmpty()) {
            return Reading.notUnderstood("it names no mail of this service: " + reason);
        }
        Matcher address = ADDRESS.matcher(recipient);
        boolean named = address.find() && !recipient.contains("redacted"); // RFC 6590: who complains may be left out
        String id = Sha256.hex(mail.header("Message-ID") + '\0' + mail.source());
        return Reading.of(
                new MailReport("mailbox", id, kind, delivery.get(), named ? address.group() : null, code, reason));
    }

    /** By the address to which it came, or by the mail that it returns; if it returns none, by the one that it answers. */
    private Optional<UUID> delivery(MailParts mail) throws MessagingException {
        Optional<UUID> byAddress =
                verp.delivery(mail.header("To", "Delivered-To", "X-Original-To", "X-Delivered-To", "Envelope-To"));
        if (byAddress.isPresent()) {
            return byAddress;
        }
        // The first: what else is quoted may be about another mail.
        Matcher returned = MESSAGE_ID.matcher(mail.returned.isEmpty() ? mail.text : mail.returned);
        return returned.find()
                ? Mails.delivery(returned.group(1))
                : ID.matcher(mail.header("In-Reply-To", "References"))
                        .results()
                        .map(MatchResult::group)
                        .flatMap(id -> Mails.delivery(id).stream())
                        .findFirst();
    }

    private static InternetHeaders headers(String text) throws MessagingException {
        return new InternetHeaders(new ByteArrayInputStream(text.strip().getBytes(UTF_8)));
    }

    private static String field(InternetHeaders fields, String name) {
        return oneLine(Objects.requireNonNullElse(fields.getHeader(name, null), ""));
    }

    private static String oneLine(String text) {
        String line = text.replaceAll("[\\s\\p{Cntrl}]+", " ").strip();
        return line.length() <= MAX_REASON ? line : line.substring(0, MAX_REASON);
    }
}
