package routes.position;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.ProducerTemplate;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.stereotype.Component;
import routes.background.Masking;
import routes.delivery.DeliveryException;
import routes.delivery.DeliveryStatus;
import routes.delivery.Outcome;
import routes.operation.Audit;
import routes.operation.Operator;
import routes.position.Leaderboards.Difference;
import routes.settings.OnRole;
import routes.settings.Role;

/** {@code positions}: compares a campaign's leaderboard with a recalculation of all of it, and recalculates it. */
@OnRole(Role.POSITION)
@Component
@Endpoint(id = "positions")
class PositionsEndpoint {

    private static final int DEFAULT_LIMIT = 50;
    private static final int MAX_LIMIT = 500;

    private final Leaderboards leaderboards;
    private final ProducerTemplate template;
    private final Audit audit;

    PositionsEndpoint(Leaderboards leaderboards, ProducerTemplate template, Audit audit) {
        this.leaderboards = leaderboards;
        this.template = template;
        this.audit = audit;
    }

    /**
     * What a recalculation would change.
     *
     * @param differences how many positions are other ones
     * @param people some of them, those in front first
     */
    record Verified(UUID campaign, long differences, List<Difference> people) {}

    /** A board that was recalculated as a whole. */
    record Recalculated(UUID campaign, long differencesBefore) {}

    /** Compares a board with what a recalculation of all of it would say now. It changes nothing. */
    @ReadOperation
    Verified verify(@Selector String campaign, @Nullable String limit) {
        UUID id = Operator.uuid("campaign", campaign);
        List<Difference> people = differences(id, Operator.count("limit", limit, DEFAULT_LIMIT, MAX_LIMIT));
        return new Verified(id, count(people), people);
    }

    /** Recalculates a board as a whole. */
    @WriteOperation
    Recalculated change(@Selector String campaign, @Nullable String action, @Nullable String by) {
        UUID id = Operator.uuid("campaign", campaign);
        Operator.oneOf("action", action, List.of("recalculate"));
        String who = Operator.by(by);
        long before = count(differences(id, 1));
        try {
            template.sendBody("direct:recalculate-positions", CampaignEvents.whole(id.toString()));
        } catch (CamelExecutionException e) {
            Outcome outcome = Outcome.of(e);
            String message = "campaign %s was not recalculated: %s".formatted(id, Masking.mask(outcome.reason()));
            throw outcome.status() == DeliveryStatus.FAILED ? Operator.refused(message) : Operator.unavailable(message);
        }
        audit.write(who, "positions.recalculate", Map.of("campaign", id), "%d positions were wrong".formatted(before));
        return new Recalculated(id, before);
    }

    private List<Difference> differences(UUID campaign, int limit) {
        try {
            return leaderboards
                    .verify(campaign, limit)
                    .orElseThrow(() -> Operator.missing("there is no campaign " + campaign));
        } catch (DeliveryException e) {
            throw Operator.refused(String.valueOf(e.getMessage()));
        }
    }

    private static long count(List<Difference> some) {
        return some.isEmpty() ? 0 : some.get(0).differences();
    }
}
