package routes.outbox;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.camel.Body;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import routes.background.FirstInLine;
import routes.event.DomainEvent;
import routes.event.EventHeaders;
import routes.event.EventPublisher;
import routes.event.EventReader;
import routes.event.InvalidEventException;
import routes.settings.OnRole;
import routes.settings.Role;
import routes.settings.Statements;

/**
 * The table {@code event_routes.event_outbox}. One instance at a time relays it, in the order of the rows' ids. A row is
 * deleted after the brokers have acknowledged its event, so a crash publishes some again and loses none; consumers recognize
 * duplicates. Rows are found by their presence, not from a high-water mark: a transaction that commits late leaves no gap.
 *
 * <p>Call the methods in one transaction, in their order.
 */
@OnRole(Role.PUBLISH)
@Component
public class Outbox {

    private static final Logger LOG = LoggerFactory.getLogger(Outbox.class);

    private final Statements sql;
    private final EventReader reader;
    private final EventPublisher publisher;
    private final OutboxSettings settings;
    private final Counter published;
    private volatile Backlog backlog = new Backlog(0, 0, 0, 0);
    private volatile FirstInLine first = FirstInLine.of(0);

    Outbox(
            Statements sql,
            EventReader reader,
            EventPublisher publisher,
            OutboxSettings settings,
            MeterRegistry metrics) {
        this.sql = sql;
        this.reader = reader;
        this.publisher = publisher;
        this.settings = settings;
        this.published = Counter.builder("domain.events.outbox.published").register(metrics);
        Gauge.builder("domain.events.outbox.waiting", () -> backlog.waiting()).register(metrics);
        Gauge.builder("domain.events.outbox.refused", () -> backlog.refused()).register(metrics);
        Gauge.builder("domain.events.outbox.lag.seconds", () -> backlog.seconds())
                .register(metrics);
    }

    private record Row(long id, String event, Instant createdAt, Instant databaseTime) {}

    /**
     * The state of the table.
     *
     * @param waiting rows to be published
     * @param refused rows that are not events
     * @param first the id of the first row to be published; 0 if there is none
     * @param seconds how long that row has waited
     */
    public record Backlog(long waiting, long refused, long first, double seconds) {}

    /** Whether there are rows to publish. */
    public boolean isWaiting() {
        return sql.of("outbox/waiting").query(Boolean.class).single();
    }

    /** Whether this instance relays until the transaction ends; false if another one does. */
    public boolean lock() {
        return sql.of("outbox/lock").query((row, n) -> row.getBoolean(1)).single();
    }

    /**
     * The next {@code outbox.batch-size} rows.
     *
     * @throws IllegalStateException if a row would be refused because of this machine's clock alone
     */
    public OutboxBatch next() {
        List<Row> rows = sql.of("outbox/next", "limit", settings.batchSize())
                .query(Row.class)
                .list();
        List<Long> ids = new ArrayList<>();
        List<DomainEvent> events = new ArrayList<>();
        Map<Long, String> refused = new LinkedHashMap<>();
        for (Row row : rows) {
            try {
                events.add(reader.readWaiting(row.event(), row.createdAt()));
                ids.add(row.id());
            } catch (InvalidEventException e) {
                requireClock(row, e);
                refused.put(row.id(), String.valueOf(e.getMessage()));
            }
        }
        return new OutboxBatch(ids, events, refused, rows.size() == settings.batchSize());
    }

    /**
     * A time in the future is the application's mistake, unless the database's clock has come near it: then this machine's clock is wrong,
     * or the database's, and a good row must not be set aside for good. Another instance, or this one when its clock is right, relays it.
     */
    private void requireClock(Row row, InvalidEventException refusal) {
        if (refusal.isAhead() && isEvent(row.event(), row.databaseTime())) {
            throw new IllegalStateException(
                    ("row %d of event_outbox is more than a day ahead of this machine's clock, which says %s, and not of the"
                                    + " database's, which says %s: set the clock that is wrong, rows wait until then")
                            .formatted(row.id(), Instant.now(), row.databaseTime()));
        }
    }

    private boolean isEvent(String text, Instant now) {
        try {
            reader.read(text.getBytes(StandardCharsets.UTF_8), EventHeaders.NONE, now);
            return true;
        } catch (InvalidEventException e) {
            return false;
        }
    }

    /**
     * Publishes the events of a batch through the route {@code publish-event}, and returns when the brokers have acknowledged
     * all of them. Not {@code to()} in the route: it would continue on a thread of the Kafka client, without the transaction.
     *
     * @throws routes.event.PublishingException if they have not; some may have been written anyway
     */
    public void publish(@Body OutboxBatch batch) throws InvalidEventException {
        if (!batch.events().isEmpty()) {
            publisher.publish(batch.events());
        }
    }

    /** Deletes the published rows, and marks those that are not valid events. */
    public void settle(@Body OutboxBatch batch) {
        if (!batch.ids().isEmpty()) {
            sql.of("outbox/delete", "ids", array(batch.ids())).update();
            published.increment(batch.ids().size());
        }
        batch.refused().forEach((id, reason) -> {
            sql.of("outbox/refuse", "id", id, "reason", reason).update();
            LOG.warn("Row {} of event_outbox is not a valid event, and waits until it is corrected: {}", id, reason);
        });
    }

    /** Measures how much waits, for metrics and health. */
    public void measure() {
        Backlog now = sql.of("outbox/lag").query(Backlog.class).single();
        first = first.then(now.first());
        backlog = now;
    }

    /** The state of the table when this instance last looked. */
    public Backlog backlog() {
        return backlog;
    }

    /** The first row to be published. */
    public FirstInLine first() {
        return first;
    }

    /** A PostgreSQL array literal. */
    static String array(List<Long> ids) {
        return ids.stream().map(String::valueOf).collect(Collectors.joining(",", "{", "}"));
    }
}
