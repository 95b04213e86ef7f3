package routes.background;

import io.github.bucket4j.Bucket;
import java.time.Duration;

/** How often something may happen, by a monotonic clock. */
public final class RateLimit {

    private RateLimit() {}

    /**
     * A full bucket.
     *
     * @param burst how many may pass at once after a quiet period
     */
    public static Bucket perSecond(int rate, int burst) {
        return of(rate, Duration.ofSeconds(1), burst);
    }

    /** One per minute. */
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
