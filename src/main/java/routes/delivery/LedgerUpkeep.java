package routes.delivery;

import com.fasterxml.jackson.databind.node.ArrayNode;
import java.time.OffsetDateTime;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import routes.event.EventJson;
import routes.settings.SqlFiles;

/** What the ledger needs beside its deliveries being carried out: nothing gets lost in an instance, and nothing grows without end. */
@Component
public class LedgerUpkeep {

    private static final int PURGE_BATCH = 1_000;
    private static final int PURGE_AT_ONCE = 20_000;
    private static final int STRAY_MARGIN_SECONDS = 10;
    private static final OffsetDateTime EVER = OffsetDateTime.parse("2000-01-01T00:00:00Z");

    private final JdbcClient jdbc;
    private final Instance instance;
    private final DeliverySettings settings;
    private final String reclaimStrays;
    private final String purge;

    LedgerUpkeep(JdbcClient jdbc, SqlFiles sql, Instance instance, DeliverySettings settings) {
        this.jdbc = jdbc;
        this.instance = instance;
        this.settings = settings;
        this.reclaimStrays = sql.read("delivery/reclaim-strays.sql");
        this.purge = sql.read("delivery/purge.sql");
    }

    private record Purged(int rows, @Nullable OffsetDateTime upTo) {}

    /**
     * Forgets what was done or skipped before {@code deliveries.purge-after}, and what failed before {@code deliveries.purge-failed-after};
     * what waits for a person, never. In small statements, and not all of much at once: the caller asks again while there is more.
     *
     * @return whether there is more
     */
    public boolean purge() {
        OffsetDateTime from = EVER;
        int purged = 0;
        Purged some;
        do {
            some = jdbc.sql(purge)
                    .param("from", from)
                    .param("age", settings.purgeAfter().toSeconds())
                    .param("failed_age", settings.purgeFailedAfter().toSeconds())
                    .param("limit", PURGE_BATCH)
                    .query(Purged.class)
                    .single();
            from = some.upTo() == null ? from : some.upTo();
            purged += some.rows();
        } while (some.rows() == PURGE_BATCH && purged < PURGE_AT_ONCE);
        return some.rows() == PURGE_BATCH;
    }

    /**
     * Makes due what is leased to this instance for longer than handing over takes, and neither waits in it nor is being
     * carried out. What was on its way after all is not done twice: its lease is lost when it is begun.
     *
     * @param held the deliveries in the queues and with workers
     * @return how many there were
     */
    int reclaimStrays(Set<UUID> held) {
        ArrayNode ids = EventJson.mapper().createArrayNode();
        held.forEach(id -> ids.add(id.toString()));
        return jdbc.sql(reclaimStrays)
                .param("owner", instance.id())
                .param("age", settings.handOverTimeout().multipliedBy(2).toSeconds() + STRAY_MARGIN_SECONDS)
                .param("held", ids.toString())
                .update();
    }
}
