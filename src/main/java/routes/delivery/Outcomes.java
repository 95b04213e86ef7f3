package routes.delivery;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.springframework.core.retry.RetryTemplate;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionTemplate;
import routes.background.Masking;
import routes.event.EventJson;
import routes.event.EventReader;
import routes.event.InvalidEventException;
import routes.settings.Statements;

/**
 * Writes the outcomes of attempts, {@linkplain Grouped in groups}, each group in one transaction with the application's rows. Those are
 * locked first, with a short timeout, so that a lock on one of them holds up neither the ledger nor a worker. If a row stays locked, the
 * ledger records the outcome, and the application is told once the row is free. With
 * {@link OutcomeEvents}, the same statement writes the event.
 */
@Component
public class Outcomes {

    private static final Logger LOG = LoggerFactory.getLogger(Outcomes.class);
    private static final int TOLD_AT_ONCE = 100;
    private static final int LOCKED_ARE_ENOUGH = 10;

    private final Statements sql;
    private final TransactionTemplate transaction;
    private final RetryTemplate untilWritten;
    private final EventReader events;
    private final ConsumerGroups groups;
    private final Map<String, List<OutcomeListener>> listeners;
    private final boolean tellsOthers;

    /** Outcomes without a listener, and those with one, by consumer group. */
    private final Grouped<Ended, Boolean> unheard = new Grouped<>(this::writeRows);

    private final Map<String, Grouped<Ended, Boolean>> heard;

    Outcomes(
            TransactionTemplate transaction,
            RetryTemplate untilWritten,
            EventReader events,
            ConsumerGroups groups,
            Statements sql,
            Collection<OutcomeListener> listeners,
            DeliverySettings settings) {
        this.sql = sql;
        this.transaction = transaction;
        this.untilWritten = untilWritten;
        this.events = events;
        this.groups = groups;
        this.tellsOthers = settings.outcomeEvents();
        this.listeners = listeners.stream().collect(Collectors.groupingBy(OutcomeListener::group));
        this.heard = this.listeners.values().stream()
                .collect(Collectors.toMap(
                        its -> its.get(0).group(), its -> new Grouped<>((some, alone) -> together(some, its))));
    }

    /**
     * Writes an outcome. While the database is down, it waits, so that no effect that has happened is forgotten.
     *
     * @param pause until the next attempt; null if there is none
     * @return false if another instance has taken the delivery over
     */
    boolean write(Delivery delivery, Outcome outcome, @Nullable Duration pause) {
        Ended ended = new Ended(delivery, outcome, pause);
        if (of(delivery.group()).stream().noneMatch(listener -> listener.concerns(delivery))) {
            return untilWritten.invoke(() -> unheard.of(ended));
        }
        try {
            return Objects.requireNonNull(heard.get(delivery.group())).of(ended);
        } catch (RuntimeException e) {
            return withoutFile(ended, e);
        }
    }

    /** The application's rows are written with the outcome even if a file's steps after it fail. */
    private boolean withoutFile(Ended ended, RuntimeException failure) {
        Delivery delivery = ended.delivery();
        if (of(delivery.group()).stream().noneMatch(its -> its.isOfAFile() && its.concerns(delivery))) {
            return alone(ended, !refused(delivery.id(), failure));
        }
        try {
            boolean later = !isForGood(failure);
            boolean held = Boolean.TRUE.equals(transaction.execute(status -> {
                boolean written =
                        together(List.of(ended), own(delivery.group())).get(0);
                if (written && later) {
                    tellLater(ended);
                }
                return written;
            }));
            if (held) {
                leftOut(delivery.id(), later, failure);
            }
            return held;
        } catch (RuntimeException e) {
            return alone(ended, !refused(delivery.id(), e));
        }
    }

    /** The ledger records the outcome, whether or not the application's row can be written. */
    private boolean alone(Ended ended, boolean later) {
        return untilWritten.invoke(() -> transaction.execute(status -> {
            boolean held = writeRows(List.of(ended), true).get(0);
            if (held && later) {
                tellLater(ended);
            }
            return held;
        }));
    }

    /** The listeners that are not a file's. */
    private List<OutcomeListener> own(String group) {
        return of(group).stream().filter(its -> !its.isOfAFile()).toList();
    }

    private List<OutcomeListener> of(String group) {
        return listeners.getOrDefault(group, List.of());
    }

    private void tellLater(Ended ended) {
        tellLater(
                ended.delivery().id(),
                ended.delivery().attempt(),
                ended.outcome().masked().toOthers());
    }

    private void tellLater(UUID id, int attempt, @Nullable String toOthers) {
        sql.of("delivery/tell-later", "id", id, "attempt", attempt, "to_others", toOthers)
                .update();
    }

    /**
     * Notes that an operator has changed a delivery, in the transaction of the change. That one holds locks on the ledger, so it must not
     * wait for the application's rows: {@link #tellRest()} tells the application.
     *
     * @param attempts how many attempts it has had
     */
    public void changedByOperator(UUID id, String group, int attempts) {
        if (of(group).stream().anyMatch(OutcomeListener::hearsOfOperators)) {
            tellLater(id, attempts, null);
        }
    }

    /** Whether the application's table, or the code that writes to it, would refuse the same outcome again, so that a retry is pointless. */
    private static boolean isForGood(RuntimeException e) {
        return !(e instanceof DataAccessException || e instanceof TransactionException)
                || DatabaseErrors.isOfTheData(e);
    }

    /** The same, which is logged. */
    private static boolean refused(UUID id, RuntimeException e) {
        boolean forGood = isForGood(e);
        if (forGood) {
            LOG.error(
                    "The outcome of delivery {} is only in the ledger, the application's table refused it: {}",
                    id,
                    Masking.mask(e.getMessage()));
        }
        return forGood;
    }

    private static void leftOut(UUID id, boolean later, RuntimeException e) {
        LOG.atLevel(later ? Level.WARN : Level.ERROR)
                .log(
                        "The outcome of delivery {} was written without the steps of the file after it, {}: {}",
                        id,
                        later ? "which are repeated" : "which would fail again",
                        Masking.mask(e.getMessage()));
    }

    private List<Boolean> together(List<Ended> some, List<OutcomeListener> its) {
        return transaction.execute(status -> {
            sql.of("delivery/limit-wait").query(String.class).single();
            List<Ended> full = lock(some, its);
            List<Boolean> held = writeRows(full, false);
            List<Ended> written = IntStream.range(0, full.size())
                    .filter(held::get)
                    .mapToObj(i -> full.get(i).with(full.get(i).outcome().masked()))
                    .toList();
            its.forEach(listener -> listener.finished(written));
            return held;
        });
    }

    private static List<Ended> lock(List<Ended> some, List<OutcomeListener> its) {
        List<Ended> full = some;
        for (OutcomeListener listener : its) {
            full = listener.lock(full);
        }
        return full;
    }

    private List<Boolean> writeRows(List<Ended> some, boolean alone) {
        ArrayNode rows = EventJson.mapper().createArrayNode();
        some.forEach(ended -> add(
                rows,
                ended.delivery().id(),
                ended.delivery().lease(),
                ended.delivery().attempt(),
                ended.outcome(),
                ended.pause()));
        Set<Integer> written = finish(rows, alone);
        return IntStream.range(0, some.size()).mapToObj(written::contains).toList();
    }

    /** Ends a delivery whose row has no valid event. */
    void writeUnreadable(UUID id, int lease, String reason) {
        ArrayNode rows = EventJson.mapper().createArrayNode();
        add(rows, id, lease, 0, Outcome.failed(reason), null);
        finish(rows, true);
    }

    private void add(ArrayNode rows, UUID id, int lease, int attempt, Outcome outcome, @Nullable Duration pause) {
        ObjectNode row = rows.addObject()
                .put("n", rows.size() - 1)
                .put("id", id.toString())
                .put("lease", lease)
                .put("attempt", attempt)
                .put("status", outcome.status().value())
                .put("reason", Masking.mask(outcome.reason()))
                .put("code", outcome.code())
                .put("pause", pause == null ? null : pause.toMillis() / 1000.0);
        String event = tellsOthers ? event(outcome) : null;
        if (event != null) {
            row.put("event", event)
                    .put("event_id", UUID.randomUUID().toString())
                    .put("to_others", Masking.mask(outcome.toOthers()));
        }
    }

    /** The type of the event about an outcome; null if there is none: it is not final, or there was nothing to do. */
    private static @Nullable String event(Outcome outcome) {
        return switch (outcome.status()) {
            case DELIVERED -> "delivery.delivered";
            case FAILED -> "delivery.failed";
            case SKIPPED -> outcome.code() == null ? null : "reward.voided";
            default -> null;
        };
    }

    private Set<Integer> finish(ArrayNode rows, boolean alone) {
        return sql.of("delivery/finish", "rows", rows.toString(), "alone", alone)
                .query(Integer.class)
                .set();
    }

    /** The current state of a delivery whose outcome the application has not been told. */
    private record Untold(
            UUID id,
            String consumerGroup,
            String event,
            String status,
            int attempts,
            @Nullable String reason,
            @Nullable String toOthers) {}

    /**
     * Tells the application the outcomes that it could not be told at once, of the groups of this instance: another one may have steps for
     * the others. Those whose rows are still locked wait for the next call.
     */
    public void tellRest() {
        int heard = 0;
        int locked = 0;
        String here = groups.all().stream().map(ConsumerGroup::name).collect(Collectors.joining(","));
        List<Untold> rest = sql.of("delivery/untold", "groups", here, "limit", TOLD_AT_ONCE)
                .query(Untold.class)
                .list();
        for (Untold row : rest) {
            try {
                transaction.executeWithoutResult(status -> tell(row, of(row.consumerGroup())));
                heard++;
            } catch (RuntimeException e) {
                if (isForGood(e)) {
                    tellWithoutFile(row, e);
                } else if (++locked >= LOCKED_ARE_ENOUGH) {
                    break;
                }
            }
        }
        if (!rest.isEmpty()) {
            LOG.info("Told the application {} outcomes late; {} wait because its rows are locked", heard, locked);
        }
    }

    /** Locks the application's row first here, too: while it is locked, nobody else writes this outcome, and the state read is current. */
    private void tell(Untold row, List<OutcomeListener> its) {
        sql.of("delivery/limit-wait").query(String.class).single();
        Delivery delivery = delivery(row);
        Outcome outcome = new Outcome(
                DeliveryStatus.valueOf(row.status().toUpperCase(Locale.ROOT)),
                row.reason(),
                row.toOthers(),
                null,
                null,
                null,
                true);
        List<Ended> as = List.of(new Ended(delivery, outcome, null));
        List<Ended> full = lock(as, its);
        if (forget(row)) {
            its.forEach(listener -> listener.finished(full));
        }
    }

    private void tellWithoutFile(Untold row, RuntimeException failure) {
        try {
            transaction.executeWithoutResult(status -> tell(row, own(row.consumerGroup())));
            leftOut(row.id(), false, failure);
        } catch (RuntimeException e) {
            if (refused(row.id(), e)) {
                forget(row);
            }
        }
    }

    /** False if the delivery has changed since it was read. */
    private boolean forget(Untold row) {
        return sql.of("delivery/told", "id", row.id(), "attempts", row.attempts(), "status", row.status())
                        .update()
                > 0;
    }

    private Delivery delivery(Untold row) {
        try {
            return Delivery.waiting(
                    row.id(), row.consumerGroup(), "", events.readStored(row.event()), row.attempts(), 0, false, null);
        } catch (InvalidEventException e) {
            throw new IllegalStateException("the row has no valid event: " + e.getMessage(), e);
        }
    }
}
