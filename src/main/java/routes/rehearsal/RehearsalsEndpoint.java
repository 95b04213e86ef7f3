package routes.rehearsal;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.stereotype.Component;
import routes.rehearsal.RehearsalOperations.Report;

/** {@code rehearsals}: sends the mails of a campaign to an operator, and a ping to each of its receivers. */
@Component
@Endpoint(id = "rehearsals")
class RehearsalsEndpoint {

    private final RehearsalOperations rehearsals;

    RehearsalsEndpoint(RehearsalOperations rehearsals) {
        this.rehearsals = rehearsals;
    }

    /** Rehearses a campaign. */
    @WriteOperation
    Report rehearse(
            @Selector String campaign,
            @Nullable String person,
            @Nullable String to,
            @Nullable String by,
            @Nullable String reason) {
        return rehearsals.rehearse(campaign, person, to, by, reason);
    }
}
