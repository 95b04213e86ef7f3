package routes.position;

import org.springframework.stereotype.Component;
import routes.delivery.DeliverySettings;
import routes.settings.Statements;

/** The points that events have named, for campaigns that do not say themselves what a referral is worth. */
@Component
public class CampaignPoints {

    private final Statements sql;
    private final DeliverySettings settings;

    CampaignPoints(Statements sql, DeliverySettings settings) {
        this.sql = sql;
        this.settings = settings;
    }

    /**
     * Deletes the points of campaigns that the application does not have, if the latest event that named any happened longer than
     * {@code deliveries.purge-after} ago: until then the campaign may come back, or only now be written.
     */
    public void purge() {
        sql.of("position/purge-points", "age", settings.purgeAfter().toSeconds())
                .update();
    }
}
