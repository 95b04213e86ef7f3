package routes.dev;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/**
 * A mail as the inbox shows it.
 *
 * @param id its name in the inbox
 * @param received when the SMTP server accepted it
 * @param subject decoded, empty if it has none
 * @param from the sender, name and address
 * @param recipients those of the headers To and Cc
 * @param messageId the header Message-ID as it stands, empty if it has none
 * @param html the first HTML part, empty if it has none
 * @param text the first plain text part, empty if it has none
 * @param headers all headers as they stand, a line each
 */
public record ReceivedMail(
        String id,
        Instant received,
        String subject,
        String from,
        List<Recipient> recipients,
        String messageId,
        String html,
        String text,
        String headers) {

    /**
     * Somebody who got the mail.
     *
     * @param shown name and address, as far as they are known
     * @param address the address alone
     */
    public record Recipient(String shown, String address) {

        /** Returns the address as a parameter of a link. */
        String parameter() {
            return URLEncoder.encode(address, StandardCharsets.UTF_8);
        }
    }

    /** Returns the recipients, separated by commas. */
    public String to() {
        return String.join(", ", recipients.stream().map(Recipient::shown).toList());
    }

    /** Returns whether the mail went to an address. */
    boolean isTo(String address) {
        return recipients.stream().anyMatch(recipient -> recipient.address().equalsIgnoreCase(address));
    }

    /** Returns whether a text is anywhere in what people read of the mail, in upper or lower case. */
    boolean contains(String text) {
        String all = String.join("\n", subject, from, to(), messageId, this.text, html);
        return all.toLowerCase(Locale.ROOT).contains(text.toLowerCase(Locale.ROOT));
    }
}
