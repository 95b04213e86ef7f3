package routes.delivery;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.retry.RetryTemplate;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionTemplate;
import routes.background.Masking;
import routes.event.EventReader;
import routes.event.InvalidEventException;
import routes.settings.Statements;

/**
 * Writes how attempts ended, in one transaction with what the application is told. The application's row comes first and is waited for only
 * a moment: somebody who holds it keeps no row of the ledger locked, and no worker. Then the ledger says what has happened, and the
 * application is told as soon as its row is free.
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
    private final Map<String, OutcomeListener> listeners;

    Outcomes(
            TransactionTemplate transaction,
            RetryTemplate untilWritten,
            EventReader events,
            Statements sql,
            Collection<OutcomeListener> listeners) {
        this.sql = sql;
        this.transaction = transaction;
        this.untilWritten = untilWritten;
        this.events = events;
        this.listeners = listeners.stream().collect(Collectors.toMap(OutcomeListener::group, listener -> listener));
    }

    /**
     * Writes an outcome. While the database is away it waits: an effect that has happened is not forgotten for want of a row.
     *
     * @param pause until the next attempt; null when there is none
     * @return false when another instance has taken the delivery over
     */
    boolean write(Delivery delivery, Outcome outcome, @Nullable Duration pause) {
        OutcomeListener listener = listeners.get(delivery.group());
        if (listener == null || !listener.concerns(delivery)) {
            return untilWritten.invoke(() -> writeRow(delivery, outcome, pause));
        }
        boolean untoldYet;
        try {
            return together(delivery, outcome, pause, listener);
        } catch (RuntimeException e) {
            // Whatever became of the application's row, what has happened stays true.
            untoldYet = !refused(delivery.id(), e);
        }
        boolean later = untoldYet;
        return untilWritten.invoke(() -> transaction.execute(status -> {
            boolean held = writeRow(delivery, outcome, pause);
            if (held && later) {
                tellLater(delivery.id(), delivery.attempt(), outcome.masked().toOthers());
            }
            return held;
        }));
    }

    private void tellLater(UUID id, int attempt, @Nullable String toOthers) {
        sql.of("delivery/tell-later")
                .param("id", id)
                .param("attempt", attempt)
                .param("to_others", toOthers)
                .update();
    }

    /**
     * Notes that an operator has changed a delivery, in the transaction that does so. It keeps rows of the ledger locked, so the
     * application's are not waited for there: {@link #tellRest()} tells of it.
     *
     * @param attempts how many there have been
     */
    public void changedByOperator(UUID id, String group, int attempts) {
        OutcomeListener listener = listeners.get(group);
        if (listener != null && listener.hearsOfOperators()) {
            tellLater(id, attempts, null);
        }
    }

    /** Whether the application's table, or what writes it, would refuse the same outcome again; then somebody has to look at it. */
    private static boolean refused(UUID id, RuntimeException e) {
        boolean forGood = !(e instanceof DataAccessException || e instanceof TransactionException)
                || DatabaseErrors.isOfTheData(e);
        if (forGood) {
            LOG.error(
                    "The outcome of delivery {} is in the ledger alone, the application's table refused it: {}",
                    id,
                    Masking.mask(e.getMessage()));
        }
        return forGood;
    }

    private boolean together(Delivery delivery, Outcome outcome, @Nullable Duration pause, OutcomeListener listener) {
        return transaction.execute(status -> {
            sql.of("delivery/limit-wait").query(String.class).single();
            Outcome full = listener.lock(delivery, outcome);
            boolean held = writeRow(delivery, full, pause);
            if (held) {
                listener.finished(delivery, full.masked());
            }
            return held;
        });
    }

    private boolean writeRow(Delivery delivery, Outcome outcome, @Nullable Duration pause) {
        return writeRow(delivery.id(), delivery.lease(), delivery.attempt(), outcome, pause);
    }

    boolean writeRow(UUID id, int lease, int attempt, Outcome outcome, @Nullable Duration pause) {
        return sql.of("delivery/finish")
                        .param("id", id)
                        .param("lease", lease)
                        .param("attempt", attempt)
                        .param("status", outcome.status().value())
                        .param("reason", Masking.mask(outcome.reason()))
                        .param("code", outcome.code())
                        .param("pause", pause == null ? null : pause.toMillis() / 1000.0)
                        .query(Integer.class)
                        .single()
                > 0;
    }

    /** A delivery as it stands now, of which the application has not been told. */
    private record Untold(
            UUID id,
            String consumerGroup,
            String event,
            String status,
            int attempts,
            @Nullable String reason,
            @Nullable String toOthers) {}

    /** Tells the application what could not be told when it happened. What is still locked has time until the next call. */
    public void tellRest() {
        int heard = 0;
        int locked = 0;
        List<Untold> rest = sql.of("delivery/untold")
                .param("limit", TOLD_AT_ONCE)
                .query(Untold.class)
                .list();
        for (Untold row : rest) {
            try {
                transaction.executeWithoutResult(status -> tell(row));
                heard++;
            } catch (RuntimeException e) {
                if (refused(row.id(), e)) {
                    forget(row);
                } else if (++locked >= LOCKED_ARE_ENOUGH) {
                    break;
                }
            }
        }
        if (!rest.isEmpty()) {
            LOG.info("{} outcomes were told to the application late; {} are locked there", heard, locked);
        }
    }

    /** The application's row first here, too: while it is locked, nobody else tells of the delivery, and what was read is still so. */
    private void tell(Untold row) {
        sql.of("delivery/limit-wait").query(String.class).single();
        OutcomeListener listener = listeners.get(row.consumerGroup());
        if (listener == null) {
            return; // of another role's group
        }
        Delivery delivery = delivery(row);
        Outcome outcome = new Outcome(
                DeliveryStatus.valueOf(row.status().toUpperCase(Locale.ROOT)),
                row.reason(),
                row.toOthers(),
                null,
                null,
                null,
                true);
        listener.lock(delivery, outcome);
        if (forget(row)) {
            listener.finished(delivery, outcome);
        }
    }

    /** False when the delivery has gone on since it was read. */
    private boolean forget(Untold row) {
        return sql.of("delivery/told")
                        .param("id", row.id())
                        .param("attempts", row.attempts())
                        .param("status", row.status())
                        .update()
                > 0;
    }

    private Delivery delivery(Untold row) {
        try {
            return Delivery.waiting(
                    row.id(), row.consumerGroup(), "", events.readStored(row.event()), row.attempts(), 0, false, null);
        } catch (InvalidEventException e) {
            throw new IllegalStateException("the row holds no event: " + e.getMessage(), e);
        }
    }
}
