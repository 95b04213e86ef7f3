package routes.background;

import java.util.List;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.stereotype.Component;

/** {@code /observe/health/threads}, part of liveness: a background thread that has ended comes back only with a restart. */
@Component("threadsHealthIndicator")
class ThreadsHealth implements HealthIndicator {

    @Override
    public Health health() {
        List<String> ended = Threads.ended();
        return ended.isEmpty()
                ? Health.up().build()
                : Health.down().withDetail("ended", ended).build();
    }
}
