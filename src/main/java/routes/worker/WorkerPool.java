package routes.worker;

import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.apache.camel.Component;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.component.seda.BlockingQueueFactory;
import org.apache.camel.component.seda.SedaComponent;
import org.apache.camel.component.seda.SedaConsumer;
import org.apache.camel.component.seda.SedaEndpoint;
import org.apache.camel.support.UnitOfWorkHelper;
import org.jspecify.annotations.Nullable;
import routes.background.Threads;
import routes.background.Trouble;

/**
 * The workers of a group, whose number can be changed while they work. Camel's own have to be stopped for that, which would wait for
 * all that is under way, or interrupt it.
 */
class WorkerPool extends SedaConsumer {

    private static final long LOOK_MILLIS = 20;

    /** While a route is being stopped, Camel asks every second what is still pending. */
    private static final long ASKED_NANOS = TimeUnit.SECONDS.toNanos(3);

    /** Threads that work or were asked to, and were not told to leave. */
    private final AtomicInteger threads = new AtomicInteger();

    /** Whether this thread was told to leave. */
    private final ThreadLocal<Boolean> leaves = ThreadLocal.withInitial(() -> false);

    private volatile int size;
    private volatile @Nullable Long askedToLeave;
    private @Nullable ThreadPoolExecutor executor;

    WorkerPool(SedaEndpoint endpoint, Processor processor) {
        super(endpoint, processor);
        this.size = endpoint.getConcurrentConsumers();
    }

    /** Whether somebody takes what comes into a queue: not while its route is stopped or suspended, or is being stopped. */
    static boolean work(SedaEndpoint queue) {
        WorkerPool workers = ((Pools) queue.getComponent()).workers.get(queue.getName());
        return workers != null && workers.work();
    }

    private boolean work() {
        Long asked = askedToLeave;
        return isStarted() && (asked == null || System.nanoTime() - asked > ASKED_NANOS);
    }

    @Override
    public int getPendingExchangesSize() {
        askedToLeave = System.nanoTime();
        return super.getPendingExchangesSize();
    }

    @Override
    protected void doSuspend() throws Exception {
        super.doSuspend();
        getEndpoint().purgeQueue();
    }

    @Override
    protected void doResume() throws Exception {
        askedToLeave = null;
        super.doResume();
    }

    /** The group whose queue they work on. */
    String group() {
        return getEndpoint().getName();
    }

    /** How many workers there are to be. */
    int size() {
        return size;
    }

    /** Changes their number. Who is at work and is one too many ends it first. It holds until the instance ends. */
    synchronized void resize(int workers) {
        size = workers;
        getEndpoint().setConcurrentConsumers(workers); // when the route is started again
        if (executor == null || !isStarted()) {
            return;
        }
        if (workers > executor.getMaximumPoolSize()) {
            executor.setMaximumPoolSize(workers);
            executor.setCorePoolSize(workers);
        } else {
            executor.setCorePoolSize(workers);
            executor.setMaximumPoolSize(workers);
        }
        while (threads.get() < workers) {
            threads.incrementAndGet();
            executor.execute(this);
        }
    }

    @Override
    protected synchronized void doStart() throws Exception {
        askedToLeave = null;
        ((Pools) getEndpoint().getComponent()).workers.put(group(), this);
        threads.set(size);
        super.doStart();
    }

    @Override
    protected synchronized void doStop() throws Exception {
        super.doStop();
        executor = null;
    }

    @Override
    protected ExecutorService createExecutor(int poolSize) {
        ExecutorService created = super.createExecutor(poolSize);
        executor = (ThreadPoolExecutor) created;
        return created;
    }

    @Override
    public void run() {
        try {
            Trouble trouble = new Trouble("a worker of " + group());
            boolean goesOn = true;
            while (goesOn) {
                try {
                    super.run();
                    goesOn = false;
                } catch (Throwable thrown) { // Camel's ends at an error, and nobody takes its place
                    Threads.tell(trouble, thrown);
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(LOOK_MILLIS));
                }
            }
        } finally {
            if (!leaves.get()) {
                threads.decrementAndGet();
            }
            leaves.remove();
        }
    }

    @Override
    protected boolean beforePoll() {
        int now = threads.get();
        while (now > size) {
            if (threads.compareAndSet(now, now - 1)) {
                leaves.set(true);
                return false;
            }
            now = threads.get();
        }
        return true;
    }

    @Override
    public boolean isRunAllowed() {
        return !leaves.get() && super.isRunAllowed();
    }

    /** At an error Camel forgets what it was at: whoever waits for its end would wait for ever. */
    @Override
    protected void processPolledExchange(Exchange exchange) {
        try {
            super.processPolledExchange(exchange);
        } catch (Error e) {
            exchange.setException(e);
            UnitOfWorkHelper.doneUow(exchange.getUnitOfWork(), exchange);
            getEndpoint().getCamelContext().getInflightRepository().remove(exchange, getRouteId());
            throw e;
        }
    }

    /** Waits for those, too, that were added: Camel knows of as many as there were at the start. */
    @Override
    public void prepareShutdown(boolean suspendOnly, boolean forced) {
        super.prepareShutdown(suspendOnly, forced);
        if (suspendOnly) {
            return;
        }
        var strategy = getEndpoint().getCamelContext().getShutdownStrategy();
        long deadline = System.nanoTime() + strategy.getTimeUnit().toNanos(strategy.getTimeout());
        try {
            while (threads.get() > 0 && System.nanoTime() < deadline) {
                TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Camel's component, whose workers are these. */
    @org.apache.camel.spi.annotations.Component("seda")
    static class Pools extends SedaComponent {

        private final Consumer<String> leaving;

        /** Those of each queue: several endpoints may name the same one. */
        private final Map<String, WorkerPool> workers = new ConcurrentHashMap<>();

        /**
         * Pools of workers.
         *
         * @param leaving takes what is in the queue of a group whose workers leave
         */
        Pools(Consumer<String> leaving) {
            this.leaving = leaving;
        }

        @Override
        protected SedaEndpoint createEndpoint(
                String uri, Component component, BlockingQueueFactory<Exchange> factory, int workers) {
            return new Queue(uri, component, factory, workers);
        }

        @Override
        protected SedaEndpoint createEndpoint(
                String uri, Component component, BlockingQueue<Exchange> queue, int workers) {
            return new Queue(uri, component, queue, workers);
        }
    }

    /** Camel's queue, whose workers are these. */
    private static final class Queue extends SedaEndpoint {

        private Queue(String uri, Component component, BlockingQueueFactory<Exchange> factory, int workers) {
            super(uri, component, factory, workers);
        }

        private Queue(String uri, Component component, BlockingQueue<Exchange> queue, int workers) {
            super(uri, component, queue, workers);
        }

        @Override
        public void purgeQueue() {
            ((Pools) getComponent()).leaving.accept(getName());
        }

        @Override
        protected SedaConsumer createNewConsumer(Processor processor) {
            return new WorkerPool(this, processor);
        }
    }
}
