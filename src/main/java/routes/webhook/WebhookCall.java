package routes.webhook;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import routes.delivery.Delivery;
import routes.delivery.NoRoomException;

/** The call for one delivery, from its arrival until its outcome is written. The {@link WebhookScheduler} moves it. */
final class WebhookCall {

    /**
     * Where it is: nowhere, before it arrives and after it is finished; waiting in memory; at its turn, but without a connection;
     * calling on a connection for healthy receivers, or on one for the others; or ended, with its outcome unwritten.
     */
    enum State {
        NONE,
        WAITING,
        PREPARING,
        QUICK,
        SLOW,
        FINISHING
    }

    final Receiver receiver;

    /** Completes when its turn comes; exceptionally, with a {@link NoRoomException}, if it has to go back to the ledger. */
    final CompletableFuture<Delivery> turn;

    /** Completes when it may call. */
    final CompletableFuture<Void> connection = new CompletableFuture<>();

    State state = State.NONE;
    long calledAt;
    boolean overdue;

    private final Delivery delivery;

    /** A call that has not arrived yet. When its turn comes, one of these threads continues it. */
    WebhookCall(Delivery delivery, Receiver receiver, Executor threads) {
        this.delivery = delivery;
        this.receiver = receiver;
        this.turn = new CompletableFuture<>() {
            @Override // Camel may check only after the turn has come, and would then continue on a worker's thread.
            public CompletableFuture<Delivery> whenComplete(BiConsumer<? super Delivery, ? super Throwable> action) {
                return whenCompleteAsync(action, threads);
            }
        };
    }

    boolean hasTurn() {
        return state == State.PREPARING || state == State.QUICK || state == State.SLOW;
    }

    void begin() {
        turn.complete(delivery);
    }

    void giveBack(String reason) {
        turn.completeExceptionally(new NoRoomException(delivery, reason));
    }
}
