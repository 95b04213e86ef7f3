package routes.consumer;

import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.health.contributor.CompositeHealthContributor;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthContributor;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.stereotype.Component;
import routes.consumer.Verdicts.Judgement;
import routes.delivery.ConsumerGroup;
import routes.delivery.ConsumerGroups;

/**
 * {@code /observe/health/consumers}: the verdict on each group. It is down only for what needs a person; neither readiness
 * nor liveness includes it, since a restart would not help.
 */
@Component("consumersHealthContributor")
class ConsumersHealth implements CompositeHealthContributor {

    private final ConsumerGroups groups;
    private final Verdicts verdicts;
    private final Lags lags;

    ConsumersHealth(ConsumerGroups groups, Verdicts verdicts, Lags lags) {
        this.groups = groups;
        this.verdicts = verdicts;
        this.lags = lags;
    }

    @Override
    public @Nullable HealthContributor getContributor(String name) {
        return groups.all().stream().anyMatch(group -> group.name().equals(name)) ? indicator(name) : null;
    }

    @Override
    public Stream<Entry> stream() {
        return groups.all().stream().map(ConsumerGroup::name).map(name -> new Entry(name, indicator(name)));
    }

    private HealthIndicator indicator(String group) {
        return () -> {
            Judgement judgement = verdicts.judge(group);
            Health.Builder health = Health.status(status(judgement.verdict()))
                    .withDetail("verdict", judgement.verdict().value());
            if (judgement.because() != null) {
                health.withDetail("because", judgement.because());
            }
            lags.latest().ifPresent(look -> {
                health.withDetail("lag", look.lag(group));
                look.seconds(group).ifPresent(seconds -> health.withDetail("lag_seconds", seconds));
            });
            return health.build();
        };
    }

    static Status status(Verdict verdict) {
        return switch (verdict) {
            case OK, SLOW, REWOUND -> Status.UP; // it works; metrics and details have the rest
            case UNKNOWN -> Status.UNKNOWN;
            case HELD, STOPPED -> Status.OUT_OF_SERVICE; // on purpose
            case STALLED -> Status.DOWN;
        };
    }
}
