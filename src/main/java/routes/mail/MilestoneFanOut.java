package routes.mail;

import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import routes.delivery.Delivery;
import routes.delivery.DeliveryException;
import routes.delivery.Outcome;
import routes.event.Ids;
import routes.settings.SqlFiles;

/** Makes a delivery for each active person of a campaign out of one for the campaign, in one statement. */
@Component
public class MilestoneFanOut {

    private final JdbcClient jdbc;
    private final String expand;

    MilestoneFanOut(JdbcClient jdbc, SqlFiles sql) {
        this.jdbc = jdbc;
        this.expand = sql.read("mail/fan-out-milestone.sql");
    }

    /**
     * Records a delivery a person, due at once. Done twice, it finds the people recorded.
     *
     * @throws DeliveryException.Permanent when the campaign's id is one that no row has
     */
    public Outcome expand(Delivery delivery) {
        String campaignId = delivery.event().campaignId();
        if (!Ids.isUuid(campaignId)) {
            throw new DeliveryException.Permanent("there is no campaign %s: its id is no UUID".formatted(campaignId));
        }
        int people = jdbc.sql(expand)
                .param("delivery", delivery.id())
                .param("campaign_id", UUID.fromString(campaignId))
                .update();
        return Outcome.delivered("one mail each to %d people".formatted(people), null);
    }
}
