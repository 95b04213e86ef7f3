package routes;

import static org.awaitility.pollinterval.IterativePollInterval.iterative;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/**
 * Tests look at once whether what they wait for has come about, then after 5 ms, and less and less often until it is every 100 ms.
 * Awaitility has that pace from the beginning, and most of what happens here takes less.
 *
 * <p>They give up only after two minutes, so that none fails because the machine is busy with something else. A test says {@code atMost}
 * where taking longer would be the fault that it looks for.
 */
public final class Waiting implements LauncherSessionListener {

    private static final Duration LONGEST_POLL = Duration.ofMillis(100);
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @Override
    public void launcherSessionOpened(LauncherSession session) {
        Awaitility.setDefaultTimeout(PATIENCE);
        Awaitility.setDefaultPollDelay(Duration.ZERO);
        Awaitility.setDefaultPollInterval(iterative(Waiting::next));
    }

    private static Duration next(Duration before) {
        Duration next = before.multipliedBy(2).plusMillis(5);
        return next.compareTo(LONGEST_POLL) < 0 ? next : LONGEST_POLL;
    }
}
