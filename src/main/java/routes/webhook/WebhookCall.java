package routes.webhook;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import routes.delivery.Delivery;
import routes.delivery.NoRoomException;

/** One delivery at its receiver, from its arrival until its outcome is written. The {@link WebhookScheduler} moves it. */
final class WebhookCall {

    /**
     * Where it is: nowhere before it comes and when it is done with; waiting in memory; with its turn, but no connection; calling on one
     * of the connections for receivers that are well, or of those for the others; or over, with its outcome unwritten.
     */
    enum Place {
        NONE,
        WAITING,
        PREPARING,
        QUICK,
        SLOW,
        FINISHING
    }

    final Receiver receiver;

    /** Completes when its turn comes; with a {@link NoRoomException} when it has to go back to the ledger. */
    final CompletableFuture<Delivery> turn;

    /** Completes when it may call. */
    final CompletableFuture<Void> connection = new CompletableFuture<>();

    Place place = Place.NONE;
    long calledAt;
    boolean overdue;

    private final Delivery delivery;

    /** A call that has not come yet. When its turn comes, one of these threads carries it on. */
    WebhookCall(Delivery delivery, Receiver receiver, Executor threads) {
        this.delivery = delivery;
        this.receiver = receiver;
        this.turn = new CompletableFuture<>() {
            @Override // Camel may ask after the turn has come, and would carry it on itself, on a worker's thread.
            public CompletableFuture<Delivery> whenComplete(BiConsumer<? super Delivery, ? super Throwable> action) {
                return whenCompleteAsync(action, threads);
            }
        };
    }

    boolean hasTurn() {
        return place == Place.PREPARING || place == Place.QUICK || place == Place.SLOW;
    }

    void begin() {
        turn.complete(delivery);
    }

    void giveBack(String reason) {
        turn.completeExceptionally(new NoRoomException(delivery, reason));
    }
}
