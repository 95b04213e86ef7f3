package routes.replay;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;
import routes.delivery.DatabaseErrors;
import routes.delivery.DeliveryRecorder;
import routes.event.DomainEvent;
import routes.position.CampaignEvents;
import routes.position.Campaigns;
import routes.replay.Replay.PartitionProgress;
import routes.replay.ReplayStore.Found;
import routes.replay.ReplayStore.Standing;

/** Applies the policy to a batch: counts it in the plan, or offers it to the group, in one transaction with the progress in the range. */
@Component
class ReplayWriter {

    private static final Logger LOG = LoggerFactory.getLogger(ReplayWriter.class);

    /** The counts besides the types: records that are not offered. */
    private static final String OTHERS = "others";

    private final ReplayStore store;
    private final DeliveryRecorder recorder;
    private final Campaigns campaigns;
    private final TransactionTemplate transaction;

    ReplayWriter(ReplayStore store, DeliveryRecorder recorder, Campaigns campaigns, TransactionTemplate transaction) {
        this.store = store;
        this.recorder = recorder;
        this.campaigns = campaigns;
        this.transaction = transaction;
    }

    /**
     * Writes a batch. An event that the database rejects does not affect others: the batch is halved until that event is
     * alone, and counted.
     *
     * @return false if the replay is in another state, or no longer this instance's
     */
    boolean write(Replay replay, PartitionProgress partition, ReplayBatch batch) {
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

    /** The ledger has found that the database rejects an event. */
    private static final class Refused extends DataAccessException {
        private Refused(String reason) {
            super(reason);
        }
    }

    /** Uses the counts that are written, and not those of a failed attempt. */
    private Replay asItStands(Replay replay) {
        return store.find(replay.id()).orElseThrow();
    }

    private boolean take(Replay replay, PartitionProgress partition, ReplayBatch batch) {
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
                process(replay, partition.partition(), batch.events());
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

    private void process(Replay replay, int partition, List<Found> events) {
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
                recorder.putOff(replay.request().group(), found.event(), (event, reason) -> {
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

    /** Counts offsets that are gone, and adds a note. */
    void gone(Replay replay, int partition, long from, long count, Counts counts) {
        counts.add(OTHERS, "gone", count);
        store.note(
                replay,
                "partition %d: %d offsets from %d on are gone; the partition now begins at %d"
                        .formatted(partition, count, from, from + count));
    }
}
