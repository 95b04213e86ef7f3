package routes.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;
import routes.delivery.Delivery;
import routes.event.EventType;
import routes.event.Events;

class FairQueueTest {

    private final DefaultCamelContext camel = new DefaultCamelContext();
    private final FairQueue queue = new FairQueue(4);

    @Test
    void singleDeliveriesGoBeforeThoseOfAFanOutEachInTheirOrder() {
        Exchange announcement = exchange("a");
        Exchange another = exchange("b");
        Exchange welcome = exchange("");
        Exchange second = exchange("");

        queue.addAll(List.of(announcement, another, welcome, second));

        assertThat(queue).containsExactlyInAnyOrder(welcome, second, announcement, another);
        assertThat(queue.peek()).isSameAs(welcome);
        List<Exchange> taken = new ArrayList<>();
        assertThat(queue.drainTo(taken)).isEqualTo(4);
        assertThat(taken).containsExactly(welcome, second, announcement, another);
    }

    @Test
    void isFullForBothAlike() {
        for (int i = 0; i < 4; i++) {
            assertThat(queue.offer(exchange("a"))).isTrue();
        }

        assertThat(queue.remainingCapacity()).isZero();
        assertThat(queue.offer(exchange(""))).isFalse();
        assertThat(queue.offer(exchange(""), 10, TimeUnit.MILLISECONDS)).isFalse();
    }

    @Test
    void whoWaitsForRoomGetsItWhenSomethingIsTaken() throws Exception {
        for (int i = 0; i < 4; i++) {
            queue.put(exchange("a"));
        }
        CompletableFuture<Boolean> waiting =
                CompletableFuture.supplyAsync(() -> queue.offer(exchange(""), 60, TimeUnit.SECONDS));

        Objects.requireNonNull(queue.poll(60, TimeUnit.SECONDS));

        assertThat(waiting.get(60, TimeUnit.SECONDS)).isTrue();
        assertThat(queue).hasSize(4);
    }

    @Test
    void whoWaitsForWorkGetsItWhenItComes() throws Exception {
        CompletableFuture<Exchange> waiting = CompletableFuture.supplyAsync(this::take);
        Exchange work = exchange("");

        queue.put(work);

        assertThat(waiting.get(60, TimeUnit.SECONDS)).isSameAs(work);
        assertThat(queue.poll(1, TimeUnit.MILLISECONDS)).isNull();
    }

    @Test
    void whoWaitsForWorkCanBeWokenWithoutAny() throws Exception {
        FutureTask<Exchange> waiting = new FutureTask<>(() -> queue.poll(1, TimeUnit.MILLISECONDS));
        new Thread(waiting).start();

        queue.wake(1);

        assertThat(waiting.get(60, TimeUnit.SECONDS)).isNull();
    }

    @Test
    void forgetsWhatIsRemovedOrCleared() {
        Exchange one = exchange("a");
        queue.addAll(List.of(one, exchange("")));

        assertThat(queue.remove(one)).isTrue();
        assertThat(queue).hasSize(1);
        queue.clear();
        assertThat(queue).isEmpty();
    }

    private Exchange take() {
        try {
            return queue.take();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private Exchange exchange(String recipient) {
        Exchange exchange = new DefaultExchange(camel);
        exchange.getMessage()
                .setBody(new Delivery(
                        UUID.randomUUID(),
                        "email-workers",
                        recipient,
                        Events.any(EventType.CAMPAIGN_MILESTONE_REACHED),
                        0,
                        0,
                        1,
                        false,
                        false,
                        null));
        return exchange;
    }
}
