package routes.delivery;

import java.util.Locale;

/** The status of a delivery. The ledger stores the names in lower case. */
public enum DeliveryStatus {
    /** Waits until it is time for its next attempt. */
    DUE,
    /** With an instance: in its queue, or with a worker. */
    LEASED,
    /** Done: the remote side has accepted it. */
    DELIVERED,
    /** Not done, as intended; the reason says why. */
    SKIPPED,
    /** Waits for a person to do it. */
    MANUAL,
    /** Not done, and not retried automatically; the reason says why. */
    FAILED;

    /** The status as the ledger and the metrics spell it. */
    public String value() {
        return name().toLowerCase(Locale.ROOT);
    }
}
