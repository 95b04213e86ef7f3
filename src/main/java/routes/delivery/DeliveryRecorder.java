package routes.delivery;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;
import routes.background.Masking;
import routes.event.DomainEvent;
import routes.event.EventJson;
import routes.settings.Statements;

/** Records in the {@linkplain DeliveryLedger ledger} what consumer groups have to do. */
@Component
public class DeliveryRecorder {

    private final Statements sql;
    private final TransactionTemplate transaction;
    private final Instance instance;
    private final DeliveryLedger ledger;
    private final MeterRegistry metrics;

    DeliveryRecorder(
            Statements sql,
            TransactionTemplate transaction,
            Instance instance,
            DeliveryLedger ledger,
            MeterRegistry metrics) {
        this.sql = sql;
        this.transaction = transaction;
        this.instance = instance;
        this.ledger = ledger;
        this.metrics = metrics;
    }

    /**
     * Records what a group has to do, leased to this instance. A key that is already in the ledger is a duplicate and is
     * ignored, unless it was skipped or failed and a different event repeats it. An event that the database refuses does not block others: the batch is halved until that event is alone.
     *
     * @param refusals takes the events that the database refuses
     * @return the deliveries that are new or reopened
     */
    public List<Delivery> record(String group, List<DomainEvent> batch, RejectionHandler refusals) {
        try {
            return record(group, batch);
        } catch (DataAccessException e) {
            if (!DatabaseErrors.isOfTheData(e)) {
                throw e;
            }
            if (batch.size() == 1) {
                refusals.refused(batch.get(0), reason(e));
                return List.of();
            }
            int half = batch.size() / 2;
            List<Delivery> recorded = new ArrayList<>(record(group, batch.subList(0, half), refusals));
            recorded.addAll(record(group, batch.subList(half, batch.size()), refusals));
            return recorded;
        }
    }

    private List<Delivery> record(String group, List<DomainEvent> batch) {
        Map<String, DomainEvent> first = new LinkedHashMap<>();
        Map<String, DomainEvent> last = new LinkedHashMap<>();
        for (DomainEvent event : batch) {
            first.putIfAbsent(event.idempotencyKey(), event);
            last.put(event.idempotencyKey(), event);
        }
        last.values().removeIf(event -> event.id()
                .equals(Objects.requireNonNull(first.get(event.idempotencyKey()))
                        .id()));
        List<Delivery> recorded = last.isEmpty() ? record(group, first) : together(group, first, last);
        int duplicates = batch.size() - recorded.size();
        if (duplicates > 0) {
            metrics.counter("domain.events.duplicates", "group", group).increment(duplicates);
        }
        return recorded;
    }

    /**
     * Of a key with two different events: the later may be new where the earlier was not, as if it had come in a later batch. In one
     * transaction: what was recorded first is returned with the rest, or tried again with it.
     */
    private List<Delivery> together(String group, Map<String, DomainEvent> first, Map<String, DomainEvent> last) {
        return Objects.requireNonNull(transaction.execute(status -> {
            List<Delivery> recorded = new ArrayList<>(record(group, first));
            recorded.addAll(record(group, last));
            return recorded;
        }));
    }

    private List<Delivery> record(String group, Map<String, DomainEvent> byKey) {
        ArrayNode rows = EventJson.mapper().createArrayNode();
        byKey.forEach((key, event) -> rows.add(row(key, event)));
        return sql.of("delivery/record")
                .param("group", group)
                .param("owner", instance.id())
                .param("rows", rows.toString())
                .query((row, n) -> Delivery.waiting(
                        row.getObject("id", UUID.class),
                        group,
                        "",
                        Objects.requireNonNull(byKey.get(row.getString("idempotency_key"))),
                        row.getInt("attempts"),
                        row.getInt("lease"),
                        false,
                        null))
                .list();
    }

    /**
     * Records what a group has to do, due at once for any instance. Call it in a transaction.
     *
     * @param refusals takes the event if the database refuses it, which ends the transaction
     * @return whether it is new; an existing row stays as it is
     */
    public boolean recordDue(String group, DomainEvent event, RejectionHandler refusals) {
        List<Delivery> recorded = record(group, List.of(event), refusals);
        ledger.release(recorded);
        return !recorded.isEmpty();
    }

    /**
     * Defers to the ledger what a group could not do now: due at once, even if the ledger already has it. An attempt in
     * progress may have begun too early, so its outcome no longer counts.
     *
     * @param refusals takes the event if the database refuses it
     * @return whether the database accepted it
     */
    public boolean putOff(String group, DomainEvent event, RejectionHandler refusals) {
        try {
            ArrayNode rows = EventJson.mapper().createArrayNode().add(row(event.idempotencyKey(), event));
            sql.of("delivery/put-off", "group", group, "rows", rows.toString()).update();
            return true;
        } catch (DataAccessException e) {
            if (!DatabaseErrors.isOfTheData(e)) {
                throw e;
            }
            refusals.refused(event, reason(e));
            return false;
        }
    }

    /**
     * Defers work that several events ask for: the first event that the database accepts represents all of them.
     *
     * @param refusals takes the events that the database refuses before that
     */
    public void putOffTogether(String group, List<DomainEvent> events, RejectionHandler refusals) {
        for (DomainEvent event : events) {
            if (putOff(group, event, refusals)) {
                return;
            }
        }
    }

    private static String reason(DataAccessException e) {
        return "the ledger refused it: " + Masking.mask(e.getMostSpecificCause().getMessage());
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
}
