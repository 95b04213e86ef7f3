package routes.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.mockito.Mockito;
import routes.consumer.History.Sample;
import routes.consumer.Lags.LagSnapshot;
import routes.consumer.Lags.PartitionLag;

class HistoryTest {

    private static final Instant START = Instant.parse("2026-01-01T12:00:00Z");
    private static final String GROUP = "email-workers";

    private final History history = new History(Mockito.mock(Lags.class));

    @Test
    void theRateIsWhatAllPartitionsHaveCommittedSinceTheSampleBefore() {
        look(0, 100, 50);
        look(30, 130, 80);

        assertThat(history.of(GROUP)).containsExactly(new Sample(START.plusSeconds(30), 2, 14));
    }

    @Test
    void anOffsetThatWasSetBackIsNoNegativeRate() {
        look(0, 100, 50);
        look(30, 0, 80);

        assertThat(history.of(GROUP)).extracting(Sample::perSecond).containsExactly(1.0);
    }

    @Test
    void itKeepsAnHourHoweverOftenIsLooked() {
        for (int second = 0; second < 3 * 3600; second++) {
            look(second, second, second);
        }

        assertThat(history.of(GROUP)).hasSize(History.SAMPLES).allSatisfy(sample -> assertThat(sample.perSecond())
                .isEqualTo(2));
        assertThat(history.of(GROUP).get(0).at()).isAfter(START.plus(Duration.ofHours(1)));
    }

    @Test
    void aLineIsBrokenWhereSamplesAreMissing() {
        List<Sample> samples = List.of(
                new Sample(START, 1, 0),
                new Sample(START.plusSeconds(15), 2, 0),
                new Sample(START.plusSeconds(1800), 4, 0));

        String path = History.path(samples, Sample::perSecond, 240, 36);

        assertThat(path).isEqualTo("M120.0 26.5h.1L121.0 18.0M240.0 1.0h.1");
        assertThat(History.path(samples, sample -> (double) sample.lag(), 240, 36))
                .startsWith("M120.0 35.0");
        assertThat(History.path(List.of(), Sample::perSecond, 240, 36)).isEmpty();
    }

    private void look(int second, long committed, long ofAnother) {
        history.take(new LagSnapshot(
                START.plusSeconds(second),
                Map.of(
                        GROUP,
                        List.of(
                                new PartitionLag(0, committed, committed + 7, 7, null),
                                new PartitionLag(1, ofAnother, ofAnother + 7, 7, null)))));
    }
}
