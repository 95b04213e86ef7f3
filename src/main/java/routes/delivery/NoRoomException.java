package routes.delivery;

/** The receiver of a delivery has no room for it now. No attempt has begun or is used up: it waits in the ledger, in its lane. */
public final class NoRoomException extends RuntimeException {

    private final transient Delivery delivery;

    /**
     * Says why.
     *
     * @param delivery with its lane
     * @param reason in words for an operator
     */
    public NoRoomException(Delivery delivery, String reason) {
        super(reason);
        this.delivery = delivery;
    }

    Delivery delivery() {
        return delivery;
    }
}
