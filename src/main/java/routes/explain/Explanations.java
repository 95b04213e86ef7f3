package routes.explain;

import static java.util.Objects.requireNonNull;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.DataClassRowMapper;
import org.springframework.jdbc.core.RowMapper;
import org.springframework.stereotype.Component;
import routes.consumer.Lags;
import routes.consumer.Verdict;
import routes.consumer.Verdicts;
import routes.consumer.Verdicts.Judgement;
import routes.deadletter.DeadLetterRecord;
import routes.deadletter.DeadLetterTable;
import routes.deadletter.DeadLetterTopic;
import routes.deadletter.DeadLettersUnavailableException;
import routes.delivery.ConsumerGroup;
import routes.delivery.ConsumerGroups;
import routes.delivery.DeliveryOperations.Attempt;
import routes.delivery.DeliveryOperations.Summary;
import routes.delivery.DeliverySettings;
import routes.explain.Explained.Explanation;
import routes.explain.Explained.FoundLetter;
import routes.explain.Explained.Group;
import routes.explain.Explained.Replayed;
import routes.explain.WaitReason.Clues;
import routes.explain.WaitReason.Row;
import routes.operation.Arguments;
import routes.settings.Role;
import routes.settings.RoleSettings;
import routes.settings.Statements;

/**
 * Explains what happened to an event in each group, from the ledger and the dead letters. What leaves no trace cannot be
 * known for sure: then the explanation lists what it can be.
 */
@Component
public class Explanations {

    private static final Logger LOG = LoggerFactory.getLogger(Explanations.class);

    /** How many deliveries of a fan-out are shown. */
    private static final int MAX_DELIVERIES = 50;

    /** Among how many of them, which {@code counts} includes: the pages and operations of announcements count all. */
    private static final int MOST_LOOKED_AT = 10_000;

    /** How many of the newest dead letters of a group are searched. */
    private static final int LETTERS = 200;

    private static final RowMapper<Summary> SUMMARY = DataClassRowMapper.newInstance(Summary.class);
    private static final RowMapper<Clues> CLUES = DataClassRowMapper.newInstance(Clues.class);
    private static final RowMapper<Attempt> ATTEMPT = DataClassRowMapper.newInstance(Attempt.class);

    private final ConsumerGroups groups;
    private final Verdicts verdicts;
    private final Lags lags;
    private final WaitReason waiting;
    private final DeadLetterTopic letters;
    private final DeadLetterTable letterTable;
    private final DeliverySettings settings;
    private final RoleSettings roles;
    private final Statements sql;

    Explanations(
            ConsumerGroups groups,
            Verdicts verdicts,
            Lags lags,
            WaitReason waiting,
            DeadLetterTopic letters,
            DeadLetterTable letterTable,
            DeliverySettings settings,
            RoleSettings roles,
            Statements sql) {
        this.groups = groups;
        this.verdicts = verdicts;
        this.lags = lags;
        this.waiting = waiting;
        this.letters = letters;
        this.letterTable = letterTable;
        this.settings = settings;
        this.roles = roles;
        this.sql = sql;
    }

    private record Count(String consumerGroup, String status, long deliveries) {}

    private record Attempted(UUID delivery, Attempt attempt) {}

    /** Explains an event by its id, as typed by a person. */
    public Explained explain(String id) {
        String event = EventId.of(id)
                .orElseThrow(
                        () -> Arguments.wrong("id", "must be an event's id: 1 to 128 letters, digits, or . _ : -"));
        lags.now(); // before the ledger is read: it then has everything that a group has committed by now
        List<Row> rows = sql.of(
                        "explain/explain-event", "event", event, "limit", MAX_DELIVERIES, "among", MOST_LOOKED_AT)
                .param("groups", groups.all().stream().map(ConsumerGroup::name).collect(Collectors.joining(",")))
                .query(Explanations::row)
                .list();
        Map<String, Map<String, Long>> counts = new LinkedHashMap<>();
        sql.of("explain/count-event", "event", event, "among", MOST_LOOKED_AT)
                .query(Count.class)
                .list()
                .forEach(some -> counts.computeIfAbsent(some.consumerGroup(), any -> new TreeMap<>())
                        .put(some.status(), some.deliveries()));
        // A group's own row may be behind all that were counted.
        rows.forEach(row -> counts.computeIfAbsent(
                row.delivery().consumerGroup(),
                any -> new TreeMap<>(Map.of(row.delivery().status(), 1L))));
        Map<UUID, List<Attempt>> attempts = attempts(rows);
        List<String> notes = new ArrayList<>();
        List<Group> explained = new ArrayList<>();
        for (ConsumerGroup group : groups.all()) {
            explained.add(group(group, event, rows, counts.getOrDefault(group.name(), Map.of()), attempts, notes));
        }
        Set<String> here = groups.all().stream().map(ConsumerGroup::name).collect(Collectors.toSet());
        counts.forEach((group, some) -> {
            if (!here.contains(group)) {
                explained.add(elsewhere(group, deliveries(group, rows, attempts), some));
            }
        });
        if (!roles.includesOneOf(Role.ALL)) {
            notes.add("dead letters of groups that run on instances with another role were not searched");
        }
        boolean known = !rows.isEmpty()
                || explained.stream().anyMatch(group -> !group.deadLetters().isEmpty());
        if (!known) {
            notes.add(unknown());
        }
        long counted = counts.values().stream()
                .flatMap(some -> some.values().stream())
                .mapToLong(Long::longValue)
                .sum();
        if (counted > rows.size()) {
            notes.add("only %d deliveries are shown, unfinished ones first".formatted(rows.size()));
        }
        if (counted >= MOST_LOOKED_AT) {
            notes.add("it has %1$d deliveries or more, of which only %1$d were looked at: fanouts counts all"
                    .formatted(MOST_LOOKED_AT));
        }
        return new Explained(
                event,
                known,
                rows.isEmpty() ? null : rows.get(0).delivery().eventType(),
                rows.isEmpty() ? null : rows.get(0).delivery().campaignId(),
                rows.isEmpty() ? null : rows.get(0).happenedAt(),
                explained,
                sql.of("explain/find-replays", "event", event, "among", MOST_LOOKED_AT)
                        .query(Replayed.class)
                        .list(),
                notes.stream().distinct().toList());
    }

    private String unknown() {
        return "nothing is known of this id. It was not published; or it has not been read yet (see the groups' lag); or no group"
                + " handles its type, such as referral.created; or it is a duplicate, and its deliveries are listed under the id of the"
                + " event that came first; or its person was erased; or it only recalculated positions, which keeps no row; or it was finished more than"
                + " %s ago and has been purged".formatted(days());
    }

    private String days() {
        return settings.purgeAfter().toDays() > 0
                ? settings.purgeAfter().toDays() + " days"
                : settings.purgeAfter().toString();
    }

    private Group group(
            ConsumerGroup group,
            String event,
            List<Row> rows,
            Map<String, Long> counts,
            Map<UUID, List<Attempt>> attempts,
            List<String> notes) {
        List<Explanation> deliveries = deliveries(group.name(), rows, attempts);
        String state;
        String because = null;
        List<FoundLetter> found = List.of();
        if (!counts.isEmpty()) {
            state = state(deliveries, counts);
        } else if (!rows.isEmpty() && !group.handles(rows.get(0).delivery().eventType())) {
            state = "passed-over";
            because = "the group does not handle " + rows.get(0).delivery().eventType();
        } else {
            found = letters(group, event, notes);
            String same =
                    rows.isEmpty() ? null : same(group, rows.get(0).delivery().idempotencyKey());
            state = !found.isEmpty() ? "dead-letter" : same != null ? "duplicate" : "no-row";
            because = !found.isEmpty()
                    ? "it could not be taken in: once the cause is fixed, deadletters, action redrive"
                    : same != null ? "it repeats the event %s".formatted(same) : noRow(group, !rows.isEmpty());
        }
        Judgement judgement = verdicts.judge(group.name());
        return new Group(
                group.name(),
                state,
                because,
                judgement.verdict().value(),
                lags.latest().map(look -> look.lag(group.name())).orElse(null),
                counts,
                deliveries,
                found);
    }

    /** A group of other instances: the ledger is shared; only they know its lag and dead letters. */
    private static Group elsewhere(String group, List<Explanation> deliveries, Map<String, Long> counts) {
        return new Group(
                group,
                state(deliveries, counts),
                "the group runs on instances with another role: ask one of them for more",
                Verdict.UNKNOWN.value(),
                null,
                counts,
                deliveries,
                List.of());
    }

    private static String state(List<Explanation> deliveries, Map<String, Long> counts) {
        boolean one = counts.size() == 1 && deliveries.size() == 1;
        return one ? counts.keySet().iterator().next() : "fan-out";
    }

    private List<Explanation> deliveries(String group, List<Row> rows, Map<UUID, List<Attempt>> attempts) {
        return rows.stream()
                .filter(row -> row.delivery().consumerGroup().equals(group))
                .map(row ->
                        explanation(row, attempts.getOrDefault(row.delivery().id(), List.of())))
                .toList();
    }

    /** What it can mean that a group has no trace of an event. */
    private String noRow(ConsumerGroup group, boolean knownElsewhere) {
        Long lag = lags.latest().map(look -> look.lag(group.name())).orElse(null);
        String read = lag == null
                ? "it is unknown whether the group has read it: the brokers do not answer"
                : lag > 0
                        ? "it may be among the %d records that the group has not committed yet".formatted(lag)
                        : "the group has read everything";
        if (!knownElsewhere) {
            return read;
        }
        return group.keepsRows()
                ? read + "; otherwise its row has been purged"
                : read + "; a recalculation that succeeds leaves no row";
    }

    private @Nullable String same(ConsumerGroup group, String key) {
        return sql.of("explain/find-same")
                .param("group", group.name())
                .param("key", key)
                .query(String.class)
                .optional()
                .orElse(null);
    }

    private List<FoundLetter> letters(ConsumerGroup group, String event, List<String> notes) {
        List<DeadLetterRecord> found = new ArrayList<>(letterTable.holding(group.name(), event, LETTERS));
        if (lags.latest().isEmpty()) {
            notes.add("the dead-letter topics were not searched: the brokers do not answer");
        } else {
            try {
                found.addAll(letters.holding(group.name(), event, LETTERS));
                notes.add("only the newest %d dead letters of each group were searched".formatted(LETTERS));
            } catch (DeadLettersUnavailableException e) {
                LOG.warn("The dead letters of {} were not searched: {}", group.name(), e.getReason());
                notes.add("the dead-letter topic of %s could not be searched".formatted(group.name()));
            }
        }
        return found.stream()
                .map(letter ->
                        new FoundLetter(letter.id().toString(), letter.origin(), letter.reason(), letter.keptAt()))
                .toList();
    }

    private Explanation explanation(Row row, List<Attempt> attempts) {
        return new Explanation(
                row.delivery().id(),
                row.delivery().idempotencyKey(),
                row.delivery().recipient(),
                row.delivery().status(),
                row.delivery().reason(),
                row.delivery().dueAt(),
                waiting.because(row, attempts),
                row.delivery().replayId(),
                row.delivery().createdAt(),
                row.delivery().updatedAt(),
                attempts);
    }

    private Map<UUID, List<Attempt>> attempts(List<Row> rows) {
        return sql
                .of("explain/explain-attempts")
                .param(
                        "ids",
                        rows.stream().map(row -> row.delivery().id().toString()).collect(Collectors.joining(",")))
                .query(Explanations::attempted)
                .list()
                .stream()
                .collect(Collectors.groupingBy(
                        Attempted::delivery, Collectors.mapping(Attempted::attempt, Collectors.toList())));
    }

    private static Row row(ResultSet result, int number) throws SQLException {
        return new Row(
                requireNonNull(SUMMARY.mapRow(result, number)),
                moment(result.getString("happened_at")),
                requireNonNull(CLUES.mapRow(result, number)));
    }

    /** Null if it cannot be read: a row that a person edited may have any text, and is still explained. */
    private static @Nullable Instant moment(@Nullable String time) {
        try {
            return time == null ? null : Instant.parse(time);
        } catch (DateTimeParseException e) {
            LOG.debug("The row of an event has no valid time: {}", time, e);
            return null;
        }
    }

    private static Attempted attempted(ResultSet result, int number) throws SQLException {
        return new Attempted(
                result.getObject("delivery_id", UUID.class), requireNonNull(ATTEMPT.mapRow(result, number)));
    }
}
