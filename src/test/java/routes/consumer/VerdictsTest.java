package routes.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.ServiceStatus;
import org.apache.camel.spi.InflightRepository;
import org.apache.camel.spi.RouteController;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import routes.consumer.Lags.LagSnapshot;
import routes.consumer.Lags.PartitionLag;
import routes.consumer.Verdicts.Judgement;
import routes.delivery.ConsumerGroups;
import routes.kafka.ConsumerMetrics;
import routes.worker.Backpressure;
import routes.worker.HandOver;
import routes.worker.WorkerPools;

class VerdictsTest {

    private static final String GROUP = "some-workers";
    private static final Duration INTERVAL = Duration.ofSeconds(15);

    private final Lags lags = mock(Lags.class);
    private final ConsumerMetrics consumers = mock(ConsumerMetrics.class);
    private final Backpressure intake = mock(Backpressure.class);
    private final CamelContext camel = mock(CamelContext.class);
    private final RouteController routes = mock(RouteController.class);
    private final InflightRepository inflight = mock(InflightRepository.class);
    private final Route route = mock(Route.class);
    private final Verdicts verdicts = new Verdicts(
            mock(ConsumerGroups.class),
            lags,
            consumers,
            intake,
            mock(WorkerPools.class),
            mock(HandOver.class),
            camel,
            new ObservationSettings(INTERVAL),
            600_000);

    @BeforeEach
    void aGroupThatDoesWell() {
        given(camel.getRouteController()).willReturn(routes);
        given(camel.getInflightRepository()).willReturn(inflight);
        given(camel.getRoute(GROUP)).willReturn(route);
        given(routes.getRouteStatus(GROUP)).willReturn(ServiceStatus.Started);
        given(intake.heldBecause(any())).willReturn(Optional.empty());
        given(consumers.troubledBy(any())).willReturn(Optional.empty());
        given(lags.failure()).willReturn(Optional.empty());
        given(consumers.sinceLastPoll(GROUP)).willReturn(Optional.of(Duration.ofMillis(200)));
        look(5, 5);
    }

    private void look(long committed, long end) {
        look(Instant.parse("2026-01-01T12:00:00Z"), committed, end);
    }

    private void look(Instant at, long committed, long end) {
        look(at, 3, committed, end);
    }

    private void look(Instant at, int partition, long committed, long end) {
        given(lags.latest())
                .willReturn(Optional.of(new LagSnapshot(
                        at,
                        Map.of(GROUP, List.of(new PartitionLag(partition, committed, end, end - committed, null))))));
        verdicts.observe();
    }

    @Test
    void itIsWell() {
        assertThat(verdicts.judge(GROUP)).isEqualTo(new Judgement(Verdict.OK, null));
    }

    @Test
    void aRouteThatSomebodyHasStoppedIsNamed() {
        given(routes.getRouteStatus(GROUP)).willReturn(ServiceStatus.Stopped);

        assertThat(verdicts.judge(GROUP))
                .isEqualTo(new Judgement(Verdict.STOPPED, "the route some-workers is stopped on this instance"));
    }

    @Test
    void aGroupThatIsHeldSaysByWhat() {
        given(intake.heldBecause(GROUP)).willReturn(Optional.of("smtp is down"));

        assertThat(verdicts.judge(GROUP)).isEqualTo(new Judgement(Verdict.HELD, "smtp is down"));
    }

    @Test
    void aStartedConsumerThatDoesNotPollIsFound() {
        given(consumers.sinceLastPoll(GROUP)).willReturn(Optional.of(Duration.ofSeconds(40)));

        Judgement judgement = verdicts.judge(GROUP);

        assertThat(judgement.verdict()).isEqualTo(Verdict.STALLED);
        assertThat(judgement.because()).contains("has not polled for 40 s");
    }

    @Test
    void aStartedRouteWithoutAConsumerIsFound() {
        given(consumers.sinceLastPoll(GROUP)).willReturn(Optional.empty());
        given(route.getUptimeMillis()).willReturn(31_000L);

        assertThat(verdicts.judge(GROUP).verdict()).isEqualTo(Verdict.STALLED);
    }

    @Test
    void whoHasABatchInHandMayTakeAsLongAsTheBrokersWait() {
        given(consumers.sinceLastPoll(GROUP)).willReturn(Optional.of(Duration.ofMinutes(5)));
        given(inflight.size(GROUP)).willReturn(1);

        assertThat(verdicts.judge(GROUP).verdict()).isEqualTo(Verdict.OK);
    }

    @Test
    void nothingIsSaidWhileTheBrokersDoNotAnswer() {
        given(lags.failure()).willReturn(Optional.of("timed out"));
        given(consumers.sinceLastPoll(GROUP)).willReturn(Optional.of(Duration.ofMinutes(5)));

        Judgement judgement = verdicts.judge(GROUP);

        assertThat(judgement.verdict()).isEqualTo(Verdict.UNKNOWN);
        assertThat(judgement.because()).contains("timed out");
    }

    @Test
    void thePartitionsThatStallAreNamed() {
        stall();

        Judgement judgement = verdicts.judge(GROUP);

        assertThat(judgement.verdict()).isEqualTo(Verdict.STALLED);
        assertThat(judgement.because()).contains("[3]").contains("150 s");
    }

    @Test
    void aPartitionThatTheTopicNoLongerHasIsNotStalled() {
        stall();

        look(Instant.parse("2026-01-01T14:00:00Z"), 0, 7, 7);

        assertThat(verdicts.judge(GROUP)).isEqualTo(new Judgement(Verdict.OK, null));
    }

    @Test
    void aSnapshotThatFailsForgetsNoPartition() {
        stall();

        given(lags.latest()).willReturn(Optional.empty());
        verdicts.observe();

        assertThat(verdicts.judge(GROUP).verdict()).isEqualTo(Verdict.STALLED);
    }

    private void stall() {
        Instant at = Instant.parse("2026-01-01T13:00:00Z");
        for (int i = 0; i < LagWindow.SIZE; i++) {
            look(at.plus(INTERVAL.multipliedBy(i)), 5, 9);
        }
    }

    @Test
    void oneThatTheBrokersRefuseIsStalledAndSaysWhyAlsoWhileTheyTellNothing() {
        given(consumers.troubledBy(GROUP)).willReturn(Optional.of("GroupAuthorizationException: not authorized"));
        given(lags.failure()).willReturn(Optional.of("no answer"));

        Judgement judgement = verdicts.judge(GROUP);

        assertThat(judgement.verdict()).isEqualTo(Verdict.STALLED);
        assertThat(judgement.because()).contains("GroupAuthorizationException");
    }
}
