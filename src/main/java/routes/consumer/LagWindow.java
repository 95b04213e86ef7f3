package routes.consumer;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Judges a group on a partition by a sliding window of its committed offsets and lags, so that no threshold has to be tuned:
 * a large lag for one topic is nothing for another. The rules are those of <a
 * href="https://github.com/linkedin/Burrow/wiki/Consumer-Lag-Evaluation-Rules">Burrow</a>, in this order:
 *
 * <ol> <li>The committed offset went back: {@link Verdict#REWOUND}. Here this rule comes first, since somebody should know of
 * it even if the group catches up quickly. <li>No lag at some point of the window: {@link Verdict#OK}. <li>The committed
 * offset does not move: {@link Verdict#STALLED}. <li>It moves, and the lag never shrinks: {@link Verdict#SLOW}. Here it must
 * also have grown, since a group that keeps up with a steady stream always has some lag.
 * </ol>
 *
 * <p>Burrow sees each commit, so it recognizes a stopped group by the age of its last commit. Here offsets are polled at
 * intervals: a stopped group stalls. Not thread-safe.
 */
final class LagWindow {

    /** The window's size in samples, the same as Burrow's. */
    static final int SIZE = 10;

    private final Duration longest;
    private final Deque<Sample> samples = new ArrayDeque<>();

    /**
     * An empty window.
     *
     * @param interval the time between two samples. After the brokers were silent for long, earlier samples no longer count.
     */
    LagWindow(Duration interval) {
        this.longest = interval.multipliedBy(2L * SIZE);
    }

    private record Sample(Instant at, long committed, long lag) {}

    /** Adds a sample. */
    void add(Instant at, long committed, long lag) {
        samples.add(new Sample(at, committed, lag));
        while (samples.size() > SIZE || samples.getFirst().at().isBefore(at.minus(longest))) {
            samples.removeFirst();
        }
    }

    /** The verdict. Until the window is full, no group is slow or stalled, and one that does not move is not ok. */
    Verdict judge() {
        List<Sample> window = new ArrayList<>(samples);
        boolean moved = false;
        boolean shrank = false;
        boolean rewound = false;
        for (int i = 1; i < window.size(); i++) {
            Sample before = window.get(i - 1);
            Sample now = window.get(i);
            rewound |= now.committed() < before.committed();
            moved |= now.committed() != before.committed();
            shrank |= now.lag() < before.lag();
        }
        if (rewound) {
            return Verdict.REWOUND;
        }
        if (window.isEmpty()) {
            return Verdict.UNKNOWN;
        }
        if (window.stream().anyMatch(sample -> sample.lag() == 0)) {
            return Verdict.OK;
        }
        if (window.size() < SIZE) {
            return moved ? Verdict.OK : Verdict.UNKNOWN;
        }
        if (!moved) {
            return Verdict.STALLED;
        }
        boolean grown = window.get(window.size() - 1).lag() > window.get(0).lag();
        return !shrank && grown ? Verdict.SLOW : Verdict.OK;
    }
}
