package routes.delivery;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** When a failed delivery is retried (Standard Webhooks, "Deliverability and reliability"). */
@Component
class RetrySchedule {

    private final DeliverySettings settings;

    RetrySchedule(DeliverySettings settings) {
        this.settings = settings;
    }

    /**
     * The pause before the next attempt.
     *
     * @param attempts how many attempts have failed, at least 1
     * @param retryAfter the minimum pause that the remote side asked for
     * @return empty if the schedule has ended
     */
    Optional<Duration> pauseAfter(int attempts, @Nullable Duration retryAfter) {
        if (attempts > settings.retrySchedule().size()) {
            return Optional.empty();
        }
        Duration pause = jittered(settings.retrySchedule().get(attempts - 1));
        return Optional.of(retryAfter != null && retryAfter.compareTo(pause) > 0 ? retryAfter : pause);
    }

    private Duration jittered(Duration pause) {
        double jitter = settings.retryJitter();
        double factor = jitter == 0 ? 1 : ThreadLocalRandom.current().nextDouble(1 - jitter, 1 + jitter);
        return Duration.ofMillis(Math.round(pause.toMillis() * factor));
    }
}
