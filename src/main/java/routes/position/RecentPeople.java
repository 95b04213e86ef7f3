package routes.position;

import static routes.position.RoundTrip.array;

import java.sql.Array;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.apache.camel.Body;
import org.apache.camel.ExchangeException;
import org.apache.camel.util.ObjectHelper;
import org.springframework.stereotype.Component;
import routes.delivery.DatabaseErrors;
import routes.delivery.DeliveryException;
import routes.settings.Statements;

/**
 * The people of recent batches, who are checked again: an event may arrive before its transaction is committed, and its
 * recalculation then misses the change. One statement checks them all; campaigns without changes are left alone.
 */
@Component
public class RecentPeople {

    private static final Duration AGAIN = Duration.ofSeconds(10);

    private final Statements sql;
    private final PositionSettings settings;

    RecentPeople(Statements sql, PositionSettings settings) {
        this.sql = sql;
        this.settings = settings;
    }

    /** Remembers the people of a batch for {@code positions.look-again-after}. */
    public void remember(@Body List<CampaignEvents> batch) {
        Set<UUID> people = new TreeSet<>();
        batch.forEach(campaign -> people.addAll(campaign.people()));
        if (people.isEmpty() || settings.lookAgainAfter().isEmpty()) {
            return;
        }
        remember(people, settings.lookAgainAfter());
    }

    /** The people who are due for a check and have changed since they were ranked, by campaign. */
    public List<CampaignEvents> changed() {
        return sql.of("position/changed-recently")
                .query((row, n) ->
                        CampaignEvents.again(row.getObject("campaign_id", UUID.class), people(row.getArray("people"))))
                .list();
    }

    /** Remembers the people of a campaign who could not be recalculated now, for ten seconds, unless that would fail again. */
    public void again(@Body CampaignEvents failed, @ExchangeException Exception because) {
        boolean isForGood = ObjectHelper.getException(DeliveryException.Permanent.class, because) != null
                || DatabaseErrors.isOfTheData(because);
        if (!failed.people().isEmpty() && !isForGood) {
            remember(failed.people(), List.of(AGAIN));
        }
    }

    private void remember(Set<UUID> people, List<Duration> after) {
        sql.of("position/remember-people")
                .param("people", array(people, id -> id))
                .param("after", array(after, one -> one.toMillis() / 1000.0))
                .update();
    }

    private static Set<UUID> people(Array people) throws SQLException {
        return new TreeSet<>(Arrays.asList((UUID[]) people.getArray()));
    }
}
