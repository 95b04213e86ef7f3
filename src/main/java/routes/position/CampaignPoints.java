package routes.position;

import org.springframework.stereotype.Component;
import routes.delivery.LedgerUpkeep;
import routes.settings.Statements;

/** The points that events have named, for campaigns that do not say themselves what a referral is worth. */
@Component
public class CampaignPoints {

    private final Statements sql;
    private final LedgerUpkeep ledger;

    CampaignPoints(Statements sql, LedgerUpkeep ledger) {
        this.sql = sql;
        this.ledger = ledger;
    }

    /**
     * Deletes the points of campaigns that the application does not have, if the latest event that named any happened longer than
     * {@linkplain LedgerUpkeep#purgeAfter() deliveries are kept} ago: until then the campaign may come back, or only now be written.
     */
    public void purge() {
        sql.of("position/purge-points", "age", ledger.purgeAfter()).update();
    }
}
