package routes.delivery;

import java.util.Locale;

/** Where a delivery stands. The ledger keeps the names in lower case. */
public enum DeliveryStatus {
    /** To be carried out as soon as its time has come. */
    DUE,
    /** In the hands of an instance: waiting in its queue, or with a worker. */
    LEASED,
    /** Done: the remote side has accepted it. */
    DELIVERED,
    /** Not done, and rightly so; the reason says why. */
    SKIPPED,
    /** Waits for a person to do it. */
    MANUAL,
    /** Not done, and not tried again by itself; the reason says why. */
    FAILED;

    /** The status as the ledger and the metrics spell it. */
    public String value() {
        return name().toLowerCase(Locale.ROOT);
    }
}
