package routes.delivery;

import com.fasterxml.jackson.databind.node.ArrayNode;
import java.time.Duration;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.util.Set;
import java.util.UUID;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;
import routes.event.EventJson;
import routes.settings.Statements;

/** Upkeep of the ledger beside processing its deliveries: nothing gets lost in an instance, and nothing grows without limit. */
@Component
public class LedgerUpkeep {

    private static final Logger LOG = LoggerFactory.getLogger(LedgerUpkeep.class);

    private static final int BATCH = 1_000;
    private static final int PURGE_AT_ONCE = 20_000;
    private static final int MANY = 20_000;
    private static final Duration BETWEEN_WHOLE_PASSES = Duration.ofDays(1);
    private static final Duration CLOCKS_APART = Duration.ofHours(1);
    private static final Duration MAX_DRIFT = Duration.ofSeconds(1);
    private static final int STRAY_MARGIN_SECONDS = 10;
    private static final OffsetDateTime EVER = OffsetDateTime.parse("2000-01-01T00:00:00Z");

    private final Statements sql;
    private final Instance instance;
    private final DeliverySettings settings;
    private final int many;
    private final LongSupplier nanoTime;
    private final InstantSource clock;
    private @Nullable Pass pass;
    private OffsetDateTime keptBefore = EVER;
    private long wholePassDue;
    private @Nullable Reading lastReading;

    @Autowired
    LedgerUpkeep(Statements sql, Instance instance, DeliverySettings settings) {
        this(sql, instance, settings, MANY, System::nanoTime, InstantSource.system());
    }

    /**
     * As of an instance that has just started.
     *
     * @param many more than so many rows that are kept are not looked at each time
     * @param nanoTime as {@link System#nanoTime()}
     * @param clock this machine's, of the day
     */
    LedgerUpkeep(
            Statements sql,
            Instance instance,
            DeliverySettings settings,
            int many,
            LongSupplier nanoTime,
            InstantSource clock) {
        this.sql = sql;
        this.instance = instance;
        this.settings = settings;
        this.many = many;
        this.nanoTime = nanoTime;
        this.clock = clock;
        this.wholePassDue = nanoTime.getAsLong();
    }

    /**
     * The longest {@code deliveries.purge-after} of all instances, in seconds. Each purges the rows of all groups, also of those that only
     * others have: one with a shorter time of its own would delete what a replay of theirs then repeats.
     */
    public long purgeAfter() {
        return sql.of("delivery/purge-after", "own", settings.purgeAfter().toSeconds())
                .query(Long.class)
                .single();
    }

    /**
     * A look at the oldest deliveries.
     *
     * @param rows at how many
     * @param purged how many of them it has deleted
     * @param upTo when the last of them was recorded; null if there was none
     * @param horizon what was recorded before is old
     */
    private record Look(
            int rows,
            int purged,
            @Nullable OffsetDateTime upTo,
            @Nullable UUID last,
            OffsetDateTime horizon) {}

    /** The looks from one end to the other, of which each call does some. */
    private static final class Pass {
        private final boolean whole;
        private int kept;
        private @Nullable OffsetDateTime horizon;
        private OffsetDateTime from;
        private UUID after = new UUID(0, 0);

        private Pass(boolean whole, OffsetDateTime from) {
            this.whole = whole;
            this.from = from;
        }
    }

    /**
     * Whether the database's clock is within an hour of this machine's. If it is not, nothing may be deleted for its age: a database
     * whose clock is days ahead would delete what is young, and a replay would do it again.
     */
    public boolean knowsTheTime() {
        Duration apart = Duration.between(
                clock.instant(),
                sql.of("delivery/now").query(OffsetDateTime.class).single().toInstant());
        if (apart.abs().compareTo(CLOCKS_APART) <= 0) {
            return true;
        }
        LOG.warn(
                "Nothing old is deleted, since nobody knows how old it is: the database's clock is {} h {} this machine's. Correct the one that is wrong.",
                apart.abs().toHours(),
                apart.isNegative() ? "behind" : "ahead of");
        return false;
    }

    /**
     * Deletes deliveries done or skipped longer ago than {@linkplain #purgeAfter() any instance keeps them}, and those that failed longer
     * ago than {@code deliveries.purge-failed-after}; never those that wait for a person, nor that of an announcement before its mails'.
     * In small statements, a limited number per call. Once a pass over all of them has kept many, the next ones leave those out for a day.
     *
     * @return whether there is more
     */
    public boolean purge() {
        Pass pass = this.pass;
        if (pass == null) {
            boolean whole = nanoTime.getAsLong() - wholePassDue >= 0;
            pass = new Pass(whole, whole ? EVER : keptBefore);
        }
        this.pass = pass;
        long age = purgeAfter();
        Look look;
        int looked = 0;
        do {
            look = sql.of("delivery/purge")
                    .param("from", pass.from)
                    .param("after", pass.after)
                    .param("age", age)
                    .param("failed_age", settings.purgeFailedAfter().toSeconds())
                    .param("limit", BATCH)
                    .query(Look.class)
                    .single();
            pass.horizon = pass.horizon == null ? look.horizon() : pass.horizon;
            pass.from = look.upTo() == null ? pass.from : look.upTo();
            pass.after = look.last() == null ? pass.after : look.last();
            pass.kept += look.rows() - look.purged();
            looked += look.rows();
        } while (look.rows() == BATCH && looked < PURGE_AT_ONCE);
        boolean more = look.rows() == BATCH;
        if (!more) {
            end(pass, pass.horizon);
        }
        return more;
    }

    private void end(Pass pass, OffsetDateTime horizon) {
        keptBefore = horizon.isAfter(keptBefore) ? horizon : keptBefore;
        if (pass.whole && pass.kept > many) {
            wholePassDue = nanoTime.getAsLong() + BETWEEN_WHOLE_PASSES.toNanos();
        }
        this.pass = null;
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
