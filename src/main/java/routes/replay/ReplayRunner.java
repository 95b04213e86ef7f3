package routes.replay;

import java.io.Serial;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;
import routes.background.Masking;
import routes.delivery.ConsumerGroups;
import routes.delivery.DatabaseErrors;
import routes.delivery.DeliveryLedger;
import routes.delivery.DeliverySettings;
import routes.event.DomainEvent;
import routes.kafka.PartitionRange;
import routes.kafka.RangeChunk;
import routes.kafka.RangeReader;
import routes.kafka.RangeRecord;
import routes.kafka.RangeUnreadableException;
import routes.position.CampaignEvents;
import routes.position.Campaigns;
import routes.replay.Replay.PartitionProgress;
import routes.replay.ReplayStore.Found;
import routes.replay.ReplayStore.Standing;
import routes.worker.Intake;

/**
 * Takes replays on, batch by batch. What is made of a batch and how far the range has been read are one transaction, so
 * that any instance goes on exactly where another one was killed. All that an instance keeps in memory is a consumer and
 * a rate.
 */
@Component
public class ReplayRunner implements DisposableBean {

    private static final Logger LOG = LoggerFactory.getLogger(ReplayRunner.class);

    /** How long one replay is worked on before it is the turn of the next. */
    private static final long TURN_NANOS = 400_000_000;

    /** What is counted beside the types: records that are not offered. */
    private static final String OTHERS = "others";

    private static final int BATCH = 500;
    private static final long REST_NANOS = 5_000_000_000L;

    /** Of {@code deliveries.max-backlog}, which holds the live group: a replay gives way long before. */
    private static final int SHARE_OF_BACKLOG = 10;

    /** What a replay by force does again: all but what is under way, and will come about by itself. */
    private static final Set<String> FORCED = Set.of("new", "delivered", "skipped", "manual", "failed");

    private final ReplayStore store;
    private final RangeReader ranges;
    private final ConsumerGroups groups;
    private final DeliveryLedger ledger;
    private final Campaigns campaigns;
    private final Intake intake;
    private final DeliverySettings settings;
    private final TransactionTemplate transaction;

    private final Map<UUID, Work> works = new HashMap<>();

    /** What this instance keeps of a replay. All of it can be lost. */
    private static final class Work {
        private final Pace pace;
        private RangeReader.@Nullable Reading reading;
        private @Nullable Long restsSince;

        private Work(Pace pace) {
            this.pace = pace;
        }

        private boolean rests() {
            return restsSince != null && System.nanoTime() - restsSince < REST_NANOS;
        }

        private void close() {
            if (reading != null) {
                reading.close();
                reading = null;
            }
        }
    }

    ReplayRunner(
            ReplayStore store,
            RangeReader ranges,
            ConsumerGroups groups,
            DeliveryLedger ledger,
            Campaigns campaigns,
            Intake intake,
            DeliverySettings settings,
            TransactionTemplate transaction) {
        this.store = store;
        this.ranges = ranges;
        this.groups = groups;
        this.ledger = ledger;
        this.campaigns = campaigns;
        this.intake = intake;
        this.settings = settings;
        this.transaction = transaction;
    }

    /** Gives every replay of this instance a turn, and takes on those of its groups that nobody works on. */
    public synchronized void advance() {
        List<UUID> mine = store.claim(groups.all());
        works.entrySet().removeIf(entry -> {
            boolean ended = !mine.contains(entry.getKey());
            if (ended) {
                entry.getValue().close();
            }
            return ended;
        });
        mine.forEach(this::advance);
    }

    private void advance(UUID id) {
        Replay replay = store.find(id).orElse(null);
        if (replay == null) {
            return;
        }
        Work work = works.computeIfAbsent(
                id, i -> new Work(new Pace(replay.request().rate())));
        if (work.rests()) {
            return;
        }
        work.restsSince = null;
        try {
            long begun = System.nanoTime();
            while (batch(id, work) && System.nanoTime() - begun < TURN_NANOS) {
                // Until there is no more to do now.
            }
        } catch (RangeUnreadableException e) {
            work.close();
            store.end(id, ReplayState.FAILED, e.getMessage(), null);
            LOG.warn("Replay {} has failed: {}", id, e.getMessage());
        } catch (RuntimeException e) {
            work.close();
            work.restsSince = System.nanoTime();
            String error = Masking.mask(e.toString());
            store.trouble(id, error + "; it is tried again");
            LOG.warn("Replay {} is tried again in a while: {}", id, error);
        }
    }

    /** Returns whether there may be more to do at once. */
    private boolean batch(UUID id, Work work) {
        Replay replay = store.find(id).filter(Replay::isAtWork).orElse(null);
        if (replay == null) {
            return false;
        }
        if (replay.partitions().isEmpty()) {
            layOut(replay);
            return true;
        }
        PartitionProgress partition = replay.nextPartition().orElse(null);
        if (partition == null) {
            work.close(); // a run reads anew what the topic has by then
            complete(replay);
            return false;
        }
        int room = replay.isPlanning() ? BATCH : roomToOffer(replay, work);
        if (room == 0) {
            return false;
        }
        if (work.reading == null) {
            work.reading = ranges.open(groups.get(replay.request().group()));
        }
        RangeChunk chunk = work.reading.read(partition.partition(), partition.next(), partition.end());
        Batch batch = sort(replay, chunk, room);
        boolean written = write(replay, partition, batch);
        if (written && !replay.isPlanning()) {
            work.pace.used(batch.events().size());
        }
        return written;
    }

    /** How many events may be offered now; none while the group has enough to do, or could do nothing. */
    private int roomToOffer(Replay replay, Work work) {
        int room = Math.min(BATCH, work.pace.room());
        if (room == 0) {
            return 0;
        }
        Optional<String> held =
                intake.reasonToHold(groups.get(replay.request().group()), settings.maxBacklog() / SHARE_OF_BACKLOG);
        held.ifPresent(reason -> store.hold(replay, reason));
        return held.isPresent() ? 0 : room;
    }

    private void layOut(Replay replay) {
        ReplayRequest request = replay.request();
        List<PartitionRange> all = request.partition() == null
                ? ranges.between(
                        Instant.parse(request.from()), request.to() == null ? null : Instant.parse(request.to()))
                : List.of(ranges.between(
                        request.partition(),
                        Long.parseLong(request.from()),
                        request.to() == null ? null : Long.parseLong(request.to())));
        transaction.executeWithoutResult(status -> {
            if (store.lock(replay)) {
                store.layOut(replay, all);
                all.forEach(range -> noteWhatIsGone(replay, range));
            }
        });
    }

    /** Of times it is not known how much has gone, of offsets it is. */
    private void noteWhatIsGone(Replay replay, PartitionRange range) {
        if (range.beginning() == 0 || range.first() > range.beginning()) {
            return;
        }
        ReplayRequest request = replay.request();
        if (request.partition() == null) {
            store.note(
                    replay,
                    "partition %d begins at offset %d: what was before is gone, and may have been in the range"
                            .formatted(range.partition(), range.beginning()));
        } else if (Long.parseLong(request.from()) < range.first()) {
            long from = Long.parseLong(request.from());
            long to = request.to() == null ? range.first() : Long.parseLong(request.to());
            gone(replay, range.partition(), from, Math.min(range.first(), to) - from, replay.plan());
            store.advance(replay, range.partition(), range.first());
        }
    }

    private void gone(Replay replay, int partition, long from, long count, Counts counts) {
        counts.add(OTHERS, "gone", count);
        store.note(
                replay,
                "partition %d: %d offsets from %d on are gone, and nothing before %d is there any more"
                        .formatted(partition, count, from, from + count));
    }

    /** What a chunk comes to, as far as there was room. */
    private record Batch(List<Found> events, Map<String, Integer> others, long next, long gone) {

        Batch firstHalf() {
            int half = events.size() / 2;
            return new Batch(events.subList(0, half), Map.of(), events.get(half).offset(), gone);
        }

        Batch secondHalf() {
            return new Batch(events.subList(events.size() / 2, events.size()), others, next, 0);
        }

        /** The events count among those that were refused. */
        Batch withoutEvents() {
            Map<String, Integer> all = new HashMap<>(others);
            all.merge("refused", events.size(), Integer::sum);
            return new Batch(List.of(), all, next, gone);
        }
    }

    private static Batch sort(Replay replay, RangeChunk chunk, int room) {
        List<Found> events = new ArrayList<>();
        Map<String, Integer> others = new HashMap<>();
        for (RangeRecord record : chunk.records()) {
            DomainEvent event = record.event();
            if (record.unreadable()) {
                others.merge("unreadable", 1, Integer::sum);
            } else if (event == null) {
                others.merge("other_type", 1, Integer::sum);
            } else if (!replay.request().wants(event)) {
                others.merge("filtered", 1, Integer::sum);
            } else if (events.size() == room) {
                return new Batch(events, others, record.offset(), 0);
            } else {
                events.add(new Found(record.offset(), event));
            }
        }
        return new Batch(events, others, chunk.next(), chunk.gone());
    }

    /** What the database refuses keeps out no other: the batch is halved until that event is alone, and counted. */
    private boolean write(Replay replay, PartitionProgress partition, Batch batch) {
        try {
            return Boolean.TRUE.equals(transaction.execute(status -> take(replay, partition, batch)));
        } catch (DataAccessException e) {
            if (batch.events().isEmpty() || !(e instanceof Refused || DatabaseErrors.isOfTheData(e))) {
                throw e;
            }
            if (batch.events().size() > 1) {
                return write(asItStands(replay), partition, batch.firstHalf())
                        && write(asItStands(replay), partition, batch.secondHalf());
            }
            LOG.warn(
                    "Replay {}: the database refuses an event of partition {} before offset {}",
                    replay.id(),
                    partition.partition(),
                    batch.next());
            return write(asItStands(replay), partition, batch.withoutEvents());
        }
    }

    /** The ledger has found out that an event is one that the database refuses. */
    private static final class Refused extends DataAccessException {
        @Serial
        private static final long serialVersionUID = 1;

        private Refused(String reason) {
            super(reason);
        }
    }

    /** With the counts that are written, and not those of an attempt that was not. */
    private Replay asItStands(Replay replay) {
        return store.find(replay.id()).orElseThrow();
    }

    private boolean take(Replay replay, PartitionProgress partition, Batch batch) {
        if (!store.lock(replay)) {
            return false;
        }
        Counts counts = replay.isPlanning() ? replay.plan() : replay.result();
        batch.others().forEach((what, count) -> counts.add(OTHERS, what, count));
        if (batch.gone() > 0) {
            gone(replay, partition.partition(), partition.next(), batch.gone(), counts);
        }
        if (!batch.events().isEmpty()) {
            if (replay.isPlanning()) {
                plan(replay, partition.partition(), batch.events());
            } else {
                carryOut(replay, partition.partition(), batch.events());
            }
        }
        store.advance(replay, partition.partition(), batch.next());
        return true;
    }

    private void plan(Replay replay, int partition, List<Found> events) {
        Map<String, Long> left = byType(events);
        if (replay.request().policy() == ReplayPolicy.POSITIONS) {
            IdentityHashMap<DomainEvent, Long> offsets = new IdentityHashMap<>();
            events.forEach(found -> offsets.put(found.event(), found.offset()));
            for (CampaignEvents campaign :
                    campaigns.coalesce(events.stream().map(Found::event).toList())) {
                store.planCampaign(replay, campaign, partition, Objects.requireNonNull(offsets.get(campaign.latest())));
            }
            left.forEach((type, count) -> replay.plan().add(type, "events", count));
            return;
        }
        for (Standing standing : store.planKeys(replay, partition, events)) {
            replay.plan().add(standing.eventType(), standing.standing(), standing.events());
            left.merge(standing.eventType(), -standing.events(), Long::sum);
        }
        left.forEach((type, count) -> replay.plan().add(type, "repeated", count));
    }

    private void carryOut(Replay replay, int partition, List<Found> events) {
        Map<String, Long> left = byType(events);
        for (String type : offer(replay, partition, events)) {
            replay.result().add(type, "recorded", 1);
            left.merge(type, -1L, Long::sum);
        }
        left.forEach((type, count) -> replay.result().add(type, "left", count));
    }

    private List<String> offer(Replay replay, int partition, List<Found> events) {
        if (replay.request().policy() != ReplayPolicy.POSITIONS) {
            return store.offer(replay, events);
        }
        Set<Long> planned = store.plannedOffsets(
                replay,
                partition,
                events.get(0).offset(),
                events.get(events.size() - 1).offset());
        List<String> types = new ArrayList<>();
        for (Found found : events) {
            if (planned.contains(found.offset())) {
                ledger.putOff(replay.request().group(), found.event(), (event, reason) -> {
                    throw new Refused(reason);
                });
                types.add(found.event().type().value());
            }
        }
        return types;
    }

    private static Map<String, Long> byType(List<Found> events) {
        Map<String, Long> byType = new HashMap<>();
        events.forEach(found -> byType.merge(found.event().type().value(), 1L, Long::sum));
        return byType;
    }

    private void complete(Replay replay) {
        transaction.executeWithoutResult(status -> {
            if (!store.lock(replay)) {
                return;
            }
            if (!replay.isPlanning()) {
                store.end(replay.id(), ReplayState.DONE, null, null);
                LOG.info(
                        "Replay {} for {} is done: {}",
                        replay.id(),
                        replay.request().group(),
                        replay.result().json());
                return;
            }
            long effects = effects(replay);
            store.planned(replay, effects);
            LOG.info(
                    "Replay {} for {} is planned: {} effects",
                    replay.id(),
                    replay.request().group(),
                    effects);
        });
    }

    /** How much would be done, going by how the ledger stands now. */
    private long effects(Replay replay) {
        ReplayPolicy policy = replay.request().policy();
        if (policy == ReplayPolicy.POSITIONS) {
            return store.subjects(replay); // which the run needs
        }
        store.forgetSubjects(replay.id());
        return replay.plan().sum(policy == ReplayPolicy.FORCE ? FORCED : Set.of("new"));
    }

    @Override
    public synchronized void destroy() {
        works.values().forEach(Work::close);
    }
}
