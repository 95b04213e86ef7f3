package routes.delivery;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.retry.RetryTemplate;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;
import routes.event.DomainEvent;
import routes.event.EventHeaders;
import routes.event.EventJson;
import routes.event.EventReader;
import routes.event.InvalidEventException;

/**
 * The ledger of deliveries: what every consumer group has to do, did, and will try again. One row a group, idempotency
 * key and recipient; its uniqueness is what makes an effect happen once.
 */
@Component
public class DeliveryLedger {

    /** The exchange property under which a worker's delivery stays while bodies change. */
    public static final String DELIVERY = "delivery";

    private static final Logger LOG = LoggerFactory.getLogger(DeliveryLedger.class);
    private static final int MAX_REASON = 1000;

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final EventReader events;
    private final Instance instance;
    private final RetrySchedule schedule;
    private final RetryTemplate untilWritten;
    private final MeterRegistry metrics;
    private final Map<String, OutcomeListener> listeners;
    private final String record;
    private final String begin;
    private final String finish;
    private final String takeDue;
    private final String release;

    DeliveryLedger(
            JdbcClient jdbc,
            TransactionTemplate transaction,
            SqlFiles sql,
            EventReader events,
            Instance instance,
            RetrySchedule schedule,
            RetryTemplate untilWritten,
            MeterRegistry metrics,
            Collection<OutcomeListener> listeners) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.events = events;
        this.instance = instance;
        this.schedule = schedule;
        this.untilWritten = untilWritten;
        this.metrics = metrics;
        this.listeners = listeners.stream().collect(Collectors.toMap(OutcomeListener::group, listener -> listener));
        this.record = sql.read("delivery/record.sql");
        this.begin = sql.read("delivery/begin.sql");
        this.finish = sql.read("delivery/finish.sql");
        this.takeDue = sql.read("delivery/take-due.sql");
        this.release = sql.read("delivery/release.sql");
    }

    /**
     * Records what a group has to do, leased to this instance. What stands in the ledger already is a duplicate and is
     * done with.
     *
     * @return the deliveries that are new
     */
    public List<Delivery> record(String group, List<DomainEvent> batch) {
        Map<String, DomainEvent> byKey = new LinkedHashMap<>();
        batch.forEach(event -> byKey.putIfAbsent(event.idempotencyKey(), event));
        if (byKey.isEmpty()) {
            return List.of();
        }
        ArrayNode rows = EventJson.mapper().createArrayNode();
        byKey.forEach((key, event) -> rows.add(row(key, event)));
        List<Delivery> recorded = jdbc.sql(record)
                .param("group", group)
                .param("owner", instance.id())
                .param("rows", rows.toString())
                .query((row, n) -> new Delivery(
                        row.getObject("id", UUID.class),
                        group,
                        "",
                        Objects.requireNonNull(byKey.get(row.getString("idempotency_key"))),
                        0,
                        row.getInt("lease")))
                .list();
        int duplicates = batch.size() - recorded.size();
        if (duplicates > 0) {
            metrics.counter("domain.events.duplicates", "group", group).increment(duplicates);
        }
        return recorded;
    }

    private static ObjectNode row(String key, DomainEvent event) {
        ObjectNode row = EventJson.mapper().createObjectNode();
        row.put("idempotency_key", key);
        row.put("event_id", event.id());
        row.put("event_type", event.type().value());
        row.put("campaign_id", event.campaignId());
        row.set("event", EventJson.mapper().valueToTree(event));
        return row;
    }

    /**
     * Begins an attempt, just before its effect: so an attempt that a crash cut off can be seen, and a delivery that
     * waited in the queue of an instance that was taken for gone is not carried out twice.
     *
     * @throws LeaseLostException when this instance no longer holds the delivery
     */
    public Delivery begin(@Body Delivery delivery, Exchange exchange) {
        Delivery begun = jdbc.sql(begin)
                .param("id", delivery.id())
                .param("lease", delivery.lease())
                .query(Integer.class)
                .optional()
                .map(delivery::begun)
                .orElseThrow(() -> new LeaseLostException(delivery.id()));
        exchange.setProperty(DELIVERY, begun);
        return begun;
    }

    /**
     * Writes how the attempt ended, if this instance still holds the lease. While the database is away it waits: an
     * effect that has happened is not forgotten for want of a row.
     */
    public void finish(@ExchangeProperty(DELIVERY) Delivery delivery, @Body Outcome outcome) {
        Optional<Duration> pause = Optional.empty();
        Outcome result = outcome;
        if (outcome.status() == DeliveryStatus.DUE) {
            pause = schedule.pauseAfter(Math.max(1, delivery.attempt()), outcome.retryAfter());
            if (pause.isEmpty()) {
                result = new Outcome(
                        DeliveryStatus.FAILED,
                        "gave up after %d attempts: %s".formatted(delivery.attempt(), outcome.reason()),
                        outcome.code(),
                        null);
            }
        }
        write(delivery, result, pause);
    }

    private void write(Delivery delivery, Outcome outcome, Optional<Duration> pause) {
        boolean written = untilWritten.invoke(() -> transaction.execute(status -> {
            int rows = jdbc.sql(finish)
                    .param("id", delivery.id())
                    .param("lease", delivery.lease())
                    .param("status", outcome.status().value())
                    .param("reason", shortened(outcome.reason()))
                    .param("code", outcome.code())
                    .param("pause", pause.map(p -> p.toMillis() / 1000.0).orElse(null))
                    .query(Integer.class)
                    .single();
            if (rows > 0 && listeners.containsKey(delivery.group())) {
                listeners.get(delivery.group()).finished(delivery, outcome);
            }
            return rows > 0;
        }));
        if (!written) {
            LOG.warn("A late outcome of delivery {} counts no more: another instance holds it", delivery.id());
            return;
        }
        String name = pause.isPresent() ? "retry" : outcome.status().value();
        metrics.counter("domain.events.handled", "group", delivery.group(), "type", delivery.type(), "outcome", name)
                .increment();
        log(delivery, outcome, name, pause);
    }

    private static void log(Delivery delivery, Outcome outcome, String name, Optional<Duration> pause) {
        String again = pause.map(p -> ", again in " + p.toSeconds() + " s").orElse("");
        String reason = outcome.reason() == null ? "" : ": " + outcome.reason();
        switch (outcome.status()) {
            case FAILED, DUE -> LOG.warn("{} {} event {} attempt {} {}{}{}", args(delivery, name, again, reason));
            default -> LOG.info("{} {} event {} attempt {} {}{}{}", args(delivery, name, again, reason));
        }
    }

    private static Object[] args(Delivery delivery, String name, String again, String reason) {
        return new Object[] {
            delivery.group(), delivery.type(), delivery.event().id(), delivery.attempt(), name, again, reason
        };
    }

    /** Text from a remote side, made fit for a row and a line of the log. */
    private static @Nullable String shortened(@Nullable String text) {
        if (text == null) {
            return null;
        }
        String line = text.replaceAll("\\p{Cntrl}+", " ");
        return line.length() <= MAX_REASON ? line : line.substring(0, MAX_REASON);
    }

    /**
     * Takes what is due of a group, leased to this instance.
     *
     * @param limit how many at most
     */
    public List<Delivery> takeDue(String group, int limit) {
        return jdbc.sql(takeDue)
                .param("group", group)
                .param("owner", instance.id())
                .param("limit", limit)
                .query(this::due)
                .list();
    }

    private Delivery due(ResultSet row, int n) throws SQLException {
        byte[] json = row.getString("event").getBytes(StandardCharsets.UTF_8);
        try {
            return new Delivery(
                    row.getObject("id", UUID.class),
                    row.getString("consumer_group"),
                    row.getString("recipient"),
                    events.read(json, EventHeaders.NONE),
                    row.getInt("attempts"),
                    row.getInt("lease"));
        } catch (InvalidEventException e) {
            throw new IllegalStateException("The ledger's row " + row.getString("id") + " holds no event", e);
        }
    }

    /** Gives deliveries back that this instance has no room for: they are due at once, for any instance. */
    public void release(List<Delivery> deliveries) throws DataAccessException {
        if (deliveries.isEmpty()) {
            return;
        }
        ArrayNode rows = EventJson.mapper().createArrayNode();
        deliveries.forEach(
                delivery -> rows.addObject().put("id", delivery.id().toString()).put("lease", delivery.lease()));
        jdbc.sql(release).param("rows", rows.toString()).update();
    }
}
