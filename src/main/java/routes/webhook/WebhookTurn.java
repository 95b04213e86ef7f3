package routes.webhook;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import routes.delivery.Delivery;
import routes.delivery.NoRoomException;

/** The turn of one delivery at its receiver: it waits for it, has it, and gives it back. */
final class WebhookTurn {

    private final WebhookLanes lanes;
    private final WebhookEndpoint endpoint;
    private final Delivery delivery;
    private final Begin begins;

    // Guarded by the lanes.
    private boolean begun;
    private boolean ended;
    private boolean overdue;
    private boolean ofTheSlow;
    private long called;

    WebhookTurn(WebhookLanes lanes, WebhookEndpoint endpoint, Delivery delivery, Executor threads) {
        this.lanes = lanes;
        this.endpoint = endpoint;
        this.delivery = delivery;
        this.begins = new Begin(threads);
    }

    WebhookEndpoint endpoint() {
        return endpoint;
    }

    Delivery delivery() {
        return delivery;
    }

    /** Completes when it begins; what follows is on a thread that waits for receivers, never on that of a worker. */
    CompletionStage<Delivery> begins() {
        return begins;
    }

    /** What Camel asks for may be asked after the turn has begun, and would then follow on the thread that asks. */
    private static final class Begin extends CompletableFuture<Delivery> {

        private final Executor threads;

        private Begin(Executor threads) {
            this.threads = threads;
        }

        @Override
        public CompletableFuture<Delivery> whenComplete(BiConsumer<? super Delivery, ? super Throwable> action) {
            return whenCompleteAsync(action, threads);
        }
    }

    void begin(boolean slowPlace) {
        begun = true;
        ofTheSlow = slowPlace;
        begins.complete(delivery);
    }

    void giveUp(String reason) {
        begins.completeExceptionally(new NoRoomException(delivery, reason));
    }

    /** The receiver is called now. */
    void calling() {
        lanes.calling(this);
    }

    void called(long now) {
        called = now;
    }

    boolean isBegun() {
        return begun;
    }

    boolean isUnderWay() {
        return begun && !ended;
    }

    boolean isOverdue() {
        return overdue;
    }

    boolean isOfTheSlow() {
        return ofTheSlow;
    }

    long called() {
        return called;
    }

    void becomeOverdue() {
        overdue = true;
    }

    void moveToTheSlow() {
        ofTheSlow = true;
    }

    void end() {
        ended = true;
    }

    /** The receiver did what was asked. */
    void succeeded() {
        lanes.ended(this, WebhookEndpoint::succeeded);
    }

    /** The receiver refused this delivery, and is well. */
    void refused() {
        lanes.ended(this, WebhookEndpoint::refused);
    }

    /**
     * The receiver failed.
     *
     * @param pause how long it asked to be left alone; null when it did not
     */
    void failed(@Nullable Duration pause) {
        lanes.failed(this, pause);
    }

    /** The delivery is done with. */
    void close() {
        lanes.closed(this);
    }
}
