package routes.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class AgesTest {

    private final Ages ages = new Ages();

    @Test
    void aPercentileIsKnownToAClass() {
        for (int ms = 1; ms <= 1000; ms++) {
            ages.add(Duration.ofMillis(ms));
        }

        assertThat(ages.percentile(0.5)).isBetween(500.0, 500 * 1.59);
        assertThat(ages.percentile(0.99)).isBetween(990.0, 990 * 1.59);
    }

    @Test
    void theEndOfAClassIsInIt() {
        ages.add(Duration.ofSeconds(1));

        assertThat(ages.percentile(0.5)).isCloseTo(1000, Percentage.withPercentage(0.001));
    }

    @Test
    void whatIsOutsideAllClassesIsInTheFirstOrTheLast() {
        ages.add(Duration.ZERO);
        assertThat(ages.percentile(1)).isEqualTo(1);

        ages.add(Duration.ofDays(400));
        assertThat(ages.percentile(1)).isCloseTo(1e8, within(1.0));
    }

    @Test
    void countsOfOthersAddUp() {
        ages.add(Duration.ofMillis(1));
        Ages others = new Ages();
        for (int i = 0; i < 99; i++) {
            others.add(Duration.ofSeconds(10));
        }

        ages.add(others.counts().toArray(new Integer[0]));

        assertThat(ages.percentile(0.01)).isEqualTo(1);
        assertThat(ages.percentile(0.02)).isCloseTo(10_000, within(1.0));
    }

    @Test
    void withoutEventsThereIsNoPercentile() {
        assertThat(ages.percentile(0.5)).isNaN();
        assertThat(ages.counts()).isEmpty();
    }
}
