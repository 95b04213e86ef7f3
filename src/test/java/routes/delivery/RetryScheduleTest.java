package routes.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class RetryScheduleTest {

    @Test
    void givesThePauseAfterEachAttemptAndThenNoMore() {
        RetrySchedule schedule = schedule(0, Duration.ofSeconds(5), Duration.ofMinutes(5));

        assertThat(schedule.pauseAfter(1, null)).contains(Duration.ofSeconds(5));
        assertThat(schedule.pauseAfter(2, null)).contains(Duration.ofMinutes(5));
        assertThat(schedule.pauseAfter(3, null)).isEmpty();
    }

    @Test
    void waitsAtLeastAsLongAsTheRemoteSideAsks() {
        RetrySchedule schedule = schedule(0, Duration.ofSeconds(5));

        assertThat(schedule.pauseAfter(1, Duration.ofSeconds(60))).contains(Duration.ofSeconds(60));
        assertThat(schedule.pauseAfter(1, Duration.ofSeconds(1))).contains(Duration.ofSeconds(5));
    }

    @RepeatedTest(20)
    void spreadsThePausesByTheJitter() {
        RetrySchedule schedule = schedule(0.2, Duration.ofSeconds(10));

        assertThat(schedule.pauseAfter(1, null).orElseThrow()).isBetween(Duration.ofSeconds(8), Duration.ofSeconds(12));
    }

    private static RetrySchedule schedule(double jitter, Duration... pauses) {
        return new RetrySchedule(new DeliverySettings(
                1,
                1,
                Duration.ZERO,
                Duration.ofSeconds(1),
                List.of(pauses),
                jitter,
                Duration.ofMinutes(10),
                1_000,
                Duration.ofDays(1),
                Duration.ofDays(2),
                Duration.ofHours(1),
                Duration.ofSeconds(1),
                Duration.ofSeconds(10),
                false));
    }
}
