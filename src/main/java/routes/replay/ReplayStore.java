package routes.replay;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import routes.delivery.ConsumerGroup;
import routes.delivery.Instance;
import routes.event.DomainEvent;
import routes.event.EventJson;
import routes.event.EventType;
import routes.kafka.PartitionRange;
import routes.position.CampaignEvents;
import routes.replay.Replay.PartitionProgress;
import routes.settings.Statements;

/** The replays in the database. An instance runs those that it owns; a dead owner is replaced. */
@Component
class ReplayStore {

    private final Statements sql;
    private final Instance instance;

    ReplayStore(Statements sql, Instance instance) {
        this.sql = sql;
        this.instance = instance;
    }

    UUID create(ReplayRequest request, String by) {
        return sql.of("replay/create")
                .param("group", request.group())
                .param("policy", request.policy().value())
                .param("partition", request.partition())
                .param("from", request.from())
                .param("to", request.to())
                .param("types", request.types().stream().map(EventType::value).collect(Collectors.joining(",")))
                .param("campaign", request.campaign())
                .param("event", request.event())
                .param("rate", request.rate())
                .param("by", by)
                .query(UUID.class)
                .single();
    }

    Optional<Replay> find(UUID id) {
        return list(id).stream().findFirst();
    }

    /** The latest 100, newest first. */
    List<Replay> list() {
        return list(null);
    }

    private List<Replay> list(@Nullable UUID id) {
        return sql.of("replay/find", "id", id == null ? null : id.toString())
                .query(ReplayStore::replay)
                .list();
    }

    /** Claims replays of these groups that no instance runs, and returns those of this instance, oldest first. */
    List<UUID> claim(Collection<ConsumerGroup> groups) {
        return sql.of("replay/claim")
                .param("owner", instance.id())
                .param("groups", groups.stream().map(ConsumerGroup::name).collect(Collectors.joining(",")))
                .query(UUID.class)
                .list();
    }

    /** Locks a replay until the transaction ends; false if it is in another state, or no longer this instance's. */
    boolean lock(Replay replay) {
        return sql.of("replay/lock", "id", replay.id(), "state", replay.state().value(), "owner", instance.id())
                .query(UUID.class)
                .optional()
                .isPresent();
    }

    void layOut(Replay replay, List<PartitionRange> ranges) {
        for (PartitionRange range : ranges) {
            sql.of("replay/lay-out")
                    .param("id", replay.id())
                    .param("partition", range.partition())
                    .param("first", range.first())
                    .param("end", range.end())
                    .update();
        }
    }

    void advance(Replay replay, int partition, long next) {
        sql.of("replay/advance", "id", replay.id(), "partition", partition, "next", next)
                .update();
        sql.of("replay/count")
                .param("id", replay.id())
                .param("plan", replay.plan().json())
                .param("result", replay.result().json())
                .update();
    }

    void note(Replay replay, String note) {
        sql.of("replay/note", "id", replay.id(), "note", note).update();
    }

    void hold(Replay replay, String reason) {
        sql.of("replay/hold", "id", replay.id(), "owner", instance.id(), "reason", reason)
                .update();
    }

    void trouble(UUID id, String error) {
        sql.of("replay/trouble", "id", id, "owner", instance.id(), "error", error)
                .update();
    }

    void planned(Replay replay, long effects) {
        sql.of("replay/planned", "id", replay.id(), "effects", effects).update();
    }

    boolean start(UUID id, String by) {
        return sql.of("replay/start", "id", id, "by", by).update() > 0;
    }

    /** Ends an unfinished replay, after its current batch; false if it has ended. */
    boolean end(UUID id, ReplayState state, @Nullable String error, @Nullable String cancelledBy) {
        return sql.of("replay/end")
                        .param("id", id)
                        .param("state", state.value())
                        .param("error", error)
                        .param("cancelled_by", cancelledBy)
                        .update()
                > 0;
    }

    /** How many events of a type have which state in the ledger. */
    record Standing(String eventType, String standing, long events) {}

    /** Looks up in the ledger the events whose keys the plan has not seen before. */
    List<Standing> planKeys(Replay replay, int partition, List<Found> events) {
        ArrayNode rows = EventJson.mapper().createArrayNode();
        for (Found found : events) {
            rows.addObject()
                    .put("idempotency_key", found.event().idempotencyKey())
                    .put("event_type", found.event().type().value())
                    .put("topic_partition", partition)
                    .put("record_offset", found.offset())
                    .set("event", EventJson.mapper().valueToTree(found.event()));
        }
        return sql.of("replay/plan-keys")
                .param("id", replay.id())
                .param("group", replay.request().group())
                .param("rows", rows.toString())
                .query(Standing.class)
                .list();
    }

    void planCampaign(Replay replay, CampaignEvents campaign, int partition, long offset) {
        sql.of("replay/plan-campaign")
                .param("id", replay.id())
                .param("campaign", campaign.campaignId())
                .param("partition", partition)
                .param("offset", offset)
                .param("as_of", campaign.pointsAsOf())
                .update();
    }

    long subjects(Replay replay) {
        return sql.of("replay/subjects", "id", replay.id()).query(Long.class).single();
    }

    /** The events between two offsets that make campaigns be recalculated. */
    Set<Long> plannedOffsets(Replay replay, int partition, long first, long last) {
        return sql.of("replay/planned-offsets", "id", replay.id(), "partition", partition, "first", first, "last", last)
                .query(Long.class)
                .set();
    }

    /**
     * Records events for the workers of the group, as the replay's policy says.
     *
     * @return the type of each that was recorded
     */
    List<String> offer(Replay replay, List<Found> events) {
        boolean force = replay.request().policy() == ReplayPolicy.FORCE;
        ArrayNode rows = EventJson.mapper().createArrayNode();
        for (Found found : events) {
            rows.addObject()
                    .put("idempotency_key", found.event().idempotencyKey())
                    .set("event", EventJson.mapper().valueToTree(found.event()));
        }
        JdbcClient.StatementSpec offer = sql.of(force ? "replay/offer-force" : "replay/offer-missing")
                .param("group", replay.request().group())
                .param("rows", rows.toString());
        return (force ? offer.param("id", replay.id().toString()) : offer)
                .query(String.class)
                .list();
    }

    /** An event of the range, with its offset. */
    record Found(long offset, DomainEvent event) {}

    private static Replay replay(ResultSet row, int n) throws SQLException {
        ReplayRequest request = new ReplayRequest(
                row.getString("consumer_group"),
                ReplayPolicy.valueOf(row.getString("policy").toUpperCase(Locale.ROOT)),
                row.getObject("topic_partition", Integer.class),
                row.getString("range_from"),
                row.getString("range_to"),
                Arrays.stream(row.getString("types").split(","))
                        .flatMap(type -> EventType.of(type).stream())
                        .collect(Collectors.toUnmodifiableSet()),
                row.getString("campaign_id"),
                row.getString("event_id"),
                row.getInt("rate"));
        return new Replay(
                row.getObject("id", UUID.class),
                request,
                ReplayState.valueOf(row.getString("state").toUpperCase(Locale.ROOT)),
                Counts.of(row.getString("plan")),
                row.getObject("effects", Long.class),
                Counts.of(row.getString("result")),
                EventJson.column(row.getString("partitions"), new TypeReference<List<PartitionProgress>>() {}),
                EventJson.column(row.getString("notes"), new TypeReference<List<String>>() {}),
                row.getString("held_because"),
                row.getString("error"),
                row.getString("planned_by"),
                row.getString("started_by"),
                row.getString("cancelled_by"),
                row.getObject("created_at", OffsetDateTime.class).toInstant(),
                instant(row, "planned_at"),
                instant(row, "started_at"),
                instant(row, "ended_at"));
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }
}
