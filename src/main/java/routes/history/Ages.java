package routes.history;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/**
 * How many events were how old when they were done: counts by age, in classes that each reach 1.58 times as far as the one before, from a
 * millisecond to a day. So the percentiles of many minutes and instances together are known to a class, which those of each are not.
 */
public final class Ages {

    /** From 1 ms to 10^8 ms, five classes for each power of ten. */
    private static final int CLASSES = 41;

    private static final double A_POWER = 5;

    private int[] counts = {};

    Ages() {}

    /** Adds an event; what is younger than a millisecond or older than a day is in the first or last class. */
    void add(Duration age) {
        double exact = Math.ceil(A_POWER * Math.log10(Math.max(1, age.toNanos() / 1e6)));
        int of = (int) Math.min(exact, CLASSES - 1);
        reach(of + 1);
        counts[of]++;
    }

    /** Adds the counts of others. */
    void add(Integer[] others) {
        reach(others.length);
        for (int i = 0; i < others.length; i++) {
            counts[i] += others[i];
        }
    }

    private void reach(int length) {
        if (counts.length < length) {
            counts = Arrays.copyOf(counts, length);
        }
    }

    /** The counts, up to the last class that has any. */
    List<Integer> counts() {
        return Arrays.stream(counts).boxed().toList();
    }

    /**
     * The age in milliseconds that this share of the events did not exceed, to the end of a class; NaN without events.
     *
     * @param share such as 0.99
     */
    double percentile(double share) {
        long rank =
                (long) Math.ceil(share * Arrays.stream(counts).asLongStream().sum());
        long so = 0;
        for (int i = 0; i < counts.length; i++) {
            so += counts[i];
            if (so >= rank && so > 0) {
                return Math.pow(10, i / A_POWER);
            }
        }
        return Double.NaN;
    }
}
