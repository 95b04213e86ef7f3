package routes.position;

import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import routes.event.DomainEvent;
import routes.event.EventData.ReferralVerified;
import routes.settings.SqlFiles;

/** What a recalculation would say of one person, for those who cannot wait for it. */
@Component
public class Positions {

    private final JdbcClient jdbc;
    private final PositionSettings settings;
    private final String positionOf;

    Positions(JdbcClient jdbc, SqlFiles sql, PositionSettings settings) {
        this.jdbc = jdbc;
        this.settings = settings;
        this.positionOf = sql.read("position/position-of.sql");
    }

    /**
     * The position of a person who has a row, computed from the source of truth.
     *
     * @param event a verified referral of the person's campaign, which may name points that no recalculation has seen yet
     * @param userId the person's id, a UUID
     */
    public long of(DomainEvent event, String userId) {
        return jdbc.sql(positionOf)
                .param("campaign_id", UUID.fromString(event.campaignId()))
                .param("user_id", UUID.fromString(userId))
                .param("mode", settings.mode().value())
                .param("points", ((ReferralVerified) event.data()).pointsPerReferral())
                .param("points_as_of", event.timestamp().toString())
                .query(Long.class)
                .single();
    }
}
