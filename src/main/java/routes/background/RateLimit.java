package routes.background;

import io.github.bucket4j.Bucket;
import java.time.Duration;

/** How often something may happen, by the clock that nobody sets. */
public final class RateLimit {

    private RateLimit() {}

    /**
     * A full bucket.
     *
     * @param burst how many pass at once when none has for a while
     */
    public static Bucket perSecond(int rate, int burst) {
        return of(rate, Duration.ofSeconds(1), burst);
    }

    /** One, and not again before a minute has passed. */
    public static Bucket onePerMinute() {
        return of(1, Duration.ofMinutes(1), 1);
    }

    private static Bucket of(int rate, Duration period, int burst) {
        return Bucket.builder()
                .addLimit(limit -> limit.capacity(burst).refillGreedy(rate, period))
                .withNanosecondPrecision()
                .build();
    }
}
