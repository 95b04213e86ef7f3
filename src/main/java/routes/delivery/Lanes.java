package routes.delivery;

import java.util.List;
import java.util.Map;

/**
 * The receivers of a group that are served each at its own pace. A delivery that its receiver has no room for waits in the
 * ledger, in the receiver's lane: a receiver that is slow or down holds up neither the others nor the consumer.
 */
public interface Lanes {

    /** The consumer group of these receivers. */
    String group();

    /**
     * Looks up the receivers of deliveries, all at once.
     *
     * @return the same deliveries, each in the lane of its receiver; without a lane if it has no such receiver
     */
    List<Delivery> assign(List<Delivery> deliveries);

    /**
     * How many deliveries of each lane there is room for now, where that is known. From a lane that is not known here, one delivery is
     * taken to find out.
     *
     * @param coming how many of each lane were taken and have not arrived yet
     */
    Map<String, Integer> room(Map<String, Integer> coming);

    /** Gives deliveries that wait for their receiver back to the ledger; those in progress continue. */
    void giveBack();
}
