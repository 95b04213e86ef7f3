package routes.mail;

import org.jspecify.annotations.Nullable;

/**
 * A person of a campaign, as mails speak of them.
 *
 * @param position the place on the leaderboard as of the last recalculation
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

    /** The person at another place than the row says. */
    Person at(long newPosition) {
        return new Person(
                email,
                firstName,
                lastName,
                referralCode,
                referralCount,
                newPosition,
                status,
                deleted,
                campaignName,
                campaignSlug,
                fromName,
                fromEmail);
    }

    /** Whether the person may be written to. */
    boolean isReachable() {
        return !deleted && !status.equals("blocked");
    }
}
