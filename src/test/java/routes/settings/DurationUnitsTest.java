package routes.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.mock.env.MockEnvironment;

/** Which texts are durations, and which are numbers that nobody knows the unit of. */
class DurationUnitsTest {

    /** Settings with durations. */
    record Some(@Nullable Duration pause, @Nullable List<Duration> pauses) {}

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "some.pause     | 0",
                "some.pause     | 5s",
                "some.pause     | PT5S",
                "some.pause     | P1D",
                "some.pause     | ${UNSET:5s}",
                "some.pauses    | 0,5s",
                "some.pauses    | 5s, 2h",
                "some.pauses[0] | 5s"
            })
    void aDurationIsRead(String key, String text) {
        Some some = bind(key, text);

        assertThat(some.pause() == null && some.pauses() == null).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "some.pause     | 5",
                "some.pause     | 0900",
                "some.pause     | ${UNSET:5}",
                "some.pauses    | 5",
                "some.pauses    | 5s,300",
                "some.pauses    | 5, 2h",
                "some.pauses[0] | 5"
            })
    void aNumberIsRefused(String key, String text) {
        assertThatThrownBy(() -> bind(key, text)).rootCause().hasMessageContaining("such as 500ms, 5s or 2h");
    }

    private static Some bind(String key, String text) {
        MockEnvironment environment = new MockEnvironment().withProperty(key, text);
        BindHandler handler = new DurationUnits(environment).apply(BindHandler.DEFAULT);
        return Binder.get(environment)
                .bind("some", Bindable.of(Some.class), handler)
                .get();
    }
}
