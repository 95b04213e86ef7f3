package routes.outbox;

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
import routes.background.FirstInLine;
import routes.outbox.Outbox.Backlog;

class OutboxHealthTest {

    private final Outbox outbox = Mockito.mock(Outbox.class);
    private final CamelContext camel = Mockito.mock(CamelContext.class, Mockito.RETURNS_DEEP_STUBS);
    private final OutboxHealth health = new OutboxHealth(outbox, camel);

    @BeforeEach
    void relaying() {
        given(camel.getRouteController().getRouteStatus("outbox")).willReturn(ServiceStatus.Started);
        given(outbox.backlog()).willReturn(new Backlog(12, 0, 7, 0.3));
        given(outbox.first()).willReturn(firstFor(5));
    }

    @Test
    void rowsThatWaitForAMomentAreWell() {
        assertThat(health.health())
                .isEqualTo(Health.up()
                        .withDetail("waiting", 12L)
                        .withDetail("lag_seconds", 0.3)
                        .withDetail("refused", 0L)
                        .build());
    }

    @Test
    void aRowThatDoesNotGoOutIsOutOfService() {
        given(outbox.first()).willReturn(firstFor(61));

        assertThat(health.health().getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
        assertThat(health.heldBecause().orElseThrow())
                .matches("row 7 has been first in line for 6\\d s: the brokers do not accept it, a clock is wrong,"
                        + " or no instance relays");
        assertThat(health.health().getDetails()).containsKey("because");
    }

    @Test
    void aRouteThatSomebodyHasStoppedIsOutOfService() {
        given(camel.getRouteController().getRouteStatus("outbox")).willReturn(ServiceStatus.Stopped);

        assertThat(health.health().getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
    }

    @Test
    void rowsThatAreNoEventsAreToldOfAndHoldUpNobody() {
        given(outbox.backlog()).willReturn(new Backlog(0, 3, 0, 0));

        assertThat(health.health().getStatus()).isEqualTo(Status.UP);
        assertThat(health.health().getDetails()).containsEntry("refused", 3L).containsKey("because");
    }

    private static FirstInLine firstFor(long seconds) {
        return new FirstInLine(
                7, System.nanoTime() - Duration.ofSeconds(seconds).toNanos());
    }
}
