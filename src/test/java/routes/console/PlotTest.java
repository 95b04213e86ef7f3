package routes.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import routes.console.HistoryTab.Span;
import routes.console.Plot.Hover;
import routes.console.Plot.Line;
import routes.console.Plot.Series;
import routes.console.Plot.Unit;
import routes.history.History.Step;
import routes.history.StepFixtures;

class PlotTest {

    private static final Instant SINCE = Instant.parse("2026-01-01T12:00:00Z");
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Series DELIVERED = new Series("delivered", step -> step.of("delivered"));

    @Test
    void aLineGoesThroughTheMiddleOfEachStepAndEndsBeforeOneThatIsMissing() {
        Plot plot = plot(Unit.NUMBER, steps(Map.of(0, 0, 1, 10, 2, 5, 5, 1)));

        assertThat(plot.lines()).containsExactly(new Line("delivered", "M0.5 100.0h.01L1.5 0.0L2.5 50.0M5.5 90.0h.01"));
    }

    @Test
    void theTopIsARoundNumber() {
        assertThat(plot(Unit.NUMBER, steps(Map.of(0, 0))).top()).isEqualTo("1");
        assertThat(plot(Unit.NUMBER, steps(Map.of(0, 13))).top()).isEqualTo("20");
        assertThat(plot(Unit.NUMBER, steps(Map.of(0, 2_001))).top()).isEqualTo("5,000");
        assertThat(plot(Unit.NUMBER, List.of()).top()).isEqualTo("1");
    }

    @ParameterizedTest
    @CsvSource({
        "1, 10 ms",
        "16, 20 ms",
        "999, 1 s",
        "1200, 2 s",
        "59000, 100 s",
        "63000, 2 min",
        "180000, 5 min",
        "7200000, 2 h"
    })
    void timesAreReadInTheirUnit(int milliseconds, String top) {
        assertThat(plot(Unit.MILLISECONDS, steps(Map.of(0, milliseconds))).top())
                .isEqualTo(top);
    }

    @Test
    void timesAreDrawnByTheirLogarithm() {
        assertThat(plot(Unit.MILLISECONDS, steps(Map.of(0, 0, 1, 1, 2, 10, 3, 100)))
                        .lines())
                .extracting(Line::path)
                .containsExactly("M0.5 100.0h.01L1.5 100.0L2.5 50.0L3.5 0.0");
    }

    @Test
    void theTimesBelowAreTheEdgesAndTheQuarters() {
        assertThat(plot(Unit.NUMBER, List.of()).times())
                .containsExactly("12:00Z", "12:15Z", "12:30Z", "12:45Z", "13:00Z");
    }

    @Test
    void whereThePointerIsAStepIsSaidInWords() {
        assertThat(plot(Unit.NUMBER, steps(Map.of(3, 1_200))).hovers())
                .containsExactly(new Hover(3, "12:03Z: delivered 1,200"));
    }

    @Test
    void screenReadersHearTheHighest() {
        assertThat(plot(Unit.NUMBER, steps(Map.of(0, 3, 1, 7))).says()).isEqualTo("Title: delivered at most 7");
        assertThat(plot(Unit.NUMBER, List.of()).says()).isEqualTo("Title: nothing is known");
    }

    @Test
    void aSpanEndsWithTheStepThatHasBegun() {
        Instant now = Instant.parse("2026-01-01T12:34:56Z");

        assertThat(Span.HOUR.since(now)).isEqualTo("2026-01-01T11:35:00Z");
        assertThat(Span.DAY.since(now)).isEqualTo("2025-12-31T12:40:00Z");
    }

    private static Plot plot(Unit unit, List<Step> steps) {
        return Plot.of("Title", unit, SINCE, MINUTE, 60, steps, List.of(DELIVERED));
    }

    private static List<Step> steps(Map<Integer, Integer> delivered) {
        return IntStream.range(0, 60)
                .filter(delivered::containsKey)
                .mapToObj(n -> StepFixtures.delivered(SINCE.plusSeconds(60L * n), delivered.get(n)))
                .toList();
    }
}
