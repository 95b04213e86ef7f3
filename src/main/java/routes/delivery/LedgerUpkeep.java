package routes.delivery;

import com.fasterxml.jackson.databind.node.ArrayNode;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import routes.event.EventJson;
import routes.settings.Statements;

/** Upkeep of the ledger beside processing its deliveries: nothing gets lost in an instance, and nothing grows without limit. */
@Component
public class LedgerUpkeep {

    private static final Logger LOG = LoggerFactory.getLogger(LedgerUpkeep.class);

    private static final int BATCH = 1_000;
    private static final int PURGE_AT_ONCE = 20_000;
    private static final Duration MAX_DRIFT = Duration.ofSeconds(1);
    private static final int STRAY_MARGIN_SECONDS = 10;
    private static final OffsetDateTime EVER = OffsetDateTime.parse("2000-01-01T00:00:00Z");

    private final Statements sql;
    private final Instance instance;
    private final DeliverySettings settings;
    private OffsetDateTime purgedUpTo = EVER;
    private @Nullable Reading lastReading;

    LedgerUpkeep(Statements sql, Instance instance, DeliverySettings settings) {
        this.sql = sql;
        this.instance = instance;
        this.settings = settings;
    }

    private record Purged(int rows, @Nullable OffsetDateTime upTo) {}

    /**
     * Deletes deliveries done or skipped longer ago than {@code deliveries.purge-after}, and those that failed longer ago than
     * {@code deliveries.purge-failed-after}; never those that wait for a person, nor that of an announcement before its mails'.
     * In small statements, a limited number per call.
     *
     * @return whether there is more
     */
    public boolean purge() {
        int purged = 0;
        Purged some;
        do {
            some = sql.of("delivery/purge")
                    .param("from", purgedUpTo)
                    .param("age", settings.purgeAfter().toSeconds())
                    .param("failed_age", settings.purgeFailedAfter().toSeconds())
                    .param("limit", BATCH)
                    .query(Purged.class)
                    .single();
            purgedUpTo = some.upTo() == null ? purgedUpTo : some.upTo();
            purged += some.rows();
        } while (some.rows() == BATCH && purged < PURGE_AT_ONCE);
        boolean more = some.rows() == BATCH;
        if (!more) {
            purgedUpTo = EVER; // rows that were too young may be old enough next time
        }
        return more;
    }

    /** The database's clock next to this machine's monotonic one. */
    record Reading(OffsetDateTime database, long nanos) {}

    /**
     * Restarts pauses that would last longer because the database's clock was set back: at the start, and if that clock has fallen more
     * than a second behind this machine's monotonic one.
     */
    public void followClock() {
        OffsetDateTime database =
                sql.of("delivery/now").query(OffsetDateTime.class).single();
        Reading reading = new Reading(database, System.nanoTime());
        if (lastReading == null || wasSetBack(lastReading, reading)) {
            int restarted = 0;
            int some;
            do {
                some = sql.of("delivery/restart-pauses", "limit", BATCH).update();
                restarted += some;
            } while (some >= BATCH);
            if (restarted > 0) {
                LOG.warn("The database's clock was set back: restarted the pauses of {} deliveries", restarted);
            }
        }
        lastReading = reading;
    }

    static boolean wasSetBack(Reading before, Reading after) {
        return Duration.between(before.database(), after.database()).toNanos()
                < after.nanos() - before.nanos() - MAX_DRIFT.toNanos();
    }

    /**
     * Releases deliveries that have been leased to this instance for longer than the handover takes, and are neither queued
     * nor in progress here. One that arrives after all is not done twice: its attempt cannot begin without the lease.
     *
     * @param held the deliveries in the queues and with workers
     * @return how many were released
     */
    public int reclaimStrays(Set<UUID> held) {
        ArrayNode ids = EventJson.mapper().createArrayNode();
        held.forEach(id -> ids.add(id.toString()));
        return sql.of("delivery/reclaim-strays")
                .param("owner", instance.id())
                .param("age", settings.handOverTimeout().multipliedBy(2).toSeconds() + STRAY_MARGIN_SECONDS)
                .param("held", ids.toString())
                .update();
    }
}
