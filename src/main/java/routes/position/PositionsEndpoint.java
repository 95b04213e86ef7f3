package routes.position;

import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.stereotype.Component;
import routes.operation.Arguments;
import routes.position.PositionOperations.Recalculated;
import routes.position.PositionOperations.Verified;
import routes.settings.OnRole;
import routes.settings.Role;

/** {@code positions}: compares a campaign's leaderboard with a full recalculation, and recalculates it. */
@OnRole(Role.POSITION)
@Component
@Endpoint(id = "positions")
class PositionsEndpoint {

    private final PositionOperations positions;

    PositionsEndpoint(PositionOperations positions) {
        this.positions = positions;
    }

    /** Compares a board with a full recalculation as of now. Changes nothing. */
    @ReadOperation
    Verified verify(@Selector String campaign, @Nullable String limit) {
        return positions.verify(Arguments.uuid("campaign", campaign), Arguments.limit(limit));
    }

    /** Recalculates a board as a whole. */
    @WriteOperation
    Recalculated change(@Selector String campaign, @Nullable String action, @Nullable String by) {
        UUID id = Arguments.uuid("campaign", campaign);
        Arguments.oneOf("action", action, List.of("recalculate"));
        return positions.recalculate(id, Arguments.by(by));
    }
}
