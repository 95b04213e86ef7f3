package routes.position;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.ProducerTemplate;
import org.springframework.stereotype.Component;
import routes.background.Masking;
import routes.delivery.DeliveryException;
import routes.delivery.DeliveryStatus;
import routes.delivery.Outcome;
import routes.operation.Arguments;
import routes.operation.Audit;
import routes.position.Leaderboards.Difference;
import routes.settings.OnRole;
import routes.settings.Role;

/** Compares leaderboards with a full recalculation for operators, and recalculates them. */
@OnRole(Role.POSITION)
@Component
public class PositionOperations {

    private final Leaderboards leaderboards;
    private final ProducerTemplate template;
    private final Audit audit;

    PositionOperations(Leaderboards leaderboards, ProducerTemplate template, Audit audit) {
        this.leaderboards = leaderboards;
        this.template = template;
        this.audit = audit;
    }

    /**
     * What a recalculation would change.
     *
     * @param differences how many positions differ
     * @param people some of the people, from the top of the board
     */
    public record Verified(UUID campaign, long differences, List<Difference> people) {}

    /** A board that was recalculated as a whole. */
    public record Recalculated(UUID campaign, long differencesBefore) {}

    /** Compares a board with a full recalculation as of now. Changes nothing. */
    public Verified verify(UUID campaign, int limit) {
        try {
            List<Difference> people = leaderboards
                    .verify(campaign, limit)
                    .orElseThrow(() -> Arguments.missing("there is no campaign " + campaign));
            return new Verified(campaign, people.isEmpty() ? 0 : people.get(0).differences(), people);
        } catch (DeliveryException e) {
            throw Arguments.refused(String.valueOf(e.getMessage()));
        }
    }

    /** Recalculates a board as a whole. */
    public Recalculated recalculate(UUID campaign, String by) {
        long before = verify(campaign, 1).differences();
        try {
            template.sendBody("direct:recalculate-positions", CampaignEvents.whole(campaign.toString()));
        } catch (CamelExecutionException e) {
            Outcome outcome = Outcome.of(e);
            String message = "campaign %s was not recalculated: %s".formatted(campaign, Masking.mask(outcome.reason()));
            throw outcome.status() == DeliveryStatus.FAILED
                    ? Arguments.refused(message)
                    : Arguments.unavailable(message);
        }
        audit.write(
                by, "positions.recalculate", Map.of("campaign", campaign), "%d positions were wrong".formatted(before));
        return new Recalculated(campaign, before);
    }
}
