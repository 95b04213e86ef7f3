package routes.mail;

import org.jspecify.annotations.Nullable;

/**
 * A person of a campaign, as mails speak of them.
 *
 * @param position the place on the leaderboard, computed from the source of truth and not read from the row: the event that
 *     moved the person may reach this group before the recalculation
 */
record Person(
        String email,
        @Nullable String firstName,
        @Nullable String lastName,
        String referralCode,
        int referralCount,
        long position,
        String status,
        boolean deleted,
        String campaignName,
        String campaignSlug,
        @Nullable String fromName,
        @Nullable String fromEmail) {

    /** Whether the person may be written to. */
    boolean isReachable() {
        return !deleted && !status.equals("blocked");
    }
}
