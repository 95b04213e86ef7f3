package routes.dev;

import jakarta.mail.Address;
import jakarta.mail.Message.RecipientType;
import jakarta.mail.MessagingException;
import jakarta.mail.Multipart;
import jakarta.mail.Part;
import jakarta.mail.Session;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import routes.dev.ReceivedMail.Recipient;

/** Every mail that the SMTP server accepted, whoever it was for. One {@code .eml} file each. */
public final class Inbox {
    private final Journal<ReceivedMail> mails;

    Inbox(Path directory) {
        this.mails = new Journal<>(directory, ".eml", Inbox::read);
    }

    /** Returns the mails, newest first. */
    public List<ReceivedMail> list() {
        return mails.newestFirst();
    }

    /** Returns the mail with this id. */
    public Optional<ReceivedMail> find(String id) {
        return mails.find(id);
    }

    /** Returns a mail as it came over the wire. */
    public Optional<byte[]> source(String id) {
        return mails.file(id);
    }

    /** Deletes all mails. */
    public void clear() {
        mails.clear();
    }

    void add(byte[] source) {
        mails.add(source);
    }

    private static ReceivedMail read(String id, Instant received, byte[] source)
            throws MessagingException, IOException {
        MimeMessage mail = new MimeMessage(Session.getInstance(new Properties()), new ByteArrayInputStream(source));
        return new ReceivedMail(
                id,
                received,
                orEmpty(mail.getSubject()),
                names(mail.getFrom()),
                Stream.of(RecipientType.TO, RecipientType.CC)
                        .flatMap(type -> recipients(mail, type))
                        .toList(),
                orEmpty(mail.getMessageID()),
                body(mail, "text/html").orElse(""),
                body(mail, "text/plain").orElse(""),
                String.join("\n", Collections.list(mail.getAllHeaderLines())));
    }

    /** The first part of a type that is not an attachment, however deep it lies. */
    private static Optional<String> body(Part part, String type) throws MessagingException, IOException {
        if (Part.ATTACHMENT.equalsIgnoreCase(part.getDisposition())) {
            return Optional.empty();
        }
        if (part.isMimeType(type)) {
            return Optional.of(Objects.toString(part.getContent()));
        }
        if (part.isMimeType("multipart/*") && part.getContent() instanceof Multipart parts) {
            for (int i = 0; i < parts.getCount(); i++) {
                Optional<String> found = body(parts.getBodyPart(i), type);
                if (found.isPresent()) {
                    return found;
                }
            }
        }
        return Optional.empty();
    }

    private static Stream<Recipient> recipients(MimeMessage mail, RecipientType type) {
        try {
            return Stream.ofNullable(mail.getRecipients(type))
                    .flatMap(Stream::of)
                    .map(address -> new Recipient(
                            name(address),
                            address instanceof InternetAddress internet ? internet.getAddress() : address.toString()));
        } catch (MessagingException malformed) {
            return Stream.empty();
        }
    }

    private static String names(Address @Nullable [] addresses) {
        return addresses == null ? "" : Stream.of(addresses).map(Inbox::name).collect(Collectors.joining(", "));
    }

    private static String name(Address address) {
        return address instanceof InternetAddress internet ? internet.toUnicodeString() : address.toString();
    }

    private static String orEmpty(@Nullable String value) {
        return Objects.requireNonNullElse(value, "");
    }
}
