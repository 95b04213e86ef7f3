package routes.position;

import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import routes.delivery.DeliveryException;
import routes.event.DomainEvent;
import routes.event.EventData.ReferralVerified;
import routes.settings.Statements;

/** The position that a recalculation would give one person, for mails that cannot wait for it. */
@Component
public class Positions {

    private final Statements sql;
    private final PositionSettings settings;

    Positions(Statements sql, PositionSettings settings) {
        this.sql = sql;
        this.settings = settings;
    }

    /** A person's position on their board as of now; without a position if there is no such board. */
    private record Found(
            @Nullable String namedMode,
            long points,
            @Nullable Long position) {}

    /**
     * The position of a person who has a row: their score computed from the source of truth, and by rank their place with
     * that score among the others as last ranked.
     *
     * @param event a verified referral of the person's campaign, possibly with points that no recalculation has used yet
     * @param userId the person's id, a UUID
     * @throws DeliveryException.Permanent when the campaign's referral_config has an unknown mode
     */
    public long of(DomainEvent event, String userId) {
        return of(event, userId, 0);
    }

    /**
     * The position that {@linkplain #of(DomainEvent, String) a person} would have without their latest referrals, everything
     * else being equal: it does not depend on what position-workers have written by now.
     *
     * @param without how many referrals to leave out
     */
    public long of(DomainEvent event, String userId, int without) {
        Found found = ask("position/position-of", event, userId, without)
                .param("mode", settings.mode().value())
                .param("points", ((ReferralVerified) event.data()).pointsPerReferral())
                .param("points_as_of", event.timestamp().toString())
                .query((row, n) -> new Found(
                        row.getString("named_mode"), row.getLong("points"), row.getObject("position", Long.class)))
                .single();
        settings.modeOf(found.namedMode()); // otherwise the mail would have a position that no recalculation gives
        return found.position() != null
                ? found.position()
                : 1
                        + ask("position/count-ahead", event, userId, without)
                                .param("points", found.points())
                                .query(Long.class)
                                .single();
    }

    private JdbcClient.StatementSpec ask(String statement, DomainEvent event, String userId, int without) {
        return sql.of(statement)
                .param("campaign_id", UUID.fromString(event.campaignId()))
                .param("user_id", UUID.fromString(userId))
                .param("without", without);
    }
}
