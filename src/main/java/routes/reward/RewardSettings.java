package routes.reward;

import jakarta.validation.constraints.AssertTrue;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotEmpty;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;
import routes.delivery.DeliveryException;

/**
 * The meaning of {@code user_rewards.status} ({@code rewards.*}). The application writes the column, too: any other value
 * holds the reward back, and is never overwritten.
 *
 * @param deliverable the statuses for which a reward is delivered (REWARD_STATUSES). The first is also written for one that
 *     waits for its next attempt or for a person. {@code failed}, which this service writes, is always included
 */
@Validated
@ConfigurationProperties(prefix = "rewards", ignoreUnknownFields = false)
public record RewardSettings(
        @NotEmpty(message = "write the values of user_rewards.status for which a reward is delivered, such as pending")
        @DefaultValue("pending")
        List<@NotBlank(message = "write values separated by commas, such as pending,approved") String> deliverable) {

    private static final String FAILED = "failed";
    private static final String DELIVERED = "delivered";

    /** Validates that delivered is not among them. */
    @AssertTrue(message = "leave out delivered: such a reward is done")
    public boolean isDeliverableWithoutDelivered() {
        return !deliverable.contains(DELIVERED);
    }

    /** Whether a row with this status may be delivered. */
    boolean allows(String status) {
        return deliverable.contains(status) || status.equals(FAILED);
    }

    /** Whether the application has taken a reward back: its status is neither deliverable nor the one of a delivered reward. */
    boolean isTakenBack(String status) {
        return !allows(status) && !status.equals(DELIVERED);
    }

    /**
     * Refuses a reward that the application has taken back.
     *
     * @throws DeliveryException.Skipped with its status
     */
    public void requireNotTakenBack(String status) {
        if (isTakenBack(status)) {
            throw new DeliveryException.Skipped(reason(status));
        }
    }

    /** Why a reward is not delivered that has been taken back. */
    static String reason(String status) {
        return "user_rewards.status is " + status;
    }

    /** The status of a reward that waits. */
    String waiting() {
        return deliverable.get(0);
    }
}
