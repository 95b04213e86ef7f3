package routes.delivery;

import java.util.List;
import java.util.Map;

/**
 * The receivers of a group that are served each at its own pace. What a receiver has no room for waits in the ledger, in the
 * lane of that receiver, and is taken when it has: one that is slow or away holds up neither the others nor the intake.
 */
public interface Lanes {

    /** The consumer group whose receivers they are. */
    String group();

    /**
     * Looks up the receivers of deliveries, all at once.
     *
     * @return the same, each in the lane of its receiver; in none where it has no receiver that is served so
     */
    List<Delivery> assign(List<Delivery> deliveries);

    /**
     * How many deliveries of each lane there is room for now, where that is known. Of a lane that is not known here one is taken, and
     * shows.
     *
     * @param coming how many of each lane were taken and have not arrived yet
     */
    Map<String, Integer> room(Map<String, Integer> coming);

    /** Gives back to the ledger what waits for its receiver; what is under way goes on. */
    void giveBack();
}
