package routes.delivery;

import com.fasterxml.jackson.databind.node.ArrayNode;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeException;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.support.SynchronizationAdapter;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.retry.RetryTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import routes.background.Masking;
import routes.event.DomainEvent;
import routes.event.EventJson;
import routes.event.EventReader;
import routes.event.InvalidEventException;
import routes.settings.Statements;

/**
 * The ledger of deliveries: what every consumer group has to do, has done, and will retry. One row per group, idempotency
 * key and recipient; its uniqueness makes an effect happen once. {@link DeliveryRecorder} adds to it.
 */
@Component
public class DeliveryLedger {

    /** The exchange property that keeps a worker's delivery while bodies change. */
    public static final String DELIVERY = "delivery";

    private static final Logger LOG = LoggerFactory.getLogger(DeliveryLedger.class);

    private final Statements sql;
    private final EventReader events;
    private final Instance instance;
    private final Dependencies dependencies;
    private final DeliverySettings settings;
    private final RetrySchedule schedule;
    private final RetryTemplate untilWritten;
    private final OutcomeReport report;
    private final Outcomes outcomes;
    private final Grouped<Delivery, Optional<Delivery>> begins = new Grouped<>(this::beginTogether);

    /** What workers are processing, and since when ({@link System#nanoTime()}). */
    private final Map<Leased, Long> inHand = new ConcurrentHashMap<>();

    DeliveryLedger(
            Statements sql,
            EventReader events,
            Instance instance,
            Dependencies dependencies,
            DeliverySettings settings,
            RetrySchedule schedule,
            RetryTemplate untilWritten,
            OutcomeReport report,
            Outcomes outcomes) {
        this.sql = sql;
        this.events = events;
        this.instance = instance;
        this.dependencies = dependencies;
        this.settings = settings;
        this.schedule = schedule;
        this.untilWritten = untilWritten;
        this.report = report;
        this.outcomes = outcomes;
    }

    /** A delivery under one lease: after a pause of this process, it may have it twice, and the first does not count. */
    private record Leased(UUID id, int lease) {

        private static Leased of(Delivery delivery) {
            return new Leased(delivery.id(), delivery.lease());
        }
    }

    /**
     * Begins an attempt, just before its effect. This makes an attempt that a crash cut off visible, and keeps a delivery
     * that waited in the queue of an instance considered dead from being processed twice. While the database is down, it
     * waits.
     *
     * @throws LeaseLostException when this instance no longer holds the delivery, or has begun it before
     */
    public Delivery begin(@Body Delivery delivery, Exchange exchange) {
        LogContext.delivery(delivery, exchange);
        hold(delivery, exchange);
        Delivery begun =
                untilWritten.invoke(() -> begins.of(delivery)).orElseThrow(() -> new LeaseLostException(delivery.id()));
        exchange.setProperty(DELIVERY, begun);
        inHand.replace(Leased.of(delivery), System.nanoTime()); // it may have waited for its turn before
        return begun;
    }

    private List<Optional<Delivery>> beginTogether(List<Delivery> some, boolean alone) {
        ArrayNode rows = EventJson.mapper().createArrayNode();
        some.forEach(delivery -> rows.addObject()
                .put("n", rows.size() - 1)
                .put("id", delivery.id().toString())
                .put("lease", delivery.lease())
                .put("attempts", delivery.attempt())
                .put("lane", delivery.lane()));
        Map<Integer, Delivery> begun = new HashMap<>();
        sql.of("delivery/begin")
                .param("rows", rows.toString())
                .param("alone", alone)
                .param("early", settings.earlyFor().toMillis() / 1000.0)
                .query(row -> {
                    int n = row.getInt("n");
                    begun.put(
                            n, some.get(n).begun(row.getInt("attempts"), row.getInt("tries"), row.getBoolean("young")));
                });
        return IntStream.range(0, some.size())
                .mapToObj(n -> Optional.ofNullable(begun.get(n)))
                .toList();
    }

    /** Marks a delivery as in progress until its exchange is done, also while it waits for its turn, so that it is not reclaimed. */
    public void hold(Delivery delivery, Exchange exchange) {
        Leased leased = Leased.of(delivery);
        if (inHand.putIfAbsent(leased, System.nanoTime()) == null) {
            exchange.getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
                @Override
                public void onDone(Exchange done) {
                    inHand.remove(leased);
                }
            });
        }
    }

    /**
     * Puts a delivery back whose receiver has no room for it now. It is due in its lane, and no attempt is used up. While the
     * database is down, it waits.
     */
    public void postpone(@ExchangeException NoRoomException because) {
        Delivery delivery = because.delivery();
        untilWritten.invoke(() -> sql.of("delivery/postpone")
                .param("id", delivery.id())
                .param("lease", delivery.lease())
                .param("attempts", delivery.attempt())
                .param("lane", delivery.lane())
                .param("reason", because.getMessage())
                .update());
    }

    /**
     * Writes how the attempt ended, unless another instance has taken the delivery over. While the database is down, it
     * waits, so that no effect that has happened is forgotten.
     *
     * @param delivery the attempt; null if it could not begin: the delivery will be reclaimed
     */
    public void finish(@ExchangeProperty(DELIVERY) @Nullable Delivery delivery, @Body Outcome outcome) {
        if (delivery == null) {
            LOG.warn("An attempt could not begin; its delivery is retried: {}", Masking.mask(outcome.reason()));
            return;
        }
        if (!outcome.tried()) {
            takeBack(delivery, outcome);
            return;
        }
        if (outcome.status() != DeliveryStatus.DUE) {
            write(delivery, outcome, null);
            return;
        }
        Duration pause =
                schedule.pauseAfter(delivery.tries(), outcome.retryAfter()).orElse(null);
        write(delivery, pause == null ? outcome.givenUpAfter(delivery.tries()) : outcome, pause);
    }

    private void takeBack(Delivery delivery, Outcome outcome) {
        Duration wait = outcome.retryAfter();
        untilWritten.invoke(() -> sql.of("delivery/wait-for")
                .param("id", delivery.id())
                .param("lease", delivery.lease())
                .param("attempt", delivery.attempt())
                .param("dependency", outcome.waitsFor())
                .param("wait", wait == null ? 0 : wait.toMillis() / 1000.0)
                .param("reason", Masking.mask(outcome.reason()))
                .query(Integer.class)
                .single());
    }

    private void write(Delivery delivery, Outcome outcome, @Nullable Duration pause) {
        Long begun = inHand.get(Leased.of(delivery));
        Duration took = begun == null ? null : Duration.ofNanos(System.nanoTime() - begun);
        if (outcomes.write(delivery, outcome, pause)) {
            report.report(delivery, outcome, pause, took);
        } else {
            LOG.warn("Ignored a late outcome of delivery {}: another instance has taken it over", delivery.id());
        }
    }

    /** Counts events that were processed without a row in the ledger, after the commit. */
    public void processed(String group, List<DomainEvent> events) {
        events.forEach(event -> report.processed(group, event));
    }

    /**
     * Takes due deliveries of a group, leased to this instance. A row without a valid event, which only a person can have
     * written, ends as failed and does not hold up others.
     *
     * @param limit how many at most
     * @param from from when on
     */
    public TakenDue takeDue(String group, int limit, DueMarks from) {
        List<Row> rows =
                take(sql.of("delivery/take-due", "single", from.single(), "fan_out", from.fanOut()), group, limit);
        DueMarks last = DueMarks.BEGINNING;
        for (Row row : rows) { // in the order in which they were due
            last = row.recipient().isEmpty()
                    ? new DueMarks(row.dueAt(), last.fanOut())
                    : new DueMarks(last.single(), row.dueAt());
        }
        return new TakenDue(deliveries(rows), last, rows.size() == limit);
    }

    private List<Row> take(JdbcClient.StatementSpec statement, String group, int limit) {
        return statement
                .param("group", group)
                .param("owner", instance.id())
                .param("limit", limit)
                .param("away", String.join(",", dependencies.away()))
                .query(Row.class)
                .list();
    }

    private List<Delivery> deliveries(List<Row> rows) {
        return rows.stream().flatMap(row -> delivery(row).stream()).toList();
    }

    /**
     * Takes due deliveries of a group that wait for their receiver, leased to this instance: from each {@linkplain Lanes lane} as
     * many as its receiver has room for, so that none waits behind those of another receiver.
     */
    public List<Delivery> takeLanes(String group, LaneRoom room) {
        if (room.limit() <= 0) {
            return List.of();
        }
        String rooms = EventJson.mapper().valueToTree(room.lanes()).toString();
        return deliveries(take(sql.of("delivery/take-lanes", "rooms", rooms), group, room.limit()));
    }

    private record Row(
            UUID id,
            String consumerGroup,
            String recipient,
            String event,
            int attempts,
            int lease,
            boolean forced,
            @Nullable String lane,
            OffsetDateTime dueAt) {}

    private Optional<Delivery> delivery(Row row) {
        try {
            DomainEvent event = events.readStored(row.event());
            return Optional.of(Delivery.waiting(
                    row.id(),
                    row.consumerGroup(),
                    row.recipient(),
                    event,
                    row.attempts(),
                    row.lease(),
                    row.forced(),
                    row.lane()));
        } catch (InvalidEventException e) {
            LOG.error("Delivery {} fails, its row has no valid event: {}", row.id(), e.getMessage());
            outcomes.writeUnreadable(row.id(), row.lease(), "the row has no valid event: " + e.getMessage());
            return Optional.empty();
        }
    }

    /** Gives back deliveries that this instance has no room for: they are due at once, for any instance. */
    public void release(List<Delivery> deliveries) {
        ArrayNode rows = EventJson.mapper().createArrayNode();
        deliveries.forEach(
                delivery -> rows.addObject().put("id", delivery.id().toString()).put("lease", delivery.lease()));
        sql.of("delivery/release", "rows", rows.toString()).update();
    }

    /** The deliveries that are in progress or wait for their turn. */
    public Set<UUID> inHand() {
        return inHand.keySet().stream().map(Leased::id).collect(Collectors.toSet());
    }
}
