package routes.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.atLeastOnce;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.verifyNoInteractions;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.stream.Stream;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.dao.DataAccessResourceFailureException;
import routes.delivery.ConsumerGroup;
import routes.delivery.ConsumerGroups;
import routes.delivery.Delivery;
import routes.delivery.DeliveryLedger;
import routes.delivery.DeliverySettings;
import routes.delivery.Dependencies;
import routes.delivery.Lanes;
import routes.delivery.LedgerUpkeep;
import routes.event.EventType;
import routes.event.Events;

class HandOverTest {

    private static final String GROUP = "some-workers";
    private static final String ROUTE = "some-worker";

    private final DefaultCamelContext camel = new DefaultCamelContext();
    private final DeliveryLedger ledger = mock(DeliveryLedger.class);
    private final LedgerUpkeep upkeep = mock(LedgerUpkeep.class);
    private final Lanes lanes = mock(Lanes.class);
    private final Semaphore work = new Semaphore(0);

    @SuppressWarnings("NullAway.Init")
    private HandOver handOver;

    @BeforeEach
    @SuppressWarnings("unchecked")
    void start() throws Exception {
        DeliverySettings settings = mock(DeliverySettings.class);
        given(settings.handOverTimeout()).willReturn(Duration.ofMillis(100));
        ConsumerGroups groups = mock(ConsumerGroups.class);
        ConsumerGroup group = ConsumerGroup.of(GROUP, 1, EventType.USER_SIGNED_UP);
        given(groups.get(GROUP)).willReturn(group);
        given(groups.all()).willReturn(List.of(group));
        Dependencies dependencies = mock(Dependencies.class);
        given(dependencies.missing(any())).willReturn(Optional.empty());
        given(lanes.group()).willReturn(GROUP);
        given(lanes.assign(any())).willAnswer(call -> call.getArgument(0));
        ObjectProvider<Lanes> all = mock(ObjectProvider.class);
        given(all.stream()).willReturn(Stream.of(lanes));
        handOver = new HandOver(camel, new WorkerPools(camel), groups, ledger, upkeep, settings, dependencies, all);
        camel.addComponent("seda", new WorkerQueues(handOver::giveBack));
        camel.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("seda:some-workers?concurrentConsumers=1&pollTimeout=20&purgeWhenStopping=true")
                        .routeId(ROUTE)
                        .process(exchange -> work.acquire());
            }
        });
        camel.start();
    }

    @AfterEach
    void stop() {
        work.release(1_000);
        camel.stop();
    }

    private static List<Delivery> deliveries(int count) {
        return Stream.generate(() -> new Delivery(
                        UUID.randomUUID(), GROUP, "", Events.signedUp(Events.email()), 0, 0, 1, false, false, null))
                .limit(count)
                .toList();
    }

    private void awaitQueued(int count) {
        await().until(() -> handOver.queued(GROUP) == count);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatWaitsForWorkersWhoLeaveIsGivenBackBeforeTheOneAtWorkHasEnded(boolean suspended) throws Exception {
        List<Delivery> all = deliveries(4);
        handOver.offer(all);
        awaitQueued(3);
        verifyNoInteractions(ledger);

        Thread leaving = new Thread(() -> {
            try {
                if (suspended) {
                    camel.getRouteController().suspendRoute(ROUTE);
                } else {
                    camel.getRouteController().stopRoute(ROUTE);
                }
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        leaving.start();

        await().untilAsserted(() -> verify(ledger).release(all.subList(1, 4)));
        await().untilAsserted(() -> verify(lanes, atLeastOnce()).giveBack());
        assertThat(handOver.queued(GROUP)).isZero();
        assertThat(handOver.room(GROUP)).isZero();
        assertThat(work.hasQueuedThreads()).as("the one at work continues").isTrue();
        work.release();
        leaving.join();
    }

    @Test
    void whatIsOfferedToWorkersWhoAreAwayStaysInTheLedger() throws Exception {
        camel.getRouteController().stopRoute(ROUTE);
        List<Delivery> all = deliveries(2);

        handOver.offer(all);

        verify(ledger).release(all);
        assertThat(handOver.queued(GROUP)).isZero();

        camel.getRouteController().startRoute(ROUTE);
        work.release();
        handOver.offer(deliveries(2));
        awaitQueued(0);
        assertThat(handOver.room(GROUP)).isPositive();
    }

    /** The other half is for new deliveries, which an announcement must not keep waiting. */
    @Test
    void whatIsTakenFromTheLedgerFillsHalfOfTheQueue() {
        int half = (handOver.capacity(GROUP) + 1) / 2;
        assertThat(handOver.room(GROUP)).isEqualTo(half);

        handOver.offer(deliveries(half));
        awaitQueued(half - 1); // the worker has one
        assertThat(handOver.room(GROUP)).isEqualTo(1);

        handOver.offer(deliveries(2));
        awaitQueued(half + 1);
        assertThat(handOver.room(GROUP)).isZero();
    }

    @Test
    void whatAWorkerHasOrIsQueuedIsHeldAndNotReclaimed() {
        Delivery inHand = deliveries(1).get(0);
        given(ledger.inHand()).willReturn(Set.of(inHand.id()));
        List<Delivery> all = deliveries(3);
        handOver.offer(all);
        awaitQueued(2);

        handOver.reclaimStrays();

        verify(upkeep)
                .reclaimStrays(Set.of(inHand.id(), all.get(1).id(), all.get(2).id()));
    }

    @Test
    void whatHasNoLaneYetForWantOfADatabaseStaysInTheLedger() {
        given(lanes.assign(any())).willThrow(new DataAccessResourceFailureException("away"));
        List<Delivery> all = deliveries(2);

        handOver.offer(all);

        verify(ledger).release(all);
        assertThat(handOver.queued(GROUP)).isZero();
    }

    @Test
    void deliveriesWaitInTheLaneOfTheirReceiver() {
        List<Delivery> all = deliveries(3);
        given(lanes.assign(all))
                .willReturn(all.stream().map(delivery -> delivery.in("some")).toList());

        handOver.offer(all);
        awaitQueued(2);
        handOver.lanes(GROUP);

        verify(lanes).room(Map.of("some", 2));
    }
}
