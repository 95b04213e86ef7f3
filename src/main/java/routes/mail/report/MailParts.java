package routes.mail.report;

import static java.nio.charset.StandardCharsets.UTF_8;

import jakarta.mail.MessagingException;
import jakarta.mail.Multipart;
import jakarta.mail.Part;
import jakarta.mail.internet.MimeBodyPart;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimePart;
import jakarta.mail.internet.MimeUtility;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collections;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The parts of a mail that a report consists of, as text, the first of each. */
final class MailParts {

    private static final int MAX_PARTS = 50;
    private static final int MAX_DEPTH = 5;
    private static final int MAX_BYTES = 64 * 1024;

    /** Far more than a mail server writes. Somebody may fill a mail with one field, and make each look at it take long. */
    private static final int MAX_VALUE = 4 * 1024;

    /** What is written to be read by people. */
    final StringBuilder text = new StringBuilder();

    /** The header, and what else there is, of the mail that is returned; empty if none is. */
    String returned = "";

    /** The fields of a bounce (RFC 3464, section 2.1; RFC 6533, section 6). */
    @Nullable
    String status;

    /** The fields of a complaint (RFC 5965, section 2). */
    @Nullable
    String feedback;

    private final MimeMessage mail;
    private int parts;

    private MailParts(MimeMessage mail) {
        this.mail = mail;
    }

    static MailParts of(byte[] source) throws MessagingException, IOException {
        MailParts all = new MailParts(new MimeMessage(null, new ByteArrayInputStream(source)));
        all.add(all.mail, 0);
        return all;
    }

    /** The values of these fields, with blanks between them, of each name the first 4,096 characters. */
    String header(String... names) throws MessagingException {
        StringBuilder values = new StringBuilder();
        for (String name : names) {
            String value = Objects.requireNonNullElse(mail.getHeader(name, " "), "");
            values.append(value, 0, Math.min(value.length(), MAX_VALUE)).append(' ');
        }
        return values.toString().strip();
    }

    /** All fields, one a line. */
    String headers() throws MessagingException {
        return String.join("\n", Collections.list(mail.getAllHeaderLines()));
    }

    /** What tells two mails apart. */
    String source() {
        return String.join("\0", text, returned, String.valueOf(status), String.valueOf(feedback));
    }

    private void add(Part part, int depth) throws MessagingException, IOException {
        if (++parts > MAX_PARTS || depth > MAX_DEPTH) {
            return;
        }
        if (part.isMimeType("multipart/*")) {
            if (part.getContent() instanceof Multipart multipart) {
                for (int i = 0; i < multipart.getCount(); i++) {
                    add(multipart.getBodyPart(i), depth + 1);
                }
            }
        } else if (part.isMimeType("message/delivery-status") || part.isMimeType("message/global-delivery-status")) {
            status = status == null ? decoded(part) : status;
        } else if (part.isMimeType("message/feedback-report")) {
            feedback = feedback == null ? decoded(part) : feedback;
        } else if (part.isMimeType("message/*") || part.isMimeType("text/rfc822-headers")) {
            returned = returned.isEmpty() ? decoded(part) : returned; // and not its own parts
        } else if (part.isMimeType("text/*")) {
            text.append(decoded(part)).append('\n');
        }
    }

    /**
     * The beginning, in UTF-8 whatever it claims, since what matters is ASCII. Nothing if it cannot be decoded. Not the part's own stream:
     * the library does not decode {@code message/*}, which some servers encode.
     */
    private static String decoded(Part part) throws MessagingException {
        String encoding = Objects.requireNonNullElse(((MimePart) part).getEncoding(), "7bit");
        try (InputStream raw = part instanceof MimeBodyPart body
                        ? body.getRawInputStream()
                        : ((MimeMessage) part).getRawInputStream();
                InputStream in = MimeUtility.decode(raw, encoding)) {
            return new String(in.readNBytes(MAX_BYTES), UTF_8).replace("\r", "");
        } catch (IOException | MessagingException e) {
            return "";
        }
    }
}
