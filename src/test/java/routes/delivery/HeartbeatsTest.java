package routes.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import routes.delivery.Heartbeats.Heartbeat;

class HeartbeatsTest {

    private static final UUID OTHER = UUID.randomUUID();
    private static final boolean OLD = true;
    private static final boolean FRESH = false;

    private final AtomicLong seconds = new AtomicLong(1_000);
    private final Heartbeats heartbeats = new Heartbeats(
            Duration.ofSeconds(10), () -> Duration.ofSeconds(seconds.get()).toNanos());

    @Test
    void aHeartbeatThatGoesOnIsOfOneThatLivesHoweverOldTheDatabaseFindsIt() {
        for (int beat = 0; beat < 30; beat++) {
            assertThat(isGone(2, "beat " + beat, OLD)).isFalse();
        }
    }

    @Test
    void aHeartbeatThatStaysTheSameIsOfOneThatIsGoneHoweverFreshTheDatabaseFindsIt() {
        assertThat(isGone(0, "last", FRESH)).isFalse();
        for (int look = 1; look <= 4; look++) {
            assertThat(isGone(2, "last", FRESH)).isFalse();
        }
        assertThat(isGone(2, "last", FRESH)).isTrue();
        assertThat(isGone(2, "last", FRESH)).isTrue();
    }

    @Test
    void whoHasJustStartedBelievesAnOldHeartbeatAfterHalfOfTheTime() {
        assertThat(isGone(0, "last", OLD)).isFalse();
        assertThat(isGone(4, "last", OLD)).isFalse();
        assertThat(isGone(1, "last", OLD)).isTrue();
    }

    @Test
    void afterAPauseOfTheDatabaseEveryoneIsGivenAllOfTheTime() {
        isGone(0, "last", OLD);
        isGone(4, "last", OLD);
        heartbeats.missed();

        assertThat(isGone(4, "last", OLD)).isFalse();
        assertThat(isGone(5, "last", OLD)).isFalse();
        assertThat(isGone(4, "last", OLD)).isFalse();
        assertThat(isGone(1, "last", OLD)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {6, 60})
    void whoStoodStillHimselfBeginsAnew(int seconds) {
        isGone(0, "last", FRESH);

        assertThat(isGone(seconds, "last", FRESH)).isFalse();
        assertThat(isGone(5, "last", FRESH)).isFalse();
        assertThat(isGone(5, "last", FRESH)).isTrue();
    }

    @Test
    void anOwnerWithoutAHeartbeatIsGivenTheSameTime() {
        assertThat(isGone(0, null, FRESH)).isFalse();
        assertThat(isGone(5, null, FRESH)).isFalse();
        assertThat(isGone(5, null, FRESH)).isTrue();
        assertThat(isGone(2, "back", FRESH)).isFalse();
    }

    private boolean isGone(int later, @Nullable String seenAt, boolean old) {
        seconds.addAndGet(later);
        return !heartbeats.gone(List.of(new Heartbeat(OTHER, seenAt, old))).isEmpty();
    }
}
