package routes.deadletter;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import routes.background.Masking;
import routes.deadletter.DeadLetterRecord.Origin;
import routes.deadletter.DeadLetterTable.Action;
import routes.deadletter.DeadLetterTable.LetterKey;
import routes.delivery.ConsumerGroup;
import routes.delivery.DeliveryRecorder;
import routes.delivery.RejectionHandler;
import routes.event.DomainEvent;
import routes.event.EventHeaders;
import routes.event.EventReader;
import routes.event.InvalidEventException;
import routes.operation.Arguments;
import routes.operation.Audit;
import routes.operation.Page;
import routes.settings.Statements;

/**
 * Shows operators the dead letters of a group, and re-drives or discards them. A letter is never changed; what was done with
 * it is recorded separately, in one transaction with its effect and a row of the audit.
 *
 * <p>To re-drive is to read the letter again and to record its event for its own group. Nothing is written to a topic, so a
 * letter that is still unreadable does not become a second one, and there is no loop.
 */
@Component
public class DeadLetterOperations {

    private static final String REDRIVEN = "redriven";
    private static final String DISCARDED = "discarded";
    private static final RejectionHandler REFUSE = (event, reason) -> {
        throw new RefusedException(reason);
    };
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final DeadLetterTopic topic;
    private final DeadLetterTable table;
    private final EventReader reader;
    private final DeliveryRecorder recorder;
    private final Audit audit;
    private final Statements sql;

    DeadLetterOperations(
            DeadLetterTopic topic,
            DeadLetterTable table,
            EventReader reader,
            DeliveryRecorder recorder,
            Audit audit,
            Statements sql) {
        this.topic = topic;
        this.table = table;
        this.reader = reader;
        this.recorder = recorder;
        this.audit = audit;
        this.sql = sql;
    }

    /** The result for one letter. */
    sealed interface Changed permits Summary, Redriven {}

    /**
     * A dead letter in a list.
     *
     * @param size of its value, in bytes
     * @param state {@code open}, {@code redriven} or {@code discarded}
     * @param done who did that, when and why; null while it is open
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Summary(
            String id,
            Origin record,
            @Nullable String reason,
            Instant keptAt,
            int size,
            String state,
            @Nullable Done done)
            implements Changed {}

    /** Who re-drove or discarded a letter. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Done(String by, Instant at, @Nullable String reason) {}

    /** A header, as in the record. */
    public record Header(String name, @Nullable Content value) {}

    /** A dead letter with its content. */
    public record Details(
            Summary letter, @Nullable Content key, @Nullable Content value, List<Header> headers) {}

    /**
     * The result of re-driving a letter.
     *
     * @param result {@code due}: its event is due in the ledger; {@code duplicate}: it is already there, nothing to do;
     *     {@code unreadable}: it is still not a valid event; {@code passes-over}: the group does not handle its type;
     *     {@code refused}: the database rejects it; {@code erased}: it is about a person who was erased; {@code readable}: one of the first two, as a dry run reports
     * @param reason why nothing was done
     * @param delivery of the ledger
     * @param status of the delivery
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Redriven(
            String id,
            String result,
            @Nullable String reason,
            @Nullable UUID delivery,
            @Nullable String status) implements Changed {

        static Redriven not(DeadLetterRecord letter, String result, @Nullable String reason) {
            return new Redriven(letter.id().toString(), result, reason, null, null);
        }
    }

    /**
     * The actual or expected result of re-driving all open letters of a group.
     *
     * @param results how many letters had which result; see {@link Redriven}
     * @param complete whether all were checked; if not, repeat
     */
    public record Bulk(boolean dryRun, int letters, Map<String, Long> results, boolean complete) {}

    private record Delivery(UUID id, String status) {}

    /** The database rejects the event: the transaction must be rolled back. */
    private static final class RefusedException extends RuntimeException {

        private RefusedException(String reason) {
            super(reason);
        }
    }

    /**
     * Lists letters, newest first.
     *
     * @param before where the page begins on each shelf: only letters before these; empty for the first page
     */
    public Page<Summary> list(ConsumerGroup group, int limit, List<DeadLetterId> before) {
        Map<Integer, Long> ends = new TreeMap<>();
        before.forEach(id -> ends.put(id.shelf(), id.place()));
        List<Deque<DeadLetterRecord>> shelves = topic.newest(group.name(), limit, ends).stream()
                .map(ArrayDeque::new)
                .collect(Collectors.toCollection(ArrayList::new));
        shelves.add(new ArrayDeque<>(
                table.newest(group.name(), limit, ends.getOrDefault(DeadLetterId.TABLE, Long.MAX_VALUE))));
        List<DeadLetterRecord> page = new ArrayList<>();
        while (page.size() < limit) {
            // Merges the shelves, newest first, but keeps the order within each shelf, whatever the clocks say.
            Optional<Deque<DeadLetterRecord>> newest = shelves.stream()
                    .filter(shelf -> !shelf.isEmpty())
                    .max(Comparator.comparing(shelf -> shelf.element().keptAt()));
            if (newest.isEmpty()) {
                break;
            }
            DeadLetterRecord letter = newest.get().remove();
            page.add(letter);
            ends.put(letter.id().shelf(), letter.id().place());
        }
        Map<LetterKey, Action> actions = table.actions(group.name(), page);
        String next = page.size() < limit
                ? null
                : ends.entrySet().stream()
                        .map(end -> new DeadLetterId(end.getKey(), end.getValue()).toString())
                        .collect(Collectors.joining(","));
        return new Page<>(
                "letters", page.stream().map(letter -> summary(letter, actions)).toList(), next);
    }

    /** One letter, with its content. */
    public Details show(ConsumerGroup group, DeadLetterId id) {
        DeadLetterRecord letter = get(group, id);
        return new Details(
                summary(letter, table.actions(group.name(), List.of(letter))),
                Content.of(letter.key()),
                Content.of(letter.value()),
                letter.headers().stream()
                        .map(header -> new Header(header.name(), Content.of(header.value())))
                        .toList());
    }

    private static Summary summary(DeadLetterRecord letter, Map<LetterKey, Action> actions) {
        Action action = actions.get(LetterKey.of(letter));
        return new Summary(
                letter.id().toString(),
                letter.origin(),
                letter.reason(),
                letter.keptAt(),
                letter.size(),
                action == null ? "open" : action.action(),
                action == null ? null : new Done(action.by(), action.at(), action.reason()));
    }

    private DeadLetterRecord get(ConsumerGroup group, DeadLetterId id) {
        Optional<DeadLetterRecord> letter = id.isOfTable()
                ? table.from(group.name(), id.place())
                        .filter(found -> found.id().equals(id))
                : topic.find(group.name(), id);
        return letter.orElseThrow(() -> Arguments.missing("%s has no dead letter %s".formatted(group.name(), id)));
    }

    /** Discards a letter. */
    public Summary discard(ConsumerGroup group, DeadLetterId id, String by, String reason) {
        DeadLetterRecord letter = get(group, id);
        String why = Masking.mask(reason);
        audit.change(
                by,
                "deadletters.discarded",
                Map.of("group", group.name(), "id", id.toString(), "reason", why),
                () -> mark(group, letter, DISCARDED, by, why));
        return summary(letter, table.actions(group.name(), List.of(letter)));
    }

    /** Reads a letter again and records its event for its group. */
    public Redriven redrive(ConsumerGroup group, DeadLetterId id, String by) {
        return redrive(group, get(group, id), by);
    }

    private Redriven redrive(ConsumerGroup group, DeadLetterRecord letter, String by) {
        return read(group, letter, event -> {
            try {
                return audit.change(
                        by,
                        "deadletters.redriven",
                        Map.of("group", group.name(), "id", letter.id().toString()),
                        () -> record(group, letter, event, by),
                        redriven -> "%s: delivery %s".formatted(redriven.result(), redriven.delivery()));
            } catch (RefusedException e) {
                return Redriven.not(letter, "refused", e.getMessage());
            }
        });
    }

    /** Reads a letter as its group does. */
    private Redriven read(ConsumerGroup group, DeadLetterRecord letter, Function<DomainEvent, Redriven> readable) {
        EventHeaders headers = letter.eventHeaders();
        try {
            Optional<String> type = reader.peekType(letter.value(), headers);
            if (type.isPresent() && !group.handles(type.get())) {
                return Redriven.not(letter, "passes-over", "%s does not handle its type".formatted(group.name()));
            }
            return readable.apply(reader.read(letter.value(), headers, letter.writtenAt()));
        } catch (InvalidEventException e) {
            return Redriven.not(letter, "unreadable", e.getMessage());
        }
    }

    private Redriven record(ConsumerGroup group, DeadLetterRecord letter, DomainEvent event, String by) {
        boolean recorded = true;
        if (group.keepsRows()) {
            recorded = recorder.recordDue(group.name(), event, REFUSE);
        } else {
            recorder.putOff(group.name(), event, REFUSE);
        }
        String result = recorded ? "due" : "duplicate";
        Optional<Delivery> delivery = sql.of("deadletter/find-delivery-of-key")
                .param("group", group.name())
                .param("key", event.idempotencyKey())
                .query(Delivery.class)
                .optional();
        delivery.ifPresent(some -> sql.of("delivery/note-change", "id", some.id())
                .param("what", "re-driven from a dead letter")
                .param("by", by)
                .update());
        mark(group, letter, REDRIVEN, by, null);
        return new Redriven(
                letter.id().toString(),
                delivery.isPresent() ? result : "erased",
                null,
                delivery.map(Delivery::id).orElse(null),
                delivery.map(Delivery::status).orElse(null));
    }

    /** Records what is done with a letter, unless something was done before. */
    private String mark(
            ConsumerGroup group, DeadLetterRecord letter, String action, String by, @Nullable String reason) {
        if (!table.write(group.name(), letter, action, by, reason)) {
            Action before = Objects.requireNonNull(
                    table.actions(group.name(), List.of(letter)).get(LetterKey.of(letter)));
            throw Arguments.refused(
                    "the dead letter is already %s, by %s at %s".formatted(before.action(), before.by(), before.at()));
        }
        return action;
    }

    /** Predicts the result of re-driving a letter, as far as reading it shows: {@code readable}, or why nothing would be done. */
    public Redriven plan(ConsumerGroup group, DeadLetterId id) {
        return plan(group, get(group, id));
    }

    private Redriven plan(ConsumerGroup group, DeadLetterRecord letter) {
        return read(group, letter, event -> Redriven.not(letter, "readable", null));
    }

    /** Predicts the result of re-driving all open letters of a group, as far as reading them shows. */
    public Bulk plan(ConsumerGroup group) {
        return all(group, true, letter -> plan(group, letter));
    }

    /** Re-drives all open letters of a group, one transaction each. */
    public Bulk redriveAll(ConsumerGroup group, String by) {
        return all(group, false, letter -> redrive(group, letter, by));
    }

    private Bulk all(ConsumerGroup group, boolean dryRun, Function<DeadLetterRecord, Redriven> each) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        Map<LetterKey, Action> actions = table.actions(group.name(), null);
        Map<String, Long> results = new TreeMap<>();
        Predicate<DeadLetterRecord> visitor = letter -> {
            if (System.nanoTime() > deadline) {
                return false;
            }
            if (!actions.containsKey(LetterKey.of(letter))) {
                results.merge(each.apply(letter).result(), 1L, Long::sum);
            }
            return true;
        };
        boolean complete = eachOfTable(group, visitor) && topic.each(group.name(), visitor);
        return new Bulk(
                dryRun, results.values().stream().mapToInt(Long::intValue).sum(), results, complete);
    }

    private boolean eachOfTable(ConsumerGroup group, Predicate<DeadLetterRecord> visitor) {
        long from = 0;
        for (Optional<DeadLetterRecord> letter = table.from(group.name(), from);
                letter.isPresent();
                letter = table.from(group.name(), from)) {
            if (!visitor.test(letter.get())) {
                return false;
            }
            from = letter.get().id().place() + 1;
        }
        return true;
    }
}
