package routes.delivery;

import java.util.List;

/** Listens to the outcomes of one consumer group, to change the application's rows together with the ledger. A group can have several. */
public interface OutcomeListener {

    /** The consumer group that it listens to. */
    String group();

    /** Whether it listens to a delivery's outcomes: then its changes and the ledger's row are written in one transaction. */
    default boolean concerns(Delivery delivery) {
        return true;
    }

    /**
     * Locks the application's rows that {@link #finished} will change. Called before it, while no row of the ledger is locked.
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

    /** Whether it is somebody else's steps, which may fail: then the outcome is written without them, and with all else. */
    default boolean isOfAFile() {
        return false;
    }

    /** Whether {@link #finished} is also called when an operator has retried a delivery or marked it as done. */
    default boolean hearsOfOperators() {
        return false;
    }
}
