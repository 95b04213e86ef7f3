package routes.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static schedules.Schedules.together;

import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;
import routes.delivery.Delivery;
import routes.delivery.NoRoomException;
import routes.delivery.ScenarioLedger;
import routes.event.DomainEvent;
import routes.event.EventType;
import routes.event.Events;
import routes.webhook.WebhookScheduler.Result;
import schedules.Schedules;

/** Whatever the order of workers, calls, the clock and an operator: each delivery is called or given back, once, within all limits. */
class WebhookLanesSchedulesTest {

    private static final CamelContext CAMEL = new DefaultCamelContext();
    private static final DomainEvent EVENT = Events.any(EventType.REWARD_EARNED);
    private static final WebhookSettings SETTINGS = WebhookFixtures.settings(Map.of(
            "connections",
            1,
            "slow-connections",
            1,
            "connections-per-endpoint",
            2,
            "waiting",
            4,
            "slow-after",
            "50ms"));

    @Test
    void eachDeliveryIsCalledOrGivenBackOnceAndNoLimitIsPassed() {
        Schedules.run(() -> {
            List<Delivery> all = Stream.of("a", "a", "a", "b", "b")
                    .map(WebhookLanesSchedulesTest::delivery)
                    .toList();
            Scene scene = new Scene(all.size());

            together(
                    () -> all.subList(0, 2).forEach(one -> scene.arrives(one, Result.SUCCEEDED)),
                    () -> all.subList(2, 4).forEach(one -> scene.arrives(one, Result.SUCCEEDED)),
                    () -> scene.arrives(all.get(4), Result.SUCCEEDED));

            scene.hasEnded(all);
        });
    }

    @Test
    void alsoWhenReceiversFailAndTheWorkersStop() {
        Schedules.run(() -> {
            List<Delivery> all = Stream.of("a", "a", "b", "b")
                    .map(WebhookLanesSchedulesTest::delivery)
                    .toList();
            Scene scene = new Scene(all.size());

            together(
                    () -> {
                        scene.arrives(all.get(0), Result.FAILED);
                        scene.arrives(all.get(1), Result.SUCCEEDED);
                    },
                    () -> {
                        scene.arrives(all.get(2), Result.SUCCEEDED);
                        scene.arrives(all.get(3), Result.REFUSED);
                    },
                    scene.lanes::giveBack,
                    () -> scene.lanes.reset("a"));

            scene.hasEnded(all);
        });
    }

    private static Delivery delivery(String lane) {
        return new Delivery(UUID.randomUUID(), "reward-workers", "", EVENT, 0, 0, 1, false, false, lane);
    }

    /** The lanes, and what becomes of deliveries. */
    private static final class Scene {

        private final ScenarioLedger ledger = new ScenarioLedger();
        private final WebhookLanes lanes = new WebhookLanes(null, ledger, SETTINGS, new CompositeMeterRegistry());
        private final Queue<UUID> ends = new ConcurrentLinkedQueue<>();
        private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
        private final AtomicInteger calls = new AtomicInteger();
        private final Map<String, AtomicInteger> callsOf =
                new ConcurrentHashMap<>(Map.of("a", new AtomicInteger(), "b", new AtomicInteger()));
        private final CountDownLatch left;

        Scene(int all) {
            this.left = new CountDownLatch(all);
        }

        /** A worker takes it from the queue. */
        void arrives(Delivery delivery, Result result) {
            Exchange exchange = new DefaultExchange(CAMEL);
            try {
                var unused = lanes.awaitTurn(delivery, exchange).whenComplete((its, refusal) -> {
                    if (refusal == null) {
                        call(delivery, exchange, result);
                    }
                    ends(delivery, exchange);
                });
            } catch (NoRoomException e) {
                ends(delivery, exchange);
            }
        }

        private void call(Delivery delivery, Exchange exchange, Result result) {
            try {
                WebhookCall call = exchange.getProperty(WebhookLanes.CALL, WebhookCall.class);
                lanes.awaitConnection(call);
                AtomicInteger its = callsOf.get(delivery.lane());
                assertThat(calls.incrementAndGet()).as("calls").isLessThanOrEqualTo(2);
                assertThat(its.incrementAndGet()).as("calls of one").isLessThanOrEqualTo(2);
                its.decrementAndGet();
                calls.decrementAndGet();
                lanes.ended(call, result, null);
            } catch (Exception | AssertionError e) {
                failures.add(e);
            }
        }

        private void ends(Delivery delivery, Exchange exchange) {
            ends.add(delivery.id());
            exchange.getExchangeExtension()
                    .handoverCompletions()
                    .forEach(completion -> completion.onComplete(exchange));
            left.countDown();
        }

        void hasEnded(List<Delivery> all) throws InterruptedException {
            left.await();
            try {
                assertThat(failures).isEmpty();
                assertThat(ends)
                        .containsExactlyInAnyOrderElementsOf(
                                all.stream().map(Delivery::id).toList());
                assertThat(ledger.inHand()).isEmpty();
                for (String receiver : callsOf.keySet()) {
                    assertThat(lanes.live(receiver).inFlight()).isZero();
                    assertThat(lanes.live(receiver).waiting()).isZero();
                }
            } finally {
                lanes.destroy();
            }
        }
    }
}
