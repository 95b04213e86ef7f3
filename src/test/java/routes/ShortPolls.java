package routes;

import static org.awaitility.pollinterval.IterativePollInterval.iterative;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/**
 * Tests look at once whether what they wait for has come about, then after 5 ms, and less and less often until it is every 100 ms.
 * Awaitility has that pace from the beginning, and most of what happens here takes less.
 */
public final class ShortPolls implements LauncherSessionListener {

    private static final Duration LONGEST = Duration.ofMillis(100);

    @Override
    public void launcherSessionOpened(LauncherSession session) {
        Awaitility.setDefaultPollDelay(Duration.ZERO);
        Awaitility.setDefaultPollInterval(iterative(ShortPolls::next));
    }

    private static Duration next(Duration before) {
        Duration next = before.multipliedBy(2).plusMillis(5);
        return next.compareTo(LONGEST) < 0 ? next : LONGEST;
    }
}
