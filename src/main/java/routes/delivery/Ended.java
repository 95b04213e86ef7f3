package routes.delivery;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * An attempt that has ended.
 *
 * @param outcome with the status for the ledger: {@link DeliveryStatus#FAILED} if the schedule has ended
 * @param pause until the next attempt; null if there is none
 */
public record Ended(
        Delivery delivery, Outcome outcome, @Nullable Duration pause) {

    /** The same, with another outcome. */
    public Ended with(Outcome other) {
        return new Ended(delivery, other, pause);
    }
}
