package routes.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static schedules.Schedules.together;

import org.junit.jupiter.api.Test;
import schedules.Schedules;

/** What users of a dependency report at once: no failure is forgotten, and one that works again is up. */
class DependencySchedulesTest {

    @Test
    void asManyFailuresAsItTakesMeanThatItIsDownWhoeverReportsThem() {
        Schedules.run(() -> {
            Dependency dependency = new Dependency("smtp", "smtp", 3, () -> {});

            together(
                    () -> dependency.failed("one"),
                    () -> dependency.failed("another"),
                    () -> dependency.failed("a third"));

            assertThat(dependency.isAway()).isTrue();
        });
    }

    @Test
    void theProbeThatAnswersBringsItBackAndAWorkerNeverWaitsForNothing() {
        Schedules.run(() -> {
            Dependency dependency = new Dependency("smtp", "smtp", 2, () -> {});
            dependency.failed("one");

            together(() -> dependency.refused("it wants nothing of us"), dependency::ask, () -> {
                try {
                    dependency.requireBack();
                } catch (DeliveryException.Waiting e) {
                    assertThat(e).hasMessageContaining("it wants nothing of us");
                }
            });
            boolean away = dependency.isAway();
            dependency.ask();
            dependency.failed("one");

            assertThat(dependency.isAway())
                    .as("a single failure, after it was %s", away ? "down" : "up")
                    .isFalse();
        });
    }
}
