package routes.worker;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.component.seda.SedaEndpoint;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;
import routes.background.Masking;
import routes.background.Pace;
import routes.delivery.ConsumerGroup;
import routes.delivery.ConsumerGroups;
import routes.delivery.Delivery;
import routes.delivery.DeliveryLedger;
import routes.delivery.DeliverySettings;
import routes.delivery.Dependencies;
import routes.delivery.LaneRoom;
import routes.delivery.Lanes;
import routes.delivery.LedgerUpkeep;

/**
 * Hands recorded deliveries to the workers of their group, through the queue {@code seda:<group>}. The queue is bounded: if it
 * is full, its consumer waits up to {@code deliveries.hand-over-timeout} per batch, and the deliveries that still find no room
 * stay due in the ledger. All of them do while the group's workers are stopped or suspended here: other instances take them.
 */
@Component
public class HandOver {

    private static final Logger LOG = LoggerFactory.getLogger(HandOver.class);

    private static final String WAITING = "waiting";
    private static final String LANE = "lane";

    private final CamelContext camel;
    private final WorkerPools workers;
    private final ConsumerGroups groups;
    private final DeliveryLedger ledger;
    private final LedgerUpkeep upkeep;
    private final DeliverySettings settings;
    private final Dependencies dependencies;
    private final List<Lanes> lanes;
    private final Pace paceOfStrays = new Pace();

    HandOver(
            CamelContext camel,
            WorkerPools workers,
            ConsumerGroups groups,
            DeliveryLedger ledger,
            LedgerUpkeep upkeep,
            DeliverySettings settings,
            Dependencies dependencies,
            ObjectProvider<Lanes> lanes) {
        this.camel = camel;
        this.workers = workers;
        this.groups = groups;
        this.ledger = ledger;
        this.upkeep = upkeep;
        this.settings = settings;
        this.dependencies = dependencies;
        this.lanes = lanes.stream().toList();
    }

    /** Hands over deliveries of one group, in order. */
    public void offer(List<Delivery> recorded) {
        if (recorded.isEmpty()) {
            return;
        }
        List<Delivery> deliveries;
        try {
            deliveries = lanesOf(recorded.get(0).group())
                    .map(its -> its.assign(recorded))
                    .orElse(recorded);
        } catch (DataAccessException e) {
            giveBack(recorded, "could not look up their receivers: " + Masking.mask(e.getMessage()));
            return;
        }
        long deadline = System.nanoTime() + settings.handOverTimeout().toNanos();
        for (int i = 0; i < deliveries.size(); i++) {
            boolean work = workers.work(deliveries.get(i).group());
            if (!work || !offer(deliveries.get(i), deadline)) {
                giveBack(
                        deliveries.subList(i, deliveries.size()),
                        work ? "the queue is full" : "its workers are stopped on this instance");
                return;
            }
        }
    }

    private boolean offer(Delivery delivery, long deadline) {
        SedaEndpoint endpoint = endpoint(delivery.group());
        Exchange exchange = endpoint.createExchange();
        exchange.getMessage().setBody(delivery);
        exchange.setProperty(WAITING, delivery.id());
        exchange.setProperty(LANE, delivery.lane());
        try {
            return endpoint.getQueue().offer(exchange, deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Never fails: a caller that retried would hand over twice the deliveries that found room. */
    private void giveBack(List<Delivery> rest, String because) {
        try {
            ledger.release(rest);
            LOG.info("{}: {}, {} deliveries stay due in the ledger", rest.get(0).group(), because, rest.size());
        } catch (DataAccessException | TransactionException e) {
            LOG.warn("Could not give back {} deliveries yet, stray-deliveries will: {}", rest.size(), e.getMessage());
        }
    }

    /**
     * How many deliveries of a group may be taken from the ledger now. They fill at most half of the queue, so that new
     * deliveries find room beside a large fan-out.
     */
    public int room(String group) {
        if (dependencies.missing(groups.get(group)).isPresent() || !workers.work(group)) {
            return 0; // they would only be given back
        }
        BlockingQueue<Exchange> queue = queue(group);
        int half = (queue.size() + queue.remainingCapacity() + 1) / 2;
        return Math.max(0, half - queue.size());
    }

    /** How many deliveries of a group may be taken from its lanes now; none if it has no lanes. */
    public LaneRoom lanes(String group) {
        Map<String, Integer> coming = new HashMap<>();
        for (Exchange exchange : queue(group)) {
            String lane = exchange.getProperty(LANE, String.class);
            if (lane != null) {
                coming.merge(lane, 1, Integer::sum);
            }
        }
        return lanesOf(group)
                .map(its -> new LaneRoom(its.room(coming), room(group)))
                .orElse(new LaneRoom(Map.of(), 0));
    }

    private Optional<Lanes> lanesOf(String group) {
        return lanes.stream().filter(some -> some.group().equals(group)).findFirst();
    }

    /** Gives back deliveries that wait in memory for workers that stop: for other instances, or for these workers once they restart. */
    void giveBack(String group) {
        List<Exchange> waiting = new ArrayList<>();
        queue(group).drainTo(waiting);
        if (!waiting.isEmpty()) {
            giveBack(
                    waiting.stream()
                            .map(exchange -> exchange.getMessage().getBody(Delivery.class))
                            .toList(),
                    "its workers are stopping");
        }
        lanesOf(group).ifPresent(Lanes::giveBack);
    }

    /** Releases deliveries that this instance does not hold although the ledger says so: a database answer was lost, or a queue purged. */
    public void reclaimStrays() {
        Set<UUID> held = new HashSet<>();
        for (ConsumerGroup group : groups.all()) {
            if (!workers.work(group.name())) {
                giveBack(group.name()); // deliveries that arrived while they stopped
            }
            for (Exchange exchange : queue(group.name())) {
                held.add(exchange.getProperty(WAITING, UUID.class));
            }
        }
        held.addAll(ledger.inHand());
        int strays = paceOfStrays.isDue() ? paceOfStrays.run(() -> upkeep.reclaimStrays(held)) : 0;
        if (strays > 0) {
            LOG.warn("{} deliveries that this instance had lost track of are due again", strays);
        }
    }

    /** How many deliveries of a group wait in memory for a worker. */
    public int queued(String group) {
        return queue(group).size();
    }

    /** How many deliveries of a group can wait in memory for a worker. */
    public int capacity(String group) {
        BlockingQueue<Exchange> queue = queue(group);
        return queue.size() + queue.remainingCapacity();
    }

    private BlockingQueue<Exchange> queue(String group) {
        return endpoint(group).getQueue();
    }

    private SedaEndpoint endpoint(String group) {
        return camel.getEndpoint("seda:" + group, SedaEndpoint.class);
    }
}
