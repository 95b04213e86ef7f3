package routes.background;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PaceTest {

    private long now = -5;
    private final Pace pace = new Pace(() -> now);

    @Test
    void itIsDueAtOnce() {
        assertThat(pace.isDue()).isTrue();
    }

    @Test
    void whatTakesNoTimeNeedsNoRest() {
        pace.run(() -> "done");

        assertThat(pace.isDue()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"PT0.001S, PT0.02S", "PT1S, PT20S", "PT3S, PT1M", "PT1H, PT1M"})
    void whatTookLongRestsTwentyTimesAsLongOrAMinute(Duration took, Duration rest) {
        assertThat(pace.run(() -> {
                    now += took.toNanos();
                    return "done";
                }))
                .isEqualTo("done");

        now += rest.toNanos() - 1;
        assertThat(pace.isDue()).isFalse();
        now++;
        assertThat(pace.isDue()).isTrue();
    }

    @Test
    void whatFailsRestsAsLong() {
        assertThatThrownBy(() -> pace.run(() -> {
                    now += 100;
                    throw new IllegalStateException();
                }))
                .isInstanceOf(IllegalStateException.class);

        assertThat(pace.isDue()).isFalse();
        now += 20 * 100;
        assertThat(pace.isDue()).isTrue();
    }
}
