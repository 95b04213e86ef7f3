package routes.yaml;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The places of the built-in consumers: routes of their own that a file may take the place of. Their ids are those of the Java routes, and
 * the table in docs/reference/routes.md.
 */
enum Place {
    MAIL_USER_SIGNED_UP,
    MAIL_USER_VERIFIED,
    MAIL_REFERRAL_VERIFIED,
    MAIL_REWARD_EARNED,
    MAIL_CAMPAIGN_MILESTONE_REACHED,
    TRANSMIT_MAIL,
    DELIVER_REWARD,
    RECALCULATE_PAGE,
    AFTER_MAIL,
    AFTER_REWARD;

    /** The id of its route, which reads {@code direct:<id>}. */
    String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Whether its caller writes an outcome, which it leaves as the body. */
    boolean leavesOutcome() {
        return name().startsWith("MAIL_") || this == DELIVER_REWARD;
    }

    /** Whether there is no route in Java that it takes the place of. */
    boolean isAddition() {
        return name().startsWith("AFTER_");
    }

    /** Whether it runs in a transaction that holds locks, and must not wait for other systems. */
    boolean isInTransaction() {
        return isAddition() || this == RECALCULATE_PAGE;
    }

    /** The place with this id. */
    static Optional<Place> of(String id) {
        return Arrays.stream(values()).filter(place -> place.id().equals(id)).findFirst();
    }

    /** All ids. */
    static List<String> ids() {
        return Arrays.stream(values()).map(Place::id).toList();
    }
}
