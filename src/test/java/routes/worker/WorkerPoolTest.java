package routes.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.seda.SedaEndpoint;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.SynchronizationAdapter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WorkerPoolTest {

    private final DefaultCamelContext camel = new DefaultCamelContext();
    private final AtomicInteger working = new AtomicInteger();
    private final AtomicInteger done = new AtomicInteger();
    private final Semaphore goOn = new Semaphore(0);
    private final List<String> leaving = new CopyOnWriteArrayList<>();

    private final WorkerPools pools = new WorkerPools(
            camel,
            change -> { // nobody listens
            });

    @BeforeEach
    void start() throws Exception {
        camel.addComponent("seda", new WorkerPool.Pools(leaving::add));
        camel.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("seda:some-workers?concurrentConsumers=2&pollTimeout=20&purgeWhenStopping=true")
                        .routeId("some-worker")
                        .process(exchange -> {
                            working.incrementAndGet();
                            goOn.acquire();
                            working.decrementAndGet();
                            done.incrementAndGet();
                        });
            }
        });
        camel.start();
    }

    @AfterEach
    void stop() {
        goOn.release(1_000);
        camel.stop();
    }

    private void queue(int deliveries) {
        ProducerTemplate template = camel.createProducerTemplate();
        for (int i = 0; i < deliveries; i++) {
            template.sendBody("seda:some-workers?waitForTaskToComplete=Never", i);
        }
    }

    private void awaitWorking(int workers) {
        await().atMost(Duration.ofSeconds(5)).until(() -> working.get() == workers);
        await().during(Duration.ofMillis(100)).until(() -> working.get() == workers);
    }

    @Test
    void theirNumberGrowsWhileTheyWork() {
        queue(20);
        awaitWorking(2);

        pools.resize("some-workers", 7);

        awaitWorking(7);
        assertThat(pools.size("some-workers")).isEqualTo(7);
        assertThat(pools.busy("some-workers")).isEqualTo(7);
    }

    @Test
    void whoIsOneTooManyEndsWhatIsAtHandAndTakesNoMore() {
        pools.resize("some-workers", 5);
        queue(20);
        awaitWorking(5);

        pools.resize("some-workers", 1);
        goOn.release(5);

        await().until(() -> done.get() == 5);
        awaitWorking(1);
    }

    @Test
    void itIsChangedBackAndForthAndNoneIsLost() {
        queue(200);
        for (int size : new int[] {9, 1, 4, 30, 2, 3}) {
            pools.resize("some-workers", size);
            goOn.release(20);
        }
        goOn.release(80);

        await().atMost(Duration.ofSeconds(5)).until(() -> done.get() == 200);
        goOn.drainPermits();
        queue(10);
        awaitWorking(3);
    }

    @Test
    void anErrorEndsNoWorkerAndWhatItWasAtIsDoneWith() throws Exception {
        AtomicInteger ended = new AtomicInteger();
        camel.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("seda:hit-workers?concurrentConsumers=1&pollTimeout=20&purgeWhenStopping=true")
                        .routeId("hit-worker")
                        .process(exchange -> {
                            exchange.getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
                                @Override
                                public void onDone(Exchange done) {
                                    ended.incrementAndGet();
                                }
                            });
                            throw new StackOverflowError("thrown on purpose");
                        });
            }
        });
        ProducerTemplate template = camel.createProducerTemplate();
        for (int i = 0; i < 3; i++) {
            template.sendBody("seda:hit-workers?waitForTaskToComplete=Never", i);
        }

        await().until(() -> ended.get() == 3);
        await().until(() -> camel.getInflightRepository().size("hit-worker") == 0);
    }

    @Test
    void whoIsToLeaveTakesNothingMoreFromThenOn() throws Exception {
        SedaEndpoint queue = camel.getEndpoint("seda:some-workers", SedaEndpoint.class);
        assertThat(WorkerPool.work(queue)).isTrue();
        queue(1);
        awaitWorking(1);

        Thread stopping = new Thread(() -> {
            try {
                camel.getRouteController().stopRoute("some-worker");
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        stopping.start();
        await().atMost(Duration.ofSeconds(2)).until(() -> leaving.contains("some-workers"));
        assertThat(WorkerPool.work(queue)).as("while one is still at work").isFalse();
        goOn.release();
        stopping.join();

        assertThat(WorkerPool.work(queue)).isFalse();
        camel.getRouteController().startRoute("some-worker");
        assertThat(WorkerPool.work(queue)).isTrue();
    }

    @Test
    void whoIsSuspendedTakesNothing() throws Exception {
        SedaEndpoint queue = camel.getEndpoint("seda:some-workers", SedaEndpoint.class);

        camel.getRouteController().suspendRoute("some-worker");

        assertThat(WorkerPool.work(queue)).isFalse();
        assertThat(leaving).contains("some-workers");
        camel.getRouteController().resumeRoute("some-worker");
        assertThat(WorkerPool.work(queue)).isTrue();
    }

    @Test
    void aRouteThatIsStartedAgainHasAsManyAsBefore() throws Exception {
        pools.resize("some-workers", 4);
        camel.getRouteController().stopRoute("some-worker");
        camel.getRouteController().startRoute("some-worker");

        queue(10);

        awaitWorking(4);
    }
}
