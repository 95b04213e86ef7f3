package routes.mail.report;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.regex.Pattern.CASE_INSENSITIVE;
import static java.util.regex.Pattern.MULTILINE;

import jakarta.mail.MessagingException;
import jakarta.mail.internet.InternetHeaders;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeUtility;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UnsupportedEncodingException;
import java.util.List;
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

    private static final Pattern BOUNDARY = Pattern.compile("^--", MULTILINE);

    /** An enhanced status code (RFC 3463) that is neither a part of an IP address nor of a number. */
    private static final String ENHANCED = "[45]\\.\\d{1,3}\\.\\d{1,3}(?![\\d.]*\\d)";

    private static final Pattern STATUS = Pattern.compile("(?<![\\d.])" + ENHANCED);

    /** A server's answer (RFC 5321, section 4.2, and RFC 2034), wherever a text quotes it. */
    private static final Pattern REPLY = Pattern.compile("(?<![\\w.])([45]\\d\\d)[ -](" + ENHANCED + ")?\\s*");

    private static final Pattern ADDRESS = Pattern.compile("[^\\s<>;,:\"()@]{1,64}@[^\\s<>;,:\"()@]{1,255}");
    private static final Pattern MESSAGE_ID =
            Pattern.compile("^[> ]*Message-ID:\\s*(<[^>\\s]*>)", CASE_INSENSITIVE | MULTILINE);
    private static final Pattern ANY_ID = Pattern.compile("<[^>\\s]*>");

    /** Where a text bounce stops to speak for itself, and begins to quote the mail. */
    private static final Pattern QUOTED = Pattern.compile(
            "^[> ]*(-{2,} ?(this is a copy|below this line|original message|unsent message|returned mail|message header)"
                    + "|(received|return-path|message-id|dkim-signature):)",
            CASE_INSENSITIVE | MULTILINE);

    /** Who writes bounces as text: Exim, qmail, Postfix and Sendmail, MDaemon, Exchange. No person, and no vacation responder. */
    private static final Pattern DAEMON = Pattern.compile(
            "(mailer-daemon|mail-daemon|mdaemon|postmaster|mail\\.?delivery\\S*|microsoftexchange\\w*)@",
            CASE_INSENSITIVE);

    private static final Pattern FAILED = Pattern.compile(
            "permanent (fatal )?error|could not be delivered|couldn't be delivered|wasn't able to deliver|unable to deliver"
                    + "|failed permanently|undeliverable|delivery (has )?failed|failure notice|returned to sender",
            CASE_INSENSITIVE);

    private static final Pattern DELAYED = Pattern.compile(
            "delayed|not yet been delivered|not been delivered yet|still being|will (be retried|retry|keep trying|continue)"
                    + "|no action is required",
            CASE_INSENSITIVE);

    /** Automatic answers as mail programs title them, in the languages of most, and those that ask the sender to prove something. */
    private static final Pattern AUTO_REPLY = Pattern.compile(
            "out of (the )?office|auto(matic|mated|-)? ?(reply|response|replied)|on vacation|away from|abwesen|automatische antwort"
                    + "|r\u00e9ponse automatique|absence du bureau|absent|respuesta autom\u00e1tica|fuera de (la )?oficina"
                    + "|resposta autom\u00e1tica|risposta automatica|fuori sede|automatisch antwoord|afwezig|autosvar|automatiskt? svar"
                    + "|odpowied\u017a automatyczna|automatyczna odpowied\u017a|\u0430\u0432\u0442\u043e\u043e\u0442\u0432\u0435\u0442"
                    + "|\u81ea\u52d5\u5fdc\u7b54|\u81ea\u52d5\u8fd4\u4fe1|\u4e0d\u5728\u306e|\u81ea\u52a8\u56de\u590d|otomatik yan\u0131t"
                    + "|(please )?confirm (that )?(you|your)|verify (that )?you|sender verification|awaits moderator|^(read|gelesen):",
            CASE_INSENSITIVE | Pattern.UNICODE_CASE);

    /** Where servers write down to which address a mail came. */
    private static final List<String> RECIPIENTS =
            List.of("To", "Delivered-To", "X-Original-To", "X-Delivered-To", "Envelope-To");

    private final Verp verp;

    ReportReader(Verp verp) {
        this.verp = verp;
    }

    /**
     * What a mail says. Whatever it consists of, there is an answer, which takes time and memory in proportion to its size.
     *
     * @param source the whole mail (RFC 5322), of a size that the caller has bounded
     */
    public Reading read(byte[] source) {
        String beginning = new String(source, 0, Math.min(source.length, MAX_BYTES), ISO_8859_1);
        if (BOUNDARY.matcher(beginning).results().limit(MAX_BOUNDARIES + 1).count() > MAX_BOUNDARIES) {
            return Reading.notUnderstood("it has too many parts");
        }
        try {
            MimeMessage mail = new MimeMessage(null, new ByteArrayInputStream(beginning.getBytes(ISO_8859_1)));
            return read(mail, MailParts.of(mail));
        } catch (MessagingException | IOException | RuntimeException e) {
            // Also what the library throws without saying so: a mail that fails each time would be read for as long as
            // it is there.
            return Reading.notUnderstood("it is malformed: " + e);
        }
    }

    private Reading read(MimeMessage mail, MailParts parts) throws MessagingException, IOException {
        String subject = subject(mail);
        if (parts.feedback() != null) {
            return complaint(mail, parts, headers(parts.feedback()));
        }
        if (parts.status() != null) {
            return bounce(mail, parts, parts.status());
        }
        String complained = headers(parts.returned())
                .getHeader("X-HmXmrOriginalRecipient", null); // Outlook.com's, in no report format
        if (complained != null) {
            return report(mail, parts, Kind.COMPLAINT, complained, null, subject);
        }
        String failed = mail.getHeader("X-Failed-Recipients", ","); // Exim
        if (failed != null || DAEMON.matcher(header(mail, "From")).find()) {
            return textBounce(mail, parts, subject, failed);
        }
        return isAutoReply(mail, subject)
                ? Reading.autoReply(subject)
                : Reading.notUnderstood("it is not a report: " + subject);
    }

    /** A delivery status notification: a group of fields about the message, and one for each recipient (RFC 3464, section 2.1). */
    private Reading bounce(MimeMessage mail, MailParts parts, String status) throws MessagingException, IOException {
        String actions = "";
        for (String group : status.split("\\R[ \\t]*\\R")) {
            InternetHeaders fields = headers(group);
            String action = field(fields, "Action").toLowerCase(Locale.ROOT);
            actions += " " + action;
            Matcher code = STATUS.matcher(field(fields, "Status"));
            String enhanced = code.find() ? code.group() : "";
            if (action.startsWith("fail") || (action.isEmpty() && enhanced.startsWith("5."))) {
                String said = field(fields, "Diagnostic-Code").replaceFirst("^[\\w-]+ *; *", "");
                String original = field(fields, "Original-Recipient");
                return bounce(
                        mail, parts, original.isEmpty() ? field(fields, "Final-Recipient") : original, enhanced, said);
            }
        }
        return actions.isBlank()
                ? Reading.notUnderstood("its delivery status names no action")
                : Reading.noFailure("its action is" + actions);
    }

    /** A bounce of a server that writes text: what is said before the mail is quoted. */
    private Reading textBounce(MimeMessage mail, MailParts parts, String subject, @Nullable String failed)
            throws MessagingException {
        Matcher quoted = QUOTED.matcher(parts.text());
        String text = quoted.find() ? parts.text().substring(0, quoted.start()) : parts.text();
        String all = subject + "\n" + text;
        boolean isFinal = FAILED.matcher(all).find();
        if (!isFinal && DELAYED.matcher(all).find()) {
            return Reading.noFailure(subject);
        }
        Matcher reply = REPLY.matcher(text);
        Matcher code = STATUS.matcher(text);
        if (reply.find()) {
            return bounce(mail, parts, recipient(failed, text), "", text.substring(reply.start()));
        }
        return isFinal
                ? bounce(mail, parts, recipient(failed, text), code.find() ? code.group() : "", text)
                : Reading.notUnderstood("it names no failure: " + subject);
    }

    /** The one that the header names, or qmail above its reason. */
    private static String recipient(@Nullable String failed, String text) {
        Matcher listed =
                Pattern.compile("^[ \\t]*<([^<>\\s]{1,320})>:", MULTILINE).matcher(text);
        return failed != null ? failed : listed.find() ? listed.group(1) : "";
    }

    private Reading bounce(MimeMessage mail, MailParts parts, String recipient, String status, String text)
            throws MessagingException {
        String said = oneLine(text);
        Matcher reply = REPLY.matcher(said);
        boolean quotes = reply.lookingAt();
        String enhanced = quotes && reply.group(2) != null ? reply.group(2) : status;
        String code = quotes ? reply.group(1) : enhanced.startsWith("4") ? "450" : "550";
        String answer = "%s %s %s".formatted(code, enhanced, quotes ? said.substring(reply.end()) : said);
        boolean hard = SmtpReply.saysNoMailbox(Integer.parseInt(code), answer.replace("  ", " "));
        String reason = said.isEmpty() ? "status " + enhanced : said;
        return report(
                mail,
                parts,
                hard ? Kind.HARD_BOUNCE : Kind.SOFT_BOUNCE,
                recipient,
                enhanced.isEmpty() ? null : enhanced,
                reason);
    }

    private Reading complaint(MimeMessage mail, MailParts parts, InternetHeaders feedback) throws MessagingException {
        String type = field(feedback, "Feedback-Type").toLowerCase(Locale.ROOT);
        String recipient = field(feedback, "Original-Rcpt-To");
        return switch (type) {
            case "abuse", "fraud" -> report(mail, parts, Kind.COMPLAINT, recipient, null, type);
            case "opt-out", "opt-out-list" -> report(mail, parts, Kind.UNSUBSCRIBE, recipient, null, type);
            case "not-spam", "auth-failure" -> Reading.noFailure("its feedback is " + type);
            default -> Reading.notUnderstood("its feedback is " + type);
        };
    }

    private Reading report(
            MimeMessage mail, MailParts parts, Kind kind, String recipient, @Nullable String code, String reason)
            throws MessagingException {
        Optional<UUID> delivery = delivery(mail, parts);
        if (delivery.isEmpty()) {
            return Reading.notUnderstood("it names no mail of this service: " + subject(mail));
        }
        Matcher address = ADDRESS.matcher(recipient);
        // RFC 6590: who complains may be left out.
        String named =
                address.find() && !address.group().toLowerCase(Locale.ROOT).contains("redacted")
                        ? address.group()
                        : null;
        String id = Sha256.hex(mail.getMessageID() + '\0' + parts.source());
        return Reading.of(new MailReport("mailbox", id, kind, delivery.get(), named, code, oneLine(reason)));
    }

    /** By the address to which it came, or by the mail that it returns; if it returns none, by the one that it answers. */
    private Optional<UUID> delivery(MimeMessage mail, MailParts parts) throws MessagingException {
        StringBuilder addresses = new StringBuilder();
        for (String name : RECIPIENTS) {
            addresses.append(header(mail, name)).append(' ');
        }
        Optional<UUID> byAddress = verp.delivery(addresses.toString());
        if (byAddress.isPresent()) {
            return byAddress;
        }
        // The first: what else is quoted may be about another mail.
        Matcher returned = MESSAGE_ID.matcher(parts.returned().isEmpty() ? parts.text() : parts.returned());
        return returned.find()
                ? Mails.delivery(returned.group(1))
                : ANY_ID.matcher(header(mail, "In-Reply-To") + header(mail, "References"))
                        .results()
                        .map(MatchResult::group)
                        .flatMap(id -> Mails.delivery(id).stream())
                        .findFirst();
    }

    /** RFC 3834, section 5, and what else responders set or write. */
    private static boolean isAutoReply(MimeMessage mail, String subject) throws MessagingException {
        String submitted = header(mail, "Auto-Submitted").toLowerCase(Locale.ROOT);
        return (!submitted.isEmpty() && !submitted.startsWith("no"))
                || header(mail, "Precedence").toLowerCase(Locale.ROOT).matches("bulk|junk|list|auto_reply")
                || mail.getHeader("X-Autoreply") != null
                || mail.getHeader("X-Autorespond") != null
                || mail.getHeader("List-Id") != null
                || mail.getContentType().toLowerCase(Locale.ROOT).contains("disposition-notification")
                || AUTO_REPLY.matcher(subject).find();
    }

    private static InternetHeaders headers(String text) throws MessagingException {
        return new InternetHeaders(new ByteArrayInputStream(text.strip().getBytes(UTF_8)));
    }

    private static String field(InternetHeaders fields, String name) {
        return oneLine(Objects.requireNonNullElse(fields.getHeader(name, null), ""));
    }

    /** Not the library's, which takes long for one with many lines. */
    private static String subject(MimeMessage mail) throws MessagingException {
        String subject = oneLine(header(mail, "Subject"));
        try {
            return MimeUtility.decodeText(subject);
        } catch (UnsupportedEncodingException e) {
            return subject;
        }
    }

    private static String header(MimeMessage mail, String name) throws MessagingException {
        return Objects.requireNonNullElse(mail.getHeader(name, " "), "");
    }

    private static String oneLine(String text) {
        String line = text.replaceAll("[\\s\\p{Cntrl}]+", " ").strip();
        return line.length() <= MAX_REASON ? line : line.substring(0, MAX_REASON);
    }
}
