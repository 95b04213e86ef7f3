package routes.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SteadinessTest {

    private final AtomicLong seconds = new AtomicLong(1_000);
    private final Steadiness steadiness = new Steadiness(
            Duration.ofSeconds(10), () -> Duration.ofSeconds(seconds.get()).toNanos());

    @Test
    void anInstanceThatHasJustStartedJudgesNobody() {
        assertThat(steadiness.beat()).isFalse();
        assertThat(after(4)).isFalse();
    }

    @Test
    void afterHalfOfTheTimeThatOthersAreGivenItDoes() {
        steadiness.beat();
        after(3);

        assertThat(after(2)).isTrue();
        assertThat(after(2)).isTrue();
    }

    @Test
    void aHeartbeatThatCouldNotBeWrittenBeginsAnew() {
        steadiness.beat();
        after(5);
        steadiness.missed();

        assertThat(after(2)).isFalse();
        assertThat(after(4)).isFalse();
        assertThat(after(1)).isTrue();
    }

    @Test
    void aHeartbeatThatADatabaseThatStoodStillHasTakenLateBeginsAnew() {
        steadiness.beat();
        after(5);

        assertThat(after(60)).isFalse();
        assertThat(after(2)).isFalse();
        assertThat(after(3)).isTrue();
    }

    private boolean after(int more) {
        seconds.addAndGet(more);
        return steadiness.beat();
    }
}
