package routes.consumer;

import java.util.Locale;

/** How a consumer group is doing, from best to worst. */
public enum Verdict {
    /** It has nothing to read, or is catching up. */
    OK,
    /** Unknown: the brokers do not answer, or have not been asked often enough yet. */
    UNKNOWN,
    /** It makes progress, but its lag grows. */
    SLOW,
    /** Its committed offset went back: records are read again. What is in the ledger is a duplicate. */
    REWOUND,
    /** Its intake is paused: a dependency is down, or too much is due. It resumes automatically. */
    HELD,
    /** Somebody has stopped its route on this instance. */
    STOPPED,
    /** There are records to read but nothing is committed; or the consumer is refused, or has stopped polling. */
    STALLED;

    /** As health and operations spell it. */
    public String value() {
        return name().toLowerCase(Locale.ROOT);
    }
}
