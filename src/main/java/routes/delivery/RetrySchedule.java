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
     * @param tries how many attempts of this schedule have failed, at least 1: an operator's retry begins it again
     * @param retryAfter the minimum pause that the remote side asked for
     * @return empty if the schedule has ended
     */
    Optional<Duration> pauseAfter(int tries, @Nullable Duration retryAfter) {
        if (tries > settings.retrySchedule().size()) {
            return Optional.empty();
        }
        Duration pause = jittered(settings.retrySchedule().get(tries - 1));
        return Optional.of(retryAfter != null && retryAfter.compareTo(pause) > 0 ? retryAfter : pause);
    }

    private Duration jittered(Duration pause) {
        double jitter = settings.retryJitter();
        double factor = jitter == 0 ? 1 : ThreadLocalRandom.current().nextDouble(1 - jitter, 1 + jitter);
        return Duration.ofMillis(Math.round(pause.toMillis() * factor));
    }
}
