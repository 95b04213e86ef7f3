package routes.delivery;

import java.util.List;

/** Hears of the outcomes of one consumer group, for what must change together with the ledger. */
public interface OutcomeListener {

    /** The consumer group whose outcomes it hears of. */
    String group();

    /** Whether it hears of the outcomes of a delivery: then the ledger's row is written in a transaction with what it does. */
    default boolean concerns(Delivery delivery) {
        return true;
    }

    /**
     * Locks what {@link #finished} will change of the application's. Called before it, while nothing of the ledger is locked.
     *
     * @param ended attempts that ended together
     * @return the same in their order, with what the application's rows add to their outcomes
     */
    default List<Ended> lock(List<Ended> ended) {
        return ended;
    }

    /**
     * Attempts ended. Called in the transaction that writes their outcomes to the ledger, and only for those whose lease this instance
     * still held.
     */
    void finished(List<Ended> ended);

    /** Whether {@link #finished} is called, too, when an operator has made a delivery due again, or has said that it is done. */
    default boolean hearsOfOperators() {
        return false;
    }
}
