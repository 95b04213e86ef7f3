package routes.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.health.contributor.Status;

class LagWindowTest {

    private static final Duration INTERVAL = Duration.ofSeconds(15);
    private static final Instant START = Instant.parse("2026-01-01T12:00:00Z");

    // The samples are committed:end, one an interval.
    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "nothing was ever written,                OK,      0:0 0:0 0:0 0:0 0:0 0:0 0:0 0:0 0:0 0:0",
        "it has read everything,                  OK,      5:5 5:5 5:5 5:5 5:5 5:5 5:5 5:5 5:5 5:5",
        "it had read everything in between,       OK,      1:9 2:9 9:9 9:10 9:11 9:12 9:13 9:14 9:15 9:16",
        "it catches up,                           OK,      0:100 10:101 20:102 30:103 40:104 50:105 60:106 70:107 80:108 90:109",
        "it keeps up with a steady stream,        OK,      1:3 2:4 3:5 4:6 5:7 6:8 7:9 8:10 9:11 10:12",
        "its lag grows and shrinks,               OK,      1:9 2:20 3:15 4:16 5:17 6:18 7:19 8:20 9:21 10:40",
        "it goes on and the lag grows,            SLOW,    1:9 2:11 3:13 4:15 5:17 6:19 7:21 8:23 9:25 10:27",
        "it stood for a while and the lag grows,  SLOW,    1:9 1:10 1:11 1:12 1:13 1:14 1:15 1:16 1:17 2:19",
        "nothing is committed and more comes,     STALLED, 1:9 1:10 1:11 1:12 1:13 1:14 1:15 1:16 1:17 1:18",
        "nothing is committed and nothing comes,  STALLED, 1:2 1:2 1:2 1:2 1:2 1:2 1:2 1:2 1:2 1:2",
        "its offset went back,                    REWOUND, 9:9 9:9 9:9 9:9 2:9 3:9 4:9 5:9 6:9 7:9",
        "it went back and has caught up,          REWOUND, 9:9 9:9 9:9 9:9 2:9 9:9 9:9 9:9 9:9 9:9",
        "what was before the window is forgotten, OK,      9:9 2:9 9:9 9:9 9:9 9:9 9:9 9:9 9:9 9:9 9:9 9:9",
        "it moves and is watched for a moment,    OK,      1:9 2:11 3:13",
        "it stands and is watched for a moment,   UNKNOWN, 1:9 1:9 1:9",
    })
    void aGroupIsJudgedByItsLastSamples(String name, Verdict verdict, String samples) {
        LagWindow window = new LagWindow(INTERVAL);

        Instant at = START;
        for (String sample : samples.split(" ", -1)) {
            String[] offsets = sample.split(":", -1);
            long committed = Long.parseLong(offsets[0]);
            window.add(at, committed, Long.parseLong(offsets[1]) - committed);
            at = at.plus(INTERVAL);
        }

        assertThat(window.judge()).as(name).isEqualTo(verdict);
    }

    @Test
    void nothingIsSaidOfWhoWasNotWatched() {
        assertThat(new LagWindow(INTERVAL).judge()).isEqualTo(Verdict.UNKNOWN);
    }

    @Test
    void whatWasBeforeALongPauseOfTheBrokersCountsNoMore() {
        LagWindow window = new LagWindow(INTERVAL);
        for (int i = 0; i < LagWindow.SIZE; i++) {
            window.add(START.plus(INTERVAL.multipliedBy(i)), 1, 8);
        }
        assertThat(window.judge()).isEqualTo(Verdict.STALLED);

        window.add(START.plus(Duration.ofHours(1)), 1, 8);

        assertThat(window.judge()).isEqualTo(Verdict.UNKNOWN);
    }

    @ParameterizedTest
    @CsvSource({
        "OK, UP",
        "SLOW, UP",
        "REWOUND, UP",
        "UNKNOWN, UNKNOWN",
        "HELD, OUT_OF_SERVICE",
        "STOPPED, OUT_OF_SERVICE",
        "STALLED, DOWN"
    })
    void onlyWhatDoesNotComeRightByItselfIsDown(Verdict verdict, String status) {
        assertThat(ConsumersHealth.status(verdict)).isEqualTo(new Status(status));
    }
}
