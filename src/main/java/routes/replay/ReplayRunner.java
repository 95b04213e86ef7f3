package routes.replay;

import io.github.bucket4j.Bucket;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;
import routes.background.Masking;
import routes.background.RateLimit;
import routes.background.Trouble;
import routes.delivery.ConsumerGroups;
import routes.delivery.DeliverySettings;
import routes.kafka.PartitionRange;
import routes.kafka.RangeChunk;
import routes.kafka.RangeReader;
import routes.kafka.RangeUnreadableException;
import routes.replay.Replay.PartitionProgress;
import routes.worker.Backpressure;

/**
 * Runs replays batch by batch, in turns. If an instance dies, another continues exactly where it stopped: an instance keeps
 * only a consumer and a rate in memory.
 */
@Component
public class ReplayRunner implements DisposableBean {

    private static final Logger LOG = LoggerFactory.getLogger(ReplayRunner.class);

    /** How long one replay runs before it is the turn of the next. */
    private static final long TURN_NANOS = 400_000_000;

    private static final int BATCH = 500;
    private static final long REST_NANOS = 5_000_000_000L;

    /** The share of {@code deliveries.max-backlog}, at which the live group pauses: a replay gives way long before. */
    private static final int SHARE_OF_BACKLOG = 10;

    /** What a forced replay repeats: everything but deliveries in progress, which happen anyway. */
    private static final Set<String> FORCED = Set.of("new", "delivered", "skipped", "manual", "failed");

    private final ReplayStore store;
    private final RangeReader ranges;
    private final ConsumerGroups groups;
    private final ReplayWriter writer;
    private final Backpressure intake;
    private final DeliverySettings settings;
    private final TransactionTemplate transaction;

    private final Map<UUID, Work> works = new HashMap<>();

    /** An instance's in-memory state of a replay, which can be lost. */
    private static final class Work {
        private final Bucket rate;
        private final Trouble trouble;
        private RangeReader.@Nullable Reading reading;
        private @Nullable Long restsSince;

        private Work(UUID id, Bucket rate) {
            this.rate = rate;
            this.trouble = new Trouble("Replay " + id);
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
            ReplayWriter writer,
            Backpressure intake,
            DeliverySettings settings,
            TransactionTemplate transaction) {
        this.store = store;
        this.ranges = ranges;
        this.groups = groups;
        this.writer = writer;
        this.intake = intake;
        this.settings = settings;
        this.transaction = transaction;
    }

    /** Gives every replay of this instance a turn, and claims those of its groups that no instance runs. */
    public synchronized void advance() {
        if (groups.all().isEmpty()) {
            return; // an instance that only publishes
        }
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
        int rate = replay.request().rate();
        Work work = works.computeIfAbsent(id, i -> new Work(id, RateLimit.perSecond(rate, rate)));
        if (work.rests()) {
            return;
        }
        work.restsSince = null;
        try {
            long begun = System.nanoTime();
            boolean more;
            do {
                more = batch(id, work);
            } while (more && System.nanoTime() - begun < TURN_NANOS); // until there is nothing to do at the moment
        } catch (RangeUnreadableException e) {
            work.close();
            store.end(id, ReplayState.FAILED, e.getMessage(), null);
            LOG.warn("Replay {} has failed: {}", id, e.getMessage());
        } catch (RuntimeException e) {
            work.close();
            work.restsSince = System.nanoTime();
            store.trouble(id, Masking.mask(e.toString()) + "; retrying");
            work.trouble.failed(e);
        }
    }

    /** Returns whether there may be more to do immediately. */
    private boolean batch(UUID id, Work work) {
        Replay replay = store.find(id).filter(Replay::isAtWork).orElse(null);
        if (replay == null) {
            return false;
        }
        if (replay.partitions().isEmpty()) {
            layOut(replay);
            work.trouble.worked();
            return true;
        }
        PartitionProgress partition = replay.nextPartition().orElse(null);
        if (partition == null) {
            work.close(); // a run reads what the topic has by then
            complete(replay);
            work.trouble.worked();
            return false;
        }
        int room = replay.isPlanning() ? BATCH : roomToOffer(replay, work);
        if (room == 0) {
            return false;
        }
        if (work.reading == null) {
            work.reading = ranges.open(
                    groups.get(replay.request().group()), replay.request().end());
        }
        RangeChunk chunk = work.reading.read(partition.partition(), partition.next(), partition.end());
        if (chunk.isEmptyAt(partition.next())) {
            return true; // writing it down would say that the trouble is over
        }
        ReplayBatch batch = ReplayBatch.of(replay.request(), chunk, room);
        boolean written = writer.write(replay, partition, batch);
        work.trouble.worked();
        if (written && !replay.isPlanning() && !batch.events().isEmpty()) {
            work.rate.consumeIgnoringRateLimits(batch.events().size());
        }
        return written;
    }

    /** How many events may be offered now; none while the group has enough to do, or cannot work. */
    private int roomToOffer(Replay replay, Work work) {
        int room = (int) Math.min(BATCH, work.rate.getAvailableTokens());
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
                ? ranges.between(Instant.parse(request.from()), request.end())
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

    /** In a time range the number of missing records is unknown; in an offset range it is known. */
    private void noteWhatIsGone(Replay replay, PartitionRange range) {
        if (range.beginning() == 0 || range.first() > range.beginning()) {
            return;
        }
        ReplayRequest request = replay.request();
        if (request.partition() == null) {
            store.note(
                    replay,
                    "partition %d begins at offset %d: earlier records are gone, and may have been in the range"
                            .formatted(range.partition(), range.beginning()));
        } else if (Long.parseLong(request.from()) < range.first()) {
            long from = Long.parseLong(request.from());
            long to = request.to() == null ? range.first() : Long.parseLong(request.to());
            writer.gone(replay, range.partition(), from, Math.min(range.first(), to) - from, replay.plan());
            store.advance(replay, range.partition(), range.first());
        }
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

    /** The number of effects, by the current state of the ledger. */
    private long effects(Replay replay) {
        ReplayPolicy policy = replay.request().policy();
        if (policy == ReplayPolicy.POSITIONS) {
            return store.subjects(replay); // needed by the run
        }
        return replay.plan().sum(policy == ReplayPolicy.FORCE ? FORCED : Set.of("new"));
    }

    @Override
    public synchronized void destroy() {
        works.values().forEach(Work::close);
    }
}
