package routes.yaml;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The places of the built-in consumers: routes of their own that a file may take the place of. Their ids are those of the Java routes, and
 * the table in docs/reference/routes.md. After an outcome nothing happens in Java.
 */
enum Place {
    MAIL_USER_SIGNED_UP(Ends.WITH_AN_OUTCOME),
    MAIL_USER_VERIFIED(Ends.WITH_AN_OUTCOME),
    MAIL_REFERRAL_VERIFIED(Ends.WITH_AN_OUTCOME),
    MAIL_REWARD_EARNED(Ends.WITH_AN_OUTCOME),
    MAIL_CAMPAIGN_MILESTONE_REACHED(Ends.WITH_AN_OUTCOME),
    TRANSMIT_MAIL(Ends.ANYHOW),
    DELIVER_REWARD(Ends.WITH_AN_OUTCOME),
    RECALCULATE_PAGE(Ends.WITH_A_TRANSACTION),
    AFTER_MAIL(Ends.WITH_A_TRANSACTION),
    AFTER_REWARD(Ends.WITH_A_TRANSACTION);

    private static final List<String> IDS =
            Arrays.stream(values()).map(Place::id).toList();

    /** What its caller does next. */
    private enum Ends {
        WITH_AN_OUTCOME,
        WITH_A_TRANSACTION,
        ANYHOW
    }

    private final Ends ends;

    Place(Ends ends) {
        this.ends = ends;
    }

    /** The id of its route, which reads {@code direct:<id>}. */
    String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Whether its caller writes an outcome, which it leaves as the body. */
    boolean leavesOutcome() {
        return ends == Ends.WITH_AN_OUTCOME;
    }

    /** Whether it runs in a transaction that holds locks, and must not wait for other systems. */
    boolean isInTransaction() {
        return ends == Ends.WITH_A_TRANSACTION;
    }

    /** Whether there is no route in Java that it takes the place of. */
    boolean isAddition() {
        return this == AFTER_MAIL || this == AFTER_REWARD;
    }

    /** The place with this id. */
    static Optional<Place> of(String id) {
        return Arrays.stream(values()).filter(place -> place.id().equals(id)).findFirst();
    }

    /** All ids. */
    static List<String> ids() {
        return IDS;
    }
}
