package routes.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class TokenBucketTest {

    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5);
    private final TokenBucket bucket = new TokenBucket(10, 3, now::get);

    @Test
    void aBurstPassesAndWhatComesSoonAfterDoesNot() {
        assertThat(taken(5)).isEqualTo(3);
    }

    @Test
    void aSecondLaterAsManyPassAsTheRateSaysUpToTheBurst() {
        taken(5);

        pass(100);
        assertThat(taken(5)).isEqualTo(1);

        pass(60_000);
        assertThat(taken(5)).as("what was not used is not made up for").isEqualTo(3);
    }

    private void pass(long millis) {
        now.addAndGet(TimeUnit.MILLISECONDS.toNanos(millis));
    }

    private int taken(int times) {
        int taken = 0;
        for (int i = 0; i < times; i++) {
            taken += bucket.take() ? 1 : 0;
        }
        return taken;
    }
}
