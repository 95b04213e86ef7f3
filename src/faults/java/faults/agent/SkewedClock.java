package faults.agent;

/** The wall clock that the classes of a JVM see, when {@link ClockAgent} has changed them. Known to all of them: it lies beside Java's own. */
public final class SkewedClock {

    private static volatile long aheadMillis;

    private SkewedClock() {}

    /** Sets how far it is ahead. Public, since the agent has another class loader, and so, to the JVM, another package. */
    public static void set(long millis) {
        aheadMillis = millis;
    }

    /** Called instead of {@link System#currentTimeMillis()}. */
    public static long millis() {
        return System.currentTimeMillis() + aheadMillis;
    }

    /**
     * Called with what the JVM has told {@code java.time} of its clock.
     *
     * @param adjustment nanoseconds, or -1, which asks for another question
     */
    public static long nanos(long adjustment) {
        return adjustment == -1 ? adjustment : adjustment + aheadMillis * 1_000_000;
    }
}
