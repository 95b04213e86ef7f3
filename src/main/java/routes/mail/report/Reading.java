package routes.mail.report;

import org.jspecify.annotations.Nullable;

/**
 * What a mail in the mailbox is.
 *
 * @param kind that of the report, or what else it is, as the metric has it
 * @param report what it reports; null if there is nothing to act on
 * @param reason why it is what it is, with what it says of itself
 */
public record Reading(String kind, @Nullable MailReport report, String reason) {

    /** A mail that nobody could make sense of, and that a person should look at. */
    static final String NOT_UNDERSTOOD = "not_understood";

    static Reading of(MailReport report) {
        return new Reading(report.kind().value(), report, report.reason());
    }

    /** An answer that no person wrote: out of office, a receipt, a challenge. */
    static Reading autoReply(String reason) {
        return new Reading("auto_reply", null, reason);
    }

    /** A report of something other than a failure: delayed, delivered, not spam. */
    static Reading noFailure(String reason) {
        return new Reading("no_failure", null, reason);
    }

    static Reading notUnderstood(String reason) {
        return new Reading(NOT_UNDERSTOOD, null, reason);
    }

    boolean isUnderstood() {
        return !kind.equals(NOT_UNDERSTOOD);
    }
}
