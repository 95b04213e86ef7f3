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
 * Hands recorded deliveries to the workers of their group, through the queue {@code seda:<group>}. The queue is bounded: a
 * full one holds its consumer back for {@code deliveries.hand-over-timeout} a batch, and what still finds no room stays due
 * in the ledger. So does all of it while the group's workers are stopped or suspended here: those of other instances take it.
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

    /** Hands deliveries of one group over, in their order. */
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
            giveBack(recorded, "their receivers cannot be looked up: " + Masking.mask(e.getMessage()));
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

    /** Never fails: a caller that tried again would hand over twice what has found room. */
    private void giveBack(List<Delivery> rest, String because) {
        try {
            ledger.release(rest);
            LOG.info("{}: {}, {} deliveries stay due in the ledger", rest.get(0).group(), because, rest.size());
        } catch (DataAccessException | TransactionException e) {
            LOG.warn("{} deliveries found no room and could not be given back yet: {}", rest.size(), e.getMessage());
        }
    }

    /**
     * How many deliveries of a group may be taken from the ledger now. They fill half of the queue at most, so that what
     * has just come in finds room beside a large fan-out.
     */
    public int room(String group) {
        if (dependencies.missing(groups.get(group)).isPresent() || !workers.work(group)) {
            return 0; // it would only be put back
        }
        BlockingQueue<Exchange> queue = queue(group);
        int half = (queue.size() + queue.remainingCapacity() + 1) / 2;
        return Math.max(0, half - queue.size());
    }

    /** How many deliveries of a group may be taken from its lanes now; none for a group that has none. */
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

    /** Gives back what waits in memory for workers who are leaving: to other instances, or to these when they are back. */
    void giveBack(String group) {
        List<Exchange> waiting = new ArrayList<>();
        queue(group).drainTo(waiting);
        if (!waiting.isEmpty()) {
            giveBack(
                    waiting.stream()
                            .map(exchange -> exchange.getMessage().getBody(Delivery.class))
                            .toList(),
                    "its workers are leaving");
        }
        lanesOf(group).ifPresent(Lanes::giveBack);
    }

    /** Makes due what the ledger says that this instance holds, and it does not: an answer of the database was lost, a queue purged. */
    public void reclaimStrays() {
        Set<UUID> held = new HashSet<>();
        for (ConsumerGroup group : groups.all()) {
            if (!workers.work(group.name())) {
                giveBack(group.name()); // what came in at the moment at which they left
            }
            for (Exchange exchange : queue(group.name())) {
                held.add(exchange.getProperty(WAITING, UUID.class));
            }
        }
        held.addAll(ledger.inHand());
        int strays = upkeep.reclaimStrays(held);
        if (strays > 0) {
            LOG.warn("{} deliveries that had gone astray in this instance are due again", strays);
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
