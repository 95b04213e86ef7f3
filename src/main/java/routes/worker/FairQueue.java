package routes.worker;

import java.util.AbstractQueue;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;
import routes.delivery.Delivery;

/**
 * The queue in front of a group's workers: bounded, and first in, first out, except that single deliveries go before those of
 * a fan-out. Who signs up while a milestone is announced to a million people waits for the next free worker, and no longer.
 */
final class FairQueue extends AbstractQueue<Exchange> implements BlockingQueue<Exchange> {

    private final int capacity;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition notEmpty = lock.newCondition();
    private final Condition notFull = lock.newCondition();
    private final Deque<Exchange> single = new ArrayDeque<>();
    private final Deque<Exchange> fanOut = new ArrayDeque<>();

    FairQueue(int capacity) {
        this.capacity = capacity;
    }

    private static boolean isOfFanOut(Exchange exchange) {
        return exchange.getMessage().getBody() instanceof Delivery delivery
                && !delivery.recipient().isEmpty();
    }

    @Override
    public boolean offer(Exchange exchange) {
        lock.lock();
        try {
            return add(exchange, isOfFanOut(exchange) ? fanOut : single);
        } finally {
            lock.unlock();
        }
    }

    private boolean add(Exchange exchange, Deque<Exchange> lane) {
        if (size() >= capacity) {
            return false;
        }
        lane.addLast(exchange);
        notEmpty.signal();
        return true;
    }

    @Override
    public boolean offer(Exchange exchange, long timeout, TimeUnit unit) throws InterruptedException {
        Deque<Exchange> lane = isOfFanOut(exchange) ? fanOut : single;
        long nanos = unit.toNanos(timeout);
        lock.lockInterruptibly();
        try {
            while (!add(exchange, lane)) {
                if (nanos <= 0) {
                    return false;
                }
                nanos = notFull.awaitNanos(nanos);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void put(Exchange exchange) throws InterruptedException {
        while (!offer(exchange, Long.MAX_VALUE, TimeUnit.NANOSECONDS)) {
            // again
        }
    }

    @Override
    public @Nullable Exchange poll() {
        lock.lock();
        try {
            Exchange next = single.isEmpty() ? fanOut.pollFirst() : single.pollFirst();
            if (next != null) {
                notFull.signal();
            }
            return next;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public @Nullable Exchange poll(long timeout, TimeUnit unit) throws InterruptedException {
        long nanos = unit.toNanos(timeout);
        lock.lockInterruptibly();
        try {
            Exchange next = poll();
            while (next == null && nanos > 0) {
                nanos = notEmpty.awaitNanos(nanos);
                next = poll();
            }
            return next;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Exchange take() throws InterruptedException {
        Exchange next = null;
        while (next == null) {
            next = poll(Long.MAX_VALUE, TimeUnit.NANOSECONDS);
        }
        return next;
    }

    @Override
    public @Nullable Exchange peek() {
        lock.lock();
        try {
            return single.isEmpty() ? fanOut.peekFirst() : single.peekFirst();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int size() {
        lock.lock();
        try {
            return single.size() + fanOut.size();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int remainingCapacity() {
        return capacity - size();
    }

    @Override
    public int drainTo(Collection<? super Exchange> target) {
        return drainTo(target, Integer.MAX_VALUE);
    }

    @Override
    public int drainTo(Collection<? super Exchange> target, int max) {
        int drained = 0;
        for (Exchange next = drained < max ? poll() : null; next != null; next = drained < max ? poll() : null) {
            target.add(next);
            drained++;
        }
        return drained;
    }

    @Override
    public boolean remove(Object exchange) {
        lock.lock();
        try {
            boolean removed = single.remove(exchange) || fanOut.remove(exchange);
            if (removed) {
                notFull.signal();
            }
            return removed;
        } finally {
            lock.unlock();
        }
    }

    /** What waits at this moment, in the order in which it would be taken. */
    @Override
    public Iterator<Exchange> iterator() {
        lock.lock();
        try {
            List<Exchange> all = new ArrayList<>(single);
            all.addAll(fanOut);
            return List.copyOf(all).iterator();
        } finally {
            lock.unlock();
        }
    }
}
