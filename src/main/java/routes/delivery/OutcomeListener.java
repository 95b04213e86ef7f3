package routes.delivery;

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
     * @return the outcome, with what the application's row adds to it
     */
    default Outcome lock(Delivery delivery, Outcome outcome) {
        return outcome;
    }

    /**
     * An attempt ended. Called in the transaction that writes the outcome to the ledger, and only when this instance
     * still held the lease.
     *
     * @param outcome with the status that the ledger now has: {@link DeliveryStatus#FAILED} where the schedule ended
     */
    void finished(Delivery delivery, Outcome outcome);

    /** Whether {@link #finished} is called, too, when an operator has made a delivery due again, or has said that it is done. */
    default boolean hearsOfOperators() {
        return false;
    }
}
