package routes.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.SynchronizationAdapter;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WorkerPoolsTest {

    private static final String GROUP = "some-workers";
    private static final String ROUTE = "some-worker";

    private final DefaultCamelContext camel = new DefaultCamelContext();
    private final WorkerPools pools = new WorkerPools(camel);
    private final Semaphore goOn = new Semaphore(0);
    private final List<String> leaving = new CopyOnWriteArrayList<>();

    @BeforeEach
    void start() throws Exception {
        camel.addComponent("seda", new WorkerQueues(leaving::add));
        addWorkers(GROUP, ROUTE, 2);
        camel.start();
    }

    @AfterEach
    void stop() {
        goOn.release(1_000);
        camel.stop();
    }

    private void addWorkers(String group, String route, int workers) throws Exception {
        camel.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("seda:%s?concurrentConsumers=%d&pollTimeout=20&purgeWhenStopping=true".formatted(group, workers))
                        .routeId(route)
                        .process(exchange -> work(exchange.getMessage().getBody()));
            }
        });
    }

    /** Works until it may continue; on an error, ends with that. */
    private void work(@Nullable Object delivery) throws InterruptedException {
        if (delivery instanceof Error error) {
            throw error;
        }
        goOn.acquire();
    }

    private void queue(String group, Object delivery, int times) {
        ProducerTemplate template = camel.createProducerTemplate();
        for (int i = 0; i < times; i++) {
            template.sendBody("seda:%s?waitForTaskToComplete=Never".formatted(group), delivery);
        }
    }

    @Test
    void asManyAreBusyAsThereAre() {
        queue(GROUP, "a delivery", 20);

        await().until(() -> pools.busy(GROUP) == 2);
        assertThat(pools.size(GROUP)).isEqualTo(2);
        assertThat(pools.route(GROUP)).contains(ROUTE);
    }

    @Test
    void anErrorEndsNoWorkerAndWhatItWasAtIsDoneWith() throws Exception {
        addWorkers("hit-workers", "hit-worker", 1);
        AtomicInteger ended = new AtomicInteger();
        for (int i = 0; i < 3; i++) {
            Exchange exchange = camel.getEndpoint("seda:hit-workers").createExchange();
            exchange.getMessage().setBody(new StackOverflowError("thrown on purpose"));
            exchange.getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
                @Override
                public void onDone(Exchange done) {
                    ended.incrementAndGet();
                }
            });
            camel.createProducerTemplate().send("seda:hit-workers?waitForTaskToComplete=Never", exchange);
        }

        await().until(() -> ended.get() == 3);
        await().until(() -> pools.busy("hit-workers") == 0);
    }

    @Test
    void whoIsToLeaveTakesNothingMoreFromThenOn() throws Exception {
        assertThat(pools.work(GROUP)).isTrue();
        queue(GROUP, "a delivery", 1);
        await().until(() -> pools.busy(GROUP) == 1);

        Thread stopping = new Thread(() -> {
            try {
                camel.getRouteController().stopRoute(ROUTE);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        stopping.start();
        await().until(() -> leaving.contains(GROUP));
        assertThat(pools.work(GROUP)).as("while one is still at work").isFalse();
        goOn.release();
        stopping.join();

        assertThat(pools.work(GROUP)).isFalse();
        camel.getRouteController().startRoute(ROUTE);
        assertThat(pools.work(GROUP)).isTrue();
    }

    @Test
    void whoIsSuspendedTakesNothing() throws Exception {
        camel.getRouteController().suspendRoute(ROUTE);
        assertThat(pools.work(GROUP)).isFalse();

        camel.getRouteController().resumeRoute(ROUTE);
        assertThat(pools.work(GROUP)).isTrue();
    }
}
