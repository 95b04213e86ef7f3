package routes.worker;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.concurrent.PriorityBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;
import routes.delivery.Delivery;

/**
 * The queue in front of a group's workers: bounded, and first in, first out, except that single deliveries go before those of
 * a fan-out. Someone who signs up while a milestone is announced to a million people only waits for the next free worker.
 */
final class FairQueue extends PriorityBlockingQueue<Exchange> {

    private static final String PLACE = "place";

    /** How long a worker sleeps at least, whatever its timeout: that of Camel is only how often it looks whether it has to stop. */
    private static final long LONG_MILLIS = 10_000;

    private final Semaphore room;

    /** At least one permit for each exchange. */
    private final Semaphore calls = new Semaphore(0);

    private final AtomicLong places = new AtomicLong();

    FairQueue(int capacity) {
        super(
                Math.min(capacity, 16),
                Comparator.comparing(FairQueue::isOfFanOut)
                        .thenComparing(exchange -> exchange.getProperty(PLACE, Long.class)));
        this.room = new Semaphore(capacity);
    }

    private static boolean isOfFanOut(Exchange exchange) {
        return exchange.getMessage().getBody() instanceof Delivery delivery
                && !delivery.recipient().isEmpty();
    }

    private boolean enter(Exchange exchange) {
        exchange.setProperty(PLACE, places.getAndIncrement());
        boolean entered = super.offer(exchange);
        calls.release();
        return entered;
    }

    private @Nullable Exchange left(@Nullable Exchange exchange) {
        if (exchange != null) {
            room.release();
        }
        return exchange;
    }

    @Override
    public boolean add(Exchange exchange) {
        if (!offer(exchange)) {
            throw new IllegalStateException("The queue is full");
        }
        return true;
    }

    @Override
    public boolean offer(Exchange exchange) {
        return room.tryAcquire() && enter(exchange);
    }

    /** Also false if the thread is interrupted. */
    @Override
    public boolean offer(Exchange exchange, long timeout, TimeUnit unit) {
        try {
            return room.tryAcquire(timeout, unit) && enter(exchange);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Override
    public void put(Exchange exchange) {
        room.acquireUninterruptibly();
        enter(exchange);
    }

    @Override
    public @Nullable Exchange poll() {
        return left(super.poll());
    }

    /** Waits for longer than asked, until there is an exchange or somebody {@linkplain #wake wakes} who waits. */
    @Override
    public @Nullable Exchange poll(long timeout, TimeUnit unit) throws InterruptedException {
        return calls.tryAcquire(Math.max(unit.toMillis(timeout), LONG_MILLIS), TimeUnit.MILLISECONDS) ? poll() : null;
    }

    /** Ends the waiting in {@link #poll(long, TimeUnit)} of this many workers, without an exchange. */
    void wake(int workers) {
        calls.release(workers);
    }

    @Override
    public Exchange take() throws InterruptedException {
        Exchange exchange = super.take();
        room.release();
        return exchange;
    }

    @Override
    public int remainingCapacity() {
        return room.availablePermits();
    }

    @Override
    public int drainTo(Collection<? super Exchange> target, int max) {
        int drained = super.drainTo(target, max);
        room.release(drained);
        return drained;
    }

    @Override
    public boolean remove(Object exchange) {
        boolean removed = super.remove(exchange);
        if (removed) {
            room.release();
        }
        return removed;
    }

    @Override
    public void clear() {
        drainTo(new ArrayList<>());
    }
}
