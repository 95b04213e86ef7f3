package routes.background;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The current problem of something that retries until it succeeds: how long to wait before the next try, and a log line when
 * the problem begins, changes and ends, but not for each try. Thread-safe.
 */
public final class Trouble {

    /** The longest pause: the problem may be over at any moment. */
    public static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

    private static final Logger LOG = LoggerFactory.getLogger(Trouble.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);

    /** Two alternating problems are not new each time. */
    private static final Duration BETWEEN_LINES = Duration.ofSeconds(30);

    private final String whose;

    private volatile @Nullable String reason;
    private @Nullable Class<?> kind;
    private Duration pause = FIRST_PAUSE;
    private long since;
    private long lastLine;
    private volatile long last;

    /**
     * No problem yet.
     *
     * @param whose who has it, as the log says it: a consumer group, a thread
     */
    public Trouble(String whose) {
        this.whose = whose;
    }

    /**
     * A try has failed.
     *
     * @return how long to wait before the next try: half a second at first, twice as long each time, at most {@link #LONGEST_PAUSE}
     */
    public synchronized Duration failed(Throwable failure) {
        Throwable root = root(failure);
        String said = describe(failure, root);
        long now = System.nanoTime();
        last = now;
        boolean isNew = reason == null;
        if (isNew) {
            since = now;
            pause = FIRST_PAUSE;
        }
        if (isNew || (!root.getClass().equals(kind) && isLonger(now - lastLine, BETWEEN_LINES))) {
            kind = root.getClass();
            lastLine = now;
            LOG.warn("{} fails and keeps retrying: {}", whose, said);
            if (!isExpected(failure)) {
                LOG.warn("Where it failed", failure);
            }
        }
        reason = said;
        Duration wait = pause;
        pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
        return wait;
    }

    /** A try has succeeded: the problem, if any, is over. */
    public void worked() {
        if (reason != null) {
            over();
        }
    }

    private synchronized void over() {
        if (reason != null) {
            reason = null;
            LOG.warn("{} has recovered after {} s", whose, TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - since));
        }
    }

    /** The problem, in words for an operator; empty if there is none. */
    public Optional<String> reason() {
        return Optional.ofNullable(reason);
    }

    /** Whether there is one, but no try has failed for this long. */
    public boolean hasRestedFor(Duration quiet) {
        return reason != null && isLonger(System.nanoTime() - last, quiet);
    }

    private static boolean isLonger(long nanos, Duration than) {
        return nanos > than.toNanos();
    }

    /** A server's answer or absence speaks for itself; a programming error needs its location. */
    private static boolean isExpected(Throwable failure) {
        return failure instanceof Exception && !failure.getClass().getName().startsWith("java.lang.");
    }

    private static Throwable root(Throwable failure) {
        Throwable root = failure;
        for (int i = 0; i < 20 && root.getCause() != null; i++) { // the chain of causes may be circular
            root = root.getCause();
        }
        return root;
    }

    /** A failure in one line: its own words, and those of what caused it, with personal data masked. */
    public static String describe(Throwable failure) {
        return describe(failure, root(failure));
    }

    private static String describe(Throwable failure, Throwable root) {
        String said = words(failure);
        boolean complete = root == failure || said.contains(String.valueOf(root.getMessage()));
        return String.valueOf(Masking.mask(complete ? said : said + ": " + words(root)));
    }

    private static String words(Throwable failure) {
        String name = failure.getClass().getSimpleName();
        return failure.getMessage() == null ? name : name + ": " + failure.getMessage();
    }
}
