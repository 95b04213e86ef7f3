package routes.dev;

import java.time.Instant;

/**
 * A mail as the inbox shows it.
 *
 * @param id its name in the inbox
 * @param received when the SMTP server accepted it
 * @param subject decoded, empty if it has none
 * @param from the sender, name and address
 * @param to the recipients of the headers To and Cc, separated by commas
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
        String to,
        String messageId,
        String html,
        String text,
        String headers) {}
