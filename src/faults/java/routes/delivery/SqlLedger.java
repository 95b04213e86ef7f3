package routes.delivery;

import com.fasterxml.jackson.databind.node.ArrayNode;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import routes.delivery.Heartbeats.Heartbeat;
import routes.dev.DatabaseServer;
import routes.event.EventJson;
import routes.settings.Statements;

/** The ledger by the service's own statements, in a database of its own, whose time the simulation sets. */
final class SqlLedger implements LedgerProtocol, AutoCloseable {

    private static final String DATABASE = "ledger_simulation";
    private static final String GROUP = "simulated-workers";

    private final SingleConnectionDataSource connection;
    private final JdbcClient jdbc;
    private final Statements sql;
    private long now;
    private long clock = -1;

    /**
     * Makes the database anew.
     *
     * @param server where
     * @param statements the service's
     */
    SqlLedger(DatabaseServer server, Statements statements) {
        JdbcClient superuser = JdbcClient.create(new DriverManagerDataSource(server.url(), "postgres", "postgres"));
        superuser.sql("DROP DATABASE IF EXISTS " + DATABASE).update();
        superuser
                .sql("CREATE DATABASE %s OWNER %s".formatted(DATABASE, DatabaseServer.NAME))
                .update();
        String url = server.url().replace("/" + DatabaseServer.NAME, "/" + DATABASE);
        Flyway.configure()
                .dataSource(new DriverManagerDataSource(url, DatabaseServer.NAME, DatabaseServer.NAME))
                .schemas("event_routes")
                .defaultSchema("event_routes")
                .load()
                .migrate();
        // now() in the service's statements is that of the first schema that has one.
        connection = new SingleConnectionDataSource(
                url + (url.contains("?") ? "&" : "?")
                        + "options=-c%20search_path=simulated,pg_catalog,public%20-c%20TimeZone=UTC",
                DatabaseServer.NAME,
                DatabaseServer.NAME,
                true);
        jdbc = JdbcClient.create(connection);
        sql = statements.with(jdbc);
        jdbc.sql("""
                CREATE SCHEMA simulated;
                CREATE FUNCTION simulated.now() RETURNS timestamptz LANGUAGE sql STABLE AS
                    $$ SELECT CAST(current_setting('simulated.now') AS timestamptz) $$;
                CREATE FUNCTION simulated.pg_postmaster_start_time() RETURNS timestamptz LANGUAGE sql STABLE AS
                    $$ SELECT CAST('-infinity' AS timestamptz) $$;
                ALTER TABLE event_routes.delivery
                    ALTER created_at SET DEFAULT simulated.now(), ALTER updated_at SET DEFAULT simulated.now();
                ALTER TABLE event_routes.instance ALTER seen_at SET DEFAULT simulated.now()
                """).update();
    }

    /** Empties it. */
    SqlLedger emptied() {
        jdbc.sql("TRUNCATE event_routes.delivery, event_routes.instance CASCADE")
                .update();
        return this;
    }

    @Override
    public void setClock(long millis) {
        now = millis;
    }

    /** Tells the database the time, if it has changed since it was told. */
    private Statements at() {
        if (clock != now) {
            clock = now;
            jdbc.sql("SELECT set_config('simulated.now', :now, false)")
                    .param("now", Instant.ofEpochMilli(now).toString())
                    .query(String.class)
                    .single();
        }
        return sql;
    }

    private static String name(int key) {
        return "key-%d".formatted(key);
    }

    private static int key(String name) {
        return Integer.parseInt(name.substring("key-".length()));
    }

    private static String rows(Collection<Event> events) {
        ArrayNode rows = EventJson.mapper().createArrayNode();
        for (Event event : events) {
            rows.addObject()
                    .put("idempotency_key", name(event.key()))
                    .put("event_id", "event-" + event.number())
                    .put("event_type", "user.signed_up")
                    .put("campaign_id", "campaign")
                    .set(
                            "event",
                            EventJson.mapper()
                                    .createObjectNode()
                                    .put("number", event.number())
                                    .put(
                                            "timestamp",
                                            Instant.ofEpochSecond(event.number())
                                                    .toString()));
        }
        return rows.toString();
    }

    private String rows(Lease lease, @Nullable Integer attempt) {
        return rowsOf(List.of(lease), attempt);
    }

    private String rowsOf(Collection<Lease> leases, @Nullable Integer attempt) {
        ArrayNode rows = EventJson.mapper().createArrayNode();
        for (Lease lease : leases) {
            rows.addObject()
                    .put("n", rows.size() - 1)
                    .put("id", String.valueOf(id(lease.key())))
                    .put("lease", lease.lease())
                    .put("attempts", lease.attempts())
                    .put("attempt", attempt);
        }
        return rows.toString();
    }

    /** The row with this key; one that does not exist is like one that was purged. */
    private UUID id(int key) {
        return jdbc.sql("SELECT id FROM event_routes.delivery WHERE idempotency_key = :key")
                .param("key", name(key))
                .query(UUID.class)
                .optional()
                .orElse(new UUID(0, 0));
    }

    @Override
    public List<Lease> record(UUID instance, Collection<Event> events) {
        return at().of("delivery/record", "group", GROUP, "owner", instance, "rows", rows(events))
                .query((row, n) ->
                        new Lease(key(row.getString("idempotency_key")), row.getInt("lease"), row.getInt("attempts")))
                .list();
    }

    @Override
    public List<Lease> takeDue(UUID instance) {
        return at().of(
                        "delivery/take-due",
                        "group",
                        GROUP,
                        "owner",
                        instance,
                        "limit",
                        1_000,
                        "away",
                        "",
                        "single",
                        DueMarks.BEGINNING.single(),
                        "fan_out",
                        DueMarks.BEGINNING.fanOut())
                .query((row, n) -> new Lease(
                        key(jdbc.sql("SELECT idempotency_key FROM event_routes.delivery WHERE id = :id")
                                .param("id", row.getObject("id", UUID.class))
                                .query(String.class)
                                .single()),
                        row.getInt("lease"),
                        row.getInt("attempts")))
                .list();
    }

    @Override
    public void release(Collection<Lease> leases) {
        at().of("delivery/release", "rows", rowsOf(leases, null)).update();
    }

    @Override
    public OptionalInt begin(Lease lease) {
        return at()
                .of("delivery/begin", "rows", rows(lease, null), "alone", true, "early", 0.0)
                .query((row, n) -> row.getInt("attempts"))
                .list()
                .stream()
                .mapToInt(attempts -> attempts)
                .findFirst();
    }

    @Override
    public boolean finish(Lease lease, int attempt, DeliveryStatus status, @Nullable Long pause) {
        ArrayNode rows = EventJson.mapper().createArrayNode();
        rows.addObject()
                .put("n", 0)
                .put("id", id(lease.key()).toString())
                .put("lease", lease.lease())
                .put("attempt", attempt)
                .put("status", status.value())
                .put("pause", pause == null ? null : pause / 1000.0);
        return !at().of("delivery/finish", "rows", rows.toString(), "alone", true)
                .query(Integer.class)
                .list()
                .isEmpty();
    }

    @Override
    public boolean waitFor(Lease lease, int attempt, long pause) {
        return at().of("delivery/wait-for", "id", id(lease.key()), "lease", lease.lease(), "attempt", attempt)
                        .param("wait", pause / 1000.0)
                        .param("dependency", "smtp")
                        .param("reason", null)
                        .query(Integer.class)
                        .single()
                > 0;
    }

    @Override
    public void putOff(Event event) {
        at().of("delivery/put-off", "group", GROUP, "rows", rows(List.of(event)))
                .update();
    }

    @Override
    public void retry(int key) {
        change(key, Set.of("due", "skipped", "failed"), "delivery/retry-deliveries");
    }

    @Override
    public void cancel(int key) {
        change(key, Set.of("due", "failed"), "delivery/cancel-deliveries");
    }

    private void change(int key, Set<String> from, String statement) {
        UUID id = id(key);
        boolean may = at().of("delivery/lock-delivery", "id", id)
                .query((row, n) -> from.contains(row.getString("status")))
                .optional()
                .orElse(false);
        if (may) {
            sql.of(statement, "ids", id.toString(), "reason", "a test", "by", "a test")
                    .update();
        }
    }

    @Override
    public void heartbeat(UUID instance) {
        at().of("delivery/heartbeat", "instance", instance, "purge_after", KEPT / 1000)
                .update();
    }

    @Override
    public List<Heartbeat> heartbeats() {
        return Stream.of("heartbeats", "owners-without-heartbeat")
                .flatMap(statement -> at()
                        .of("delivery/" + statement, "timeout", HEARTBEAT_TIMEOUT / 1000.0)
                        .query(Heartbeat.class)
                        .list()
                        .stream())
                .toList();
    }

    @Override
    public void rescue(Collection<Heartbeat> gone) {
        ArrayNode rows = EventJson.mapper().createArrayNode();
        gone.forEach(each ->
                rows.addObject().put("instance", each.instance().toString()).put("seen_at", each.seenAt()));
        at().of("delivery/rescue", "gone", rows.toString()).update();
    }

    @Override
    public void leave(UUID instance) {
        at().of("delivery/leave", "instance", instance).query(Integer.class).single();
    }

    @Override
    public void reclaimStrays(UUID instance, Set<Integer> held) {
        ArrayNode ids = EventJson.mapper().createArrayNode();
        held.forEach(key -> ids.add(id(key).toString()));
        at().of("delivery/reclaim-strays", "owner", instance, "age", STRAY_AGE / 1000, "held", ids.toString())
                .update();
    }

    @Override
    public void restartPauses() {
        at().of("delivery/restart-pauses", "limit", 1_000).update();
    }

    @Override
    public void purge() {
        at().of("delivery/purge", "age", KEPT / 1000, "failed_age", KEPT / 1000, "limit", 1_000)
                .param("from", Instant.EPOCH.atOffset(ZoneOffset.UTC))
                .param("after", new UUID(0, 0))
                .query((row, n) -> row.getInt("rows"))
                .single();
    }

    @Override
    public SortedMap<Integer, Row> rows() {
        SortedMap<Integer, Row> rows = new TreeMap<>();
        jdbc.sql("""
                        SELECT d.*, CAST(extract(epoch FROM d.due_at) * 1000 AS bigint) AS due_ms,
                               CAST(d.event ->> 'number' AS integer) AS number, d.event_id AS named,
                               ARRAY(SELECT a.attempt FROM event_routes.delivery_attempt a WHERE a.delivery_id = d.id) AS written
                        FROM event_routes.delivery d
                        """).query(row -> {
            if (!row.getString("named").equals("event-" + row.getInt("number"))) {
                throw new SQLException("%s is named after another event: %s"
                        .formatted(row.getString("idempotency_key"), row.getString("named")));
            }
            Long dueAt = row.getObject("due_ms", Long.class);
            rows.put(
                    key(row.getString("idempotency_key")),
                    new Row(
                            row.getString("status"),
                            row.getInt("lease"),
                            row.getObject("lease_owner", UUID.class),
                            row.getInt("attempts"),
                            row.getInt("schedule_start"),
                            dueAt,
                            row.getObject("cancelled_at") != null,
                            row.getInt("number"),
                            new TreeSet<>(Arrays.asList(
                                    (Integer[]) row.getArray("written").getArray()))));
        });
        return rows;
    }

    @Override
    public void close() {
        connection.destroy();
    }
}
