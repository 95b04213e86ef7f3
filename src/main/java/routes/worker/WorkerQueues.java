package routes.worker;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
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

/** Camel's in-memory queues, made {@linkplain FairQueue fair}. If workers stop, the deliveries that wait for them are given back. */
@org.apache.camel.spi.annotations.Component("seda")
class WorkerQueues extends SedaComponent {

    private final Consumer<String> leaving;

    /**
     * Creates the component, without queues.
     *
     * @param leaving empties the queue of a group whose workers stop
     */
    WorkerQueues(Consumer<String> leaving) {
        this.leaving = leaving;
        setDefaultQueueFactory(new BlockingQueueFactory<>() {
            @Override
            public BlockingQueue<Exchange> create() {
                return create(getQueueSize());
            }

            @Override
            public BlockingQueue<Exchange> create(int capacity) {
                return new FairQueue(capacity);
            }
        });
    }

    @Override
    protected SedaEndpoint createEndpoint(
            String uri, Component component, BlockingQueueFactory<Exchange> factory, int workers) {
        return new Queue(uri, component, factory, workers);
    }

    @Override
    protected SedaEndpoint createEndpoint(String uri, Component component, BlockingQueue<Exchange> queue, int workers) {
        return new Queue(uri, component, queue, workers);
    }

    /** A queue, as seen by the route of its workers. */
    static final class Queue extends SedaEndpoint {

        /** While a route is being stopped, Camel purges its queue every second. */
        private static final long BETWEEN_PURGES_NANOS = TimeUnit.SECONDS.toNanos(3);

        private volatile @Nullable Long purgedAt;

        private Queue(String uri, Component component, BlockingQueueFactory<Exchange> factory, int workers) {
            super(uri, component, factory, workers);
        }

        private Queue(String uri, Component component, BlockingQueue<Exchange> queue, int workers) {
            super(uri, component, queue, workers);
        }

        /** Whether its workers are about to stop. */
        boolean isLeft() {
            Long purged = purgedAt;
            return purged != null && System.nanoTime() - purged < BETWEEN_PURGES_NANOS;
        }

        @Override
        public void purgeQueue() {
            purgedAt = System.nanoTime();
            ((WorkerQueues) getComponent()).leaving.accept(getName());
        }

        @Override
        protected SedaConsumer createNewConsumer(Processor processor) {
            return new Workers(this, processor);
        }
    }

    /** Camel's workers, which here survive errors. */
    private static final class Workers extends SedaConsumer {

        private Workers(SedaEndpoint queue, Processor processor) {
            super(queue, processor);
        }

        @Override
        protected void doStart() throws Exception {
            ((Queue) getEndpoint()).purgedAt = null;
            super.doStart();
        }

        /** Camel waits here until all workers have seen that they have to stop, so they are woken. */
        @Override
        public void prepareShutdown(boolean suspendOnly, boolean forced) {
            if (!suspendOnly) {
                setShutdownPending(true);
                wake();
            }
            super.prepareShutdown(suspendOnly, forced);
        }

        @Override
        protected void doSuspend() throws Exception {
            super.doSuspend();
            getEndpoint().purgeQueue();
            wake();
        }

        private void wake() {
            ((FairQueue) getEndpoint().getQueue()).wake(getEndpoint().getConcurrentConsumers());
        }

        @Override
        protected void doResume() throws Exception {
            ((Queue) getEndpoint()).purgedAt = null;
            super.doResume();
        }

        /** After an error, Camel would also never complete the exchange, and anything waiting for that would never end. */
        @Override
        protected void processPolledExchange(Exchange exchange) {
            try {
                super.processPolledExchange(exchange);
            } catch (Error e) {
                exchange.setException(e);
                UnitOfWorkHelper.doneUow(exchange.getUnitOfWork(), exchange);
                getEndpoint().getCamelContext().getInflightRepository().remove(exchange, getRouteId());
                getExceptionHandler().handleException("A worker failed with an error", exchange, e);
            }
        }
    }
}
