package routes.delivery;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.springframework.stereotype.Component;
import routes.background.FirstInLine;
import routes.settings.Statements;

/**
 * The table {@code event_routes.outcome_event}: outcomes to publish as events ({@code deliveries.outcome-events}). Whatever ends a
 * delivery, suppresses an address or disables a webhook writes a row in the same transaction. They are relayed like the outbox: by one
 * instance at a time, in the order of their ids, and the transaction that deletes them commits once the brokers have acknowledged them.
 *
 * <p>Call the methods in one transaction, in their order.
 */
@Component
public class OutcomeEvents {

    private static final String BATCH = "outcome-events";
    private static final int BATCH_SIZE = 1_000;

    private final Statements sql;
    private final Counter published;
    private volatile Backlog backlog = new Backlog(0, 0, 0);
    private volatile FirstInLine first = FirstInLine.of(0);

    OutcomeEvents(Statements sql, MeterRegistry metrics) {
        this.sql = sql;
        this.published = Counter.builder("domain.events.outcomes.published").register(metrics);
        Gauge.builder("domain.events.outcomes.waiting", () -> backlog.waiting()).register(metrics);
        Gauge.builder("domain.events.outcomes.lag.seconds", () -> backlog.seconds())
                .register(metrics);
    }

    /**
     * The state of the table.
     *
     * @param waiting events to be published
     * @param first the id of the first one; 0 if there is none
     * @param seconds how long that one has waited
     */
    record Backlog(long waiting, long first, double seconds) {}

    /** Whether this instance relays until the transaction ends; false if another one does. */
    public boolean lock() {
        return sql.of("delivery/lock-outcome-events")
                .query((row, n) -> row.getBoolean(1))
                .single();
    }

    /** Takes the next events, a batch at most: their rows are gone once the transaction commits. */
    public List<OutcomeEvent> take(Exchange exchange) {
        List<OutcomeEvent> batch = sql.of("delivery/take-outcome-events", "limit", BATCH_SIZE)
                .query(OutcomeEvent.class)
                .list();
        exchange.setProperty(BATCH, batch);
        return batch;
    }

    /** Counts the events of the batch, which the brokers have acknowledged. Returns whether there may be more. */
    public boolean settle(@ExchangeProperty(BATCH) List<OutcomeEvent> batch) {
        published.increment(batch.size());
        return batch.size() == BATCH_SIZE;
    }

    /** Measures the backlog, for metrics and health. */
    public void measure() {
        Backlog now = sql.of("delivery/outcome-events-lag").query(Backlog.class).single();
        first = first.then(now.first());
        backlog = now;
    }

    /** The state of the table when this instance last looked. */
    Backlog backlog() {
        return backlog;
    }

    /** The first event to be published. */
    FirstInLine first() {
        return first;
    }
}
