package routes.background;

import io.github.bucket4j.Bucket;
import java.time.Duration;

/** So many a second on average, by the clock that nobody sets. */
public final class RateLimit {

    private RateLimit() {}

    /**
     * A full bucket.
     *
     * @param burst how many pass at once when none has for a while
     */
    public static Bucket perSecond(int rate, int burst) {
        return Bucket.builder()
                .addLimit(limit -> limit.capacity(burst).refillGreedy(rate, Duration.ofSeconds(1)))
                .withNanosecondPrecision()
                .build();
    }
}
