package routes.position;

import static routes.position.RoundTrip.array;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.apache.camel.Body;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import routes.settings.OnRole;
import routes.settings.Role;
import routes.settings.Statements;

/**
 * The table {@code event_routes.person_change}, in which the application names people who were banned or deleted, or came back. Rows are found by
 * their presence, not from a high-water mark, so a transaction that commits late is not passed over. An instance takes rows for half a
 * minute; a recalculation deletes them in its own transaction, so after a crash or a failure they are taken again.
 */
@OnRole(Role.POSITION)
@Component
public class PersonChanges {

    private static final Logger LOG = LoggerFactory.getLogger(PersonChanges.class);

    private final Statements sql;
    private final PositionSettings settings;
    private volatile Backlog backlog = new Backlog(0, 0);

    PersonChanges(Statements sql, PositionSettings settings, MeterRegistry metrics) {
        this.sql = sql;
        this.settings = settings;
        Gauge.builder("domain.events.person.changes.waiting", () -> backlog.waiting())
                .register(metrics);
        Gauge.builder("domain.events.person.changes.lag.seconds", () -> backlog.seconds())
                .register(metrics);
    }

    private record Backlog(long waiting, double seconds) {}

    /**
     * A row of the table.
     *
     * @param known whether the person has a row of this campaign, or is still on its board
     */
    record Row(long id, UUID campaignId, UUID userId, boolean known) {}

    /**
     * Takes the next rows, at most {@code positions.page-size}, and deletes those that name nobody of their campaign: each is logged.
     *
     * @return one entry per campaign, in the order of their first rows; empty if nothing is waiting
     */
    public List<CampaignChanges> take() {
        List<Row> rows = sql.of("position/take-changes", "limit", settings.pageSize())
                .query(Row.class)
                .list();
        refuse(rows.stream().filter(row -> !row.known()).toList());
        return coalesce(rows);
    }

    /** The people that rows name, by campaign. */
    static List<CampaignChanges> coalesce(List<Row> rows) {
        Map<UUID, List<Row>> byCampaign = rows.stream()
                .filter(Row::known)
                .collect(Collectors.groupingBy(Row::campaignId, LinkedHashMap::new, Collectors.toList()));
        return byCampaign.entrySet().stream()
                .map(of -> new CampaignChanges(
                        CampaignEvents.again(of.getKey(), people(of.getValue())),
                        of.getValue().stream().map(Row::id).toList()))
                .toList();
    }

    private static Set<UUID> people(List<Row> rows) {
        return rows.stream().map(Row::userId).collect(Collectors.toCollection(TreeSet::new));
    }

    private void refuse(List<Row> unknown) {
        if (!unknown.isEmpty()) {
            Set<Long> deleted = Set.copyOf(delete(unknown.stream().map(Row::id).toList()));
            unknown.stream()
                    .filter(row -> deleted.contains(row.id()))
                    .forEach(row -> LOG.warn(
                            "Row {} of person_change was deleted: campaign {} has no person {}",
                            row.id(),
                            row.campaignId(),
                            row.userId()));
        }
    }

    /** Deletes the rows of a campaign, in the transaction in which its people were recalculated. */
    public void delete(@Body CampaignChanges done) {
        delete(done.rows());
    }

    private List<Long> delete(List<Long> ids) {
        return sql.of("position/delete-changes", "ids", array(ids, id -> id))
                .query(Long.class)
                .list();
    }

    /** Measures how much waits, for metrics. */
    public void measure() {
        backlog = sql.of("position/changes-lag").query(Backlog.class).single();
    }
}
