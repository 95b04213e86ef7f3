package routes.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.BDDMockito.given;

import java.time.Duration;
import org.apache.camel.CamelContext;
import org.apache.camel.ServiceStatus;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mockito.Mockito;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import routes.background.FirstInLine;
import routes.delivery.OutcomeEvents.Backlog;

class OutcomesHealthTest {

    private final OutcomeEvents outcomes = Mockito.mock(OutcomeEvents.class);
    private final CamelContext camel = Mockito.mock(CamelContext.class, Mockito.RETURNS_DEEP_STUBS);
    private final OutcomesHealth health = new OutcomesHealth(outcomes, camel);

    @BeforeEach
    void relaying() {
        given(camel.getRouteController().getRouteStatus("outcomes")).willReturn(ServiceStatus.Started);
        given(outcomes.backlog()).willReturn(new Backlog(12, 7, 0.3));
        given(outcomes.first()).willReturn(firstFor(5));
    }

    @Test
    void outcomesThatWaitForAMomentAreWell() {
        assertThat(health.health())
                .isEqualTo(Health.up()
                        .withDetail("waiting", 12L)
                        .withDetail("lag_seconds", 0.3)
                        .build());
    }

    @Test
    void anOutcomeThatDoesNotGoOutIsOutOfService() {
        given(outcomes.first()).willReturn(firstFor(61));

        assertThat(health.health().getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
        assertThat(health.health().getDetails()).containsKeys("because", "waiting", "lag_seconds");
        assertThat(health.heldBecause().orElseThrow())
                .matches(
                        "row 7 has been first in line for 6\\d s: the brokers do not accept it, or no instance relays");
    }

    @Test
    void aRouteThatSomebodyHasStoppedIsOutOfService() {
        given(camel.getRouteController().getRouteStatus("outcomes")).willReturn(ServiceStatus.Stopped);

        assertThat(health.health().getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
        assertThat(health.heldBecause()).contains("the route outcomes is stopped on this instance");
    }

    @Test
    void thereIsNoneWhereOutcomesAreNotPublished() {
        ApplicationContextRunner runner = new ApplicationContextRunner()
                .withBean(OutcomeEvents.class, () -> outcomes)
                .withBean(CamelContext.class, () -> camel)
                .withUserConfiguration(OutcomesHealth.class);

        runner.withPropertyValues("deliveries.outcome-events=false")
                .run(context -> assertThat(context).doesNotHaveBean(OutcomesHealth.class));
        runner.withPropertyValues("deliveries.outcome-events=true")
                .run(context -> assertThat(context).hasSingleBean(OutcomesHealth.class));
    }

    private static FirstInLine firstFor(long seconds) {
        return new FirstInLine(
                7, System.nanoTime() - Duration.ofSeconds(seconds).toNanos());
    }
}
