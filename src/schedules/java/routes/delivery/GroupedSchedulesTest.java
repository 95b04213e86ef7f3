package routes.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static schedules.Schedules.together;

import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import schedules.Schedules;

/** How attempts and outcomes are written in groups: a call returns only after its own was written, once, and none is forgotten. */
class GroupedSchedulesTest {

    private static final Duration LONG = Duration.ofMinutes(1);

    @Test
    void eachIsWrittenOnceBeforeItsCallReturnsAndOneGroupAtATime() {
        Schedules.run(() -> {
            Queue<Integer> written = new ConcurrentLinkedQueue<>();
            AtomicInteger groups = new AtomicInteger();
            Grouped<Integer, Integer> grouped = new Grouped<>(2, LONG, (some, alone) -> {
                assertThat(groups.incrementAndGet()).isEqualTo(1);
                written.addAll(some);
                groups.decrementAndGet();
                return some.stream().map(i -> -i).toList();
            });
            long began = System.nanoTime();

            together(
                    () -> write(grouped, written, 1, 2),
                    () -> write(grouped, written, 3, 4),
                    () -> write(grouped, written, 5),
                    () -> write(grouped, written, 6));

            assertThat(written).containsExactlyInAnyOrder(1, 2, 3, 4, 5, 6);
            assertThat(System.nanoTime() - began).as("nobody was forgotten").isLessThan(LONG.toNanos());
        });
    }

    @Test
    void ofAGroupThatFailsEachOtherIsStillWrittenOnce() {
        Schedules.run(() -> {
            Queue<Integer> written = new ConcurrentLinkedQueue<>();
            Grouped<Integer, Integer> grouped = new Grouped<>(3, LONG, (some, alone) -> {
                if (some.contains(2)) {
                    throw new IllegalStateException("refused");
                }
                written.addAll(some);
                return some.stream().map(i -> -i).toList();
            });

            together(
                    () -> write(grouped, written, 1, 4),
                    () -> assertThatThrownBy(() -> grouped.of(2)).hasMessage("refused"),
                    () -> write(grouped, written, 3),
                    () -> write(grouped, written, 5));

            assertThat(written).containsExactlyInAnyOrder(1, 3, 4, 5);
        });
    }

    /** So impatient that groups are often overtaken. */
    @Test
    void whoOvertakesAGroupThatIsSlowWritesNothingTwice() {
        Schedules.run(() -> {
            Queue<Integer> written = new ConcurrentLinkedQueue<>();
            Grouped<Integer, Integer> grouped = new Grouped<>(2, Duration.ofMillis(1), (some, alone) -> {
                assertThat(alone).isFalse();
                written.addAll(some);
                return some.stream().map(i -> -i).toList();
            });
            long began = System.nanoTime();

            together(
                    () -> write(grouped, written, 1, 2),
                    () -> write(grouped, written, 3, 4),
                    () -> write(grouped, written, 5),
                    () -> write(grouped, written, 6));

            assertThat(written).containsExactlyInAnyOrder(1, 2, 3, 4, 5, 6);
            assertThat(System.nanoTime() - began).isLessThan(LONG.toNanos());
        });
    }

    private static void write(Grouped<Integer, Integer> grouped, Queue<Integer> written, int... some) {
        for (int one : some) {
            assertThat(grouped.of(one)).isEqualTo(-one);
            assertThat(written).contains(one);
        }
    }
}
