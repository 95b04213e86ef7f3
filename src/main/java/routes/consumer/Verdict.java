package routes.consumer;

import java.util.Locale;

/** How a consumer group does. The later ones are the worse. */
public enum Verdict {
    /** It has nothing to read, or catches up. */
    OK,
    /** It is not known: the brokers do not answer, or were not asked often enough yet. */
    UNKNOWN,
    /** It goes on, and yet the lag grows. */
    SLOW,
    /** Its committed offset went back: records are read again. What is in the ledger is a duplicate. */
    REWOUND,
    /** It is held: what it needs is away, or too much is due. It goes on by itself. */
    HELD,
    /** Somebody has stopped its route on this instance. */
    STOPPED,
    /** There is something to read, and nothing is committed; or the consumer is refused, or does not poll any more. */
    STALLED;

    /** As health and operations spell it. */
    public String value() {
        return name().toLowerCase(Locale.ROOT);
    }
}
