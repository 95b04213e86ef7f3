package routes.reward;

import org.springframework.stereotype.Component;
import routes.delivery.LedgerUpkeep;
import routes.settings.Statements;

/** What operators have said of when rewards may go out. */
@Component
public class RewardHolds {

    private final Statements sql;
    private final LedgerUpkeep ledger;

    RewardHolds(Statements sql, LedgerUpkeep ledger) {
        this.sql = sql;
        this.ledger = ledger;
    }

    /**
     * Deletes what was said longer than {@linkplain LedgerUpkeep#purgeAfter() deliveries are kept} ago of rewards that were delivered, or that
     * the application has deleted: 10,000 at most, the rest next time.
     */
    public void purge() {
        sql.of("reward/purge-holds", "age", ledger.purgeAfter()).update();
    }
}
