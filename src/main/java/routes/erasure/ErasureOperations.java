package routes.erasure;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.stereotype.Component;
import routes.delivery.DatabaseErrors;
import routes.erasure.Subjects.Subject;
import routes.event.EventJson;
import routes.kafka.DomainEventsSettings;
import routes.operation.Arguments;
import routes.operation.Audit;
import routes.settings.Statements;

/**
 * Exports and erases what {@code event_routes} keeps about a person. What happened to the person up to the erasure is not done any
 * more, not even if it is read again: {@code erased_person} has a digest of their id. Topics are not changed.
 */
@Component
class ErasureOperations {

    /** Deliveries of a person in one call. */
    private static final int MAX_DELIVERIES = 20_000;

    private static final Duration SEARCHING = Duration.ofSeconds(30);
    private static final Duration HOLDING_OTHERS_UP = Duration.ofSeconds(5);

    private final Statements sql;
    private final Audit audit;
    private final DomainEventsSettings topics;

    ErasureOperations(Statements sql, Audit audit, DomainEventsSettings topics) {
        this.sql = sql;
        this.audit = audit;
        this.topics = topics;
    }

    /**
     * What was exported or erased.
     *
     * @param rows how many rows of what
     * @param data the rows themselves, as they are kept; null after an erasure
     * @param remains where else the person still is
     * @param complete whether that is all; if not, repeat it after an erasure
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Result(
            String action,
            Map<String, Integer> rows,
            @Nullable Map<String, List<Object>> data,
            List<String> remains,
            boolean complete) {}

    private record Row(String kind, String id, @Nullable String data, boolean underWay) {}

    /** What is kept about a person, with addresses. Changes nothing but the audit, which says that somebody has seen it. */
    Result export(Subject subject, String by) {
        return audited(subject, by, "export", () -> {
            List<Row> found = find(subject, "erasure/find", MAX_DELIVERIES);
            Map<String, List<Object>> data = new TreeMap<>();
            for (Row row : found) {
                data.computeIfAbsent(row.kind(), kind -> new ArrayList<>())
                        .add(EventJson.column(Objects.requireNonNull(row.data())));
            }
            return result(subject, "export", found, data);
        });
    }

    /**
     * Erases what an export shows, in one transaction. Deliveries that nobody has begun are no longer made.
     *
     * @throws org.springframework.web.server.ResponseStatusException while an attempt is in progress: 409, and nothing is changed
     */
    Result erase(Subject subject, String by) {
        return audited(subject, by, "erase", () -> {
            List<Row> found = new ArrayList<>(find(subject, "erasure/find", 0));
            limit(HOLDING_OTHERS_UP);
            sql.of("erasure/lock").update(); // from here on nobody records deliveries
            found.addAll(find(subject, "erasure/lock-deliveries", MAX_DELIVERIES));
            if (found.stream().anyMatch(Row::underWay)) {
                throw Arguments.refused("an attempt is under way for this person: repeat it in a few seconds");
            }
            ArrayNode ids = EventJson.mapper().createArrayNode();
            found.forEach(row -> ids.addObject().put("kind", row.kind()).put("id", row.id()));
            subject.in(sql.of("erasure/erase")).param("found", ids.toString()).update();
            return result(subject, "erase", found, null);
        });
    }

    private List<Row> find(Subject subject, String statement, int deliveries) {
        return subject.in(sql.of(statement))
                .param("limit", deliveries)
                .query(Row.class)
                .list();
    }

    /** Each of the next statements may take so long. */
    private void limit(Duration longest) {
        sql.of("erasure/limits").param("seconds", longest.toSeconds()).query().singleRow();
    }

    /** The audit does not say who it was. */
    private Result audited(Subject subject, String by, String action, Supplier<Result> work) {
        Supplier<Result> bounded = () -> {
            limit(SEARCHING);
            return work.get();
        };
        try {
            return audit.change(
                    by,
                    "erasure." + action,
                    Map.of("campaigns", subject.campaigns()),
                    bounded,
                    result -> "rows: " + result.rows());
        } catch (DataAccessException e) {
            if (!(e instanceof TransientDataAccessException) && !DatabaseErrors.isOfALock(e)) {
                throw e;
            }
            throw Arguments.unavailable(
                    e instanceof QueryTimeoutException
                            ? "what is kept could not be searched in time, and nothing was changed: repeat it later, or once the table dead_letter has fewer rows"
                            : "the database is busy with rows that name this person, and nothing was changed: repeat it in a few seconds");
        }
    }

    private Result result(Subject subject, String action, List<Row> found, @Nullable Map<String, List<Object>> data) {
        Map<String, Integer> rows = new TreeMap<>();
        found.forEach(row -> rows.merge(row.kind(), 1, Integer::sum));
        List<String> remains = new ArrayList<>();
        remains.add("Kafka: %s and its dead-letter topics (%s), each record until the retention of its topic has passed"
                .formatted(topics.topic(), topics.deadLetterTopic("<group>")));
        if (subject.inApplication()) {
            remains.add("the application: waitlist_users and what belongs to it, by which mails and leaderboards go");
        }
        return new Result(action, rows, data, remains, rows.getOrDefault("deliveries", 0) < MAX_DELIVERIES);
    }
}
