package routes.mail.report;

import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What somebody reports about a mail that this service sent.
 *
 * @param source who reports, such as {@code mailbox} or {@code ses}
 * @param id the report's own id at its source, 1 to 200 characters: a report that is read twice counts once
 * @param kind what happened
 * @param delivery the delivery that the mail is of, from its Message-ID or the envelope sender
 * @param recipient the address that is reported, which counts only if the mail went to it; null if the report names none
 * @param code the enhanced status code (RFC 3463), such as {@code 5.1.1}; null if unknown
 * @param reason what the reporter says, as it says it
 */
public record MailReport(
        String source,
        String id,
        Kind kind,
        UUID delivery,
        @Nullable String recipient,
        @Nullable String code,
        String reason) {

    /** What happened to a mail, or what its recipient wants. */
    public enum Kind {
        /** The mailbox does not exist, or never accepts mail. */
        HARD_BOUNCE,
        /** The mailbox did not accept this mail, but may accept others. */
        SOFT_BOUNCE,
        /** The recipient calls the mail spam. */
        COMPLAINT,
        /** The recipient wants no more such mail. */
        UNSUBSCRIBE;

        /** What the table and the metric call it. */
        public String value() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
