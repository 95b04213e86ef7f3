package routes.delivery;

/** Hears of the outcomes of one consumer group, for what must change together with the ledger. */
public interface OutcomeListener {

    /** The consumer group whose outcomes it hears of. */
    String group();

    /**
     * An attempt ended. Called in the transaction that writes the outcome to the ledger, and only when this instance
     * still held the lease.
     *
     * @param outcome with the status that the ledger now has: {@link DeliveryStatus#FAILED} where the schedule ended
     */
    void finished(Delivery delivery, Outcome outcome);
}
