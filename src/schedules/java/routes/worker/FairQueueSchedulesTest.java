package routes.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static schedules.Schedules.together;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;
import routes.delivery.Delivery;
import routes.event.DomainEvent;
import routes.event.EventType;
import routes.event.Events;
import schedules.Schedules;

/** Whatever the order in which consumers and workers come: nothing is lost or taken twice, and nobody sleeps while there is work. */
class FairQueueSchedulesTest {

    private static final CamelContext CAMEL = new DefaultCamelContext();
    private static final DomainEvent EVENT = Events.any(EventType.CAMPAIGN_MILESTONE_REACHED);

    /** A worker that is not woken sleeps for this long. */
    private static final Duration SLEEP = Duration.ofSeconds(10);

    @Test
    void whatIsOfferedIsTakenOnceAndNobodySleepsBesideWork() {
        Schedules.run(() -> {
            FairQueue queue = new FairQueue(2);
            List<Exchange> all = List.of(exchange(""), exchange("a"), exchange(""), exchange("a"));
            Queue<Exchange> taken = new ConcurrentLinkedQueue<>();
            AtomicInteger rest = new AtomicInteger(all.size());
            long began = System.nanoTime();

            together(
                    () -> offer(queue, all.subList(0, 2)),
                    () -> offer(queue, all.subList(2, 4)),
                    () -> work(queue, rest, taken),
                    () -> work(queue, rest, taken));

            assertThat(taken).containsExactlyInAnyOrderElementsOf(all);
            assertThat(queue).isEmpty();
            assertThat(queue.remainingCapacity()).isEqualTo(2);
            assertThat(System.nanoTime() - began).as("nobody slept").isLessThan(SLEEP.toNanos());
        });
    }

    @Test
    void eachKindIsTakenInItsOrderAndTheQueueIsNeverOverfull() {
        Schedules.run(() -> {
            FairQueue queue = new FairQueue(2);
            List<Exchange> single = List.of(exchange(""), exchange(""));
            List<Exchange> fanOut = List.of(exchange("a"), exchange("a"));
            Queue<Exchange> taken = new ConcurrentLinkedQueue<>();

            together(
                    () -> offer(queue, single),
                    () -> offer(queue, fanOut),
                    () -> work(queue, new AtomicInteger(4), taken),
                    () -> {
                        assertThat(queue.size()).isLessThanOrEqualTo(2);
                        assertThat(queue.remainingCapacity()).isBetween(0, 2);
                    });

            assertThat(taken)
                    .containsSubsequence(single)
                    .containsSubsequence(fanOut)
                    .hasSize(4);
        });
    }

    @Test
    void workersThatStopAreWokenAndWhatWaitsIsGivenBackOnce() {
        Schedules.run(() -> {
            FairQueue queue = new FairQueue(2);
            List<Exchange> all = List.of(exchange(""), exchange("a"), exchange(""));
            Queue<Exchange> taken = new ConcurrentLinkedQueue<>();
            AtomicBoolean stops = new AtomicBoolean();
            long began = System.nanoTime();

            together(
                    () -> all.forEach(queue::offer),
                    () -> workUntil(stops, queue, taken),
                    () -> workUntil(stops, queue, taken),
                    () -> {
                        stops.set(true);
                        List<Exchange> rest = new ArrayList<>();
                        queue.drainTo(rest);
                        taken.addAll(rest);
                        queue.wake(2);
                    });
            queue.drainTo(taken); // what has arrived since
            all.stream().filter(one -> one.getProperty("place") == null).forEach(taken::add); // found no room

            assertThat(taken).containsExactlyInAnyOrderElementsOf(all);
            assertThat(queue.remainingCapacity()).isEqualTo(2);
            assertThat(System.nanoTime() - began).as("nobody slept").isLessThan(SLEEP.toNanos());
        });
    }

    private static void offer(FairQueue queue, List<Exchange> some) {
        for (Exchange one : some) {
            assertThat(queue.offer(one, 5, TimeUnit.SECONDS)).isTrue();
        }
    }

    private static void work(FairQueue queue, AtomicInteger rest, Queue<Exchange> taken) throws InterruptedException {
        while (rest.getAndDecrement() > 0) {
            long began = System.nanoTime();
            Exchange next;
            do {
                next = queue.poll(20, TimeUnit.MILLISECONDS);
                assertThat(System.nanoTime() - began).as("it slept").isLessThan(SLEEP.toNanos());
            } while (next == null);
            taken.add(next);
        }
    }

    private static void workUntil(AtomicBoolean stops, FairQueue queue, Queue<Exchange> taken)
            throws InterruptedException {
        while (!stops.get()) {
            Exchange next = queue.poll(20, TimeUnit.MILLISECONDS);
            if (next != null) {
                taken.add(next);
            }
        }
    }

    private static Exchange exchange(String recipient) {
        Exchange exchange = new DefaultExchange(CAMEL);
        exchange.getMessage()
                .setBody(new Delivery(
                        UUID.randomUUID(), "email-workers", recipient, EVENT, 0, 0, 1, false, false, null));
        return exchange;
    }
}
