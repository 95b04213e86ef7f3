package schedules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What the other tests rely on: a fault is found, and a seed repeats it. */
class SchedulesTest {

    private static final int FEW = 200;

    @Test
    void aSeedRepeatsItsSchedulesAndAnotherHasOthers() {
        assumeThat(Schedules.isControlled()).isTrue();
        long first = Schedules.run("a-seed", SchedulesTest::race, 1, FEW);
        long again = Schedules.run("a-seed", SchedulesTest::race, 1, FEW);
        long other = Schedules.run("a-seed", SchedulesTest::race, 2, FEW);

        assertThat(again).isEqualTo(first).isNotEqualTo(other);
    }

    @Test
    void anIncrementThatIsNotAtomicIsFound() {
        assumeThat(Schedules.isControlled()).isTrue();

        assertThatThrownBy(() -> Schedules.run("a-race", SchedulesTest::incrementApart, 1, FEW))
                .hasMessageContaining("repeat it with -Dschedules.seed=");
    }

    private static void race() throws InterruptedException {
        AtomicInteger sum = new AtomicInteger();
        Schedules.together(sum::incrementAndGet, sum::incrementAndGet, sum::incrementAndGet);
        assertThat(sum).hasValue(3);
    }

    private static void incrementApart() throws InterruptedException {
        AtomicInteger sum = new AtomicInteger();
        Schedules.together(() -> sum.set(sum.get() + 1), () -> sum.set(sum.get() + 1));
        assertThat(sum).hasValue(2);
    }
}
