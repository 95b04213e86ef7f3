package routes.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static schedules.Schedules.together;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.component.seda.SedaEndpoint;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import routes.delivery.ConsumerGroup;
import routes.delivery.Delivery;
import routes.delivery.Lanes;
import routes.delivery.ScenarioLedger;
import routes.event.DomainEvent;
import routes.event.EventType;
import routes.event.Events;
import schedules.Schedules;

/** What consumers hand over is processed by a worker or given back to the ledger, once, also while the workers stop. */
class HandOverSchedulesTest {

    private static final String GROUP = "some-workers";
    private static final DomainEvent EVENT = Events.any(EventType.USER_SIGNED_UP);
    private static final ConsumerGroup GROUP_OF_ONE = ConsumerGroup.of(GROUP, 1, EventType.USER_SIGNED_UP);

    private final DefaultCamelContext camel = new DefaultCamelContext();

    @Test
    void eachDeliveryIsProcessedOrGivenBackOnceWhileWorkersStop() {
        camel.addComponent("seda", new WorkerQueues(group -> {}));
        SedaEndpoint endpoint = camel.getEndpoint("seda:" + GROUP, SedaEndpoint.class);
        Schedules.run(() -> {
            FairQueue queue = new FairQueue(2);
            endpoint.setQueue(queue);
            AtomicBoolean stops = new AtomicBoolean();
            ScenarioLedger ledger = new ScenarioLedger();
            HandOver handOver = handOver(ledger, stops);
            Queue<UUID> ends = new ConcurrentLinkedQueue<>();
            List<Delivery> some = deliveries(2);
            List<Delivery> others = deliveries(2);

            together(() -> handOver.offer(some), () -> handOver.offer(others), () -> work(queue, stops, ends), () -> {
                stops.set(true);
                handOver.giveBack(GROUP);
                queue.wake(1);
            });
            handOver.reclaimStrays();

            ends.addAll(ledger.released());
            assertThat(ends)
                    .containsExactlyInAnyOrderElementsOf(Stream.of(some, others)
                            .flatMap(List::stream)
                            .map(Delivery::id)
                            .toList());
            assertThat(queue.remainingCapacity()).isEqualTo(2);
        });
    }

    private static void work(FairQueue queue, AtomicBoolean stops, Queue<UUID> ends) throws InterruptedException {
        while (!stops.get()) {
            Exchange next = queue.poll(20, TimeUnit.MILLISECONDS);
            if (next != null) {
                ends.add(next.getMessage().getBody(Delivery.class).id());
            }
        }
    }

    private HandOver handOver(ScenarioLedger ledger, AtomicBoolean stops) {
        WorkerPools workers = new WorkerPools(camel) {
            @Override
            boolean work(String group) {
                return !stops.get();
            }
        };
        return new HandOver(
                camel,
                workers,
                ScenarioLedger.groups(GROUP_OF_ONE),
                ledger,
                ScenarioLedger.upkeep(),
                ScenarioLedger.settings(),
                ScenarioLedger.dependencies(),
                new DefaultListableBeanFactory().getBeanProvider(Lanes.class));
    }

    private static List<Delivery> deliveries(int count) {
        List<Delivery> some = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            some.add(new Delivery(UUID.randomUUID(), GROUP, "", EVENT, 0, 0, 1, false, false, null));
        }
        return some;
    }
}
