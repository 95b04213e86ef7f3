package routes.erasure;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.stereotype.Component;
import routes.delivery.ConsumerGroups;
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

    private static final String DELIVERIES = "deliveries";

    /** Of a person. More are left for the next call. */
    private static final int MAX_DELIVERIES = 20_000;

    private final Statements sql;
    private final Audit audit;
    private final ConsumerGroups groups;
    private final DomainEventsSettings topics;

    ErasureOperations(Statements sql, Audit audit, ConsumerGroups groups, DomainEventsSettings topics) {
        this.sql = sql;
        this.audit = audit;
        this.groups = groups;
        this.topics = topics;
    }

    /**
     * What was exported or erased.
     *
     * @param rows how many rows of what
     * @param data the rows themselves, as they are kept; null after an erasure
     * @param remains where else the person still is
     * @param complete whether that is all; if not, repeat after an erasure
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Result(
            String action,
            Map<String, Integer> rows,
            @Nullable Map<String, List<Object>> data,
            List<String> remains,
            boolean complete) {

        /** For the audit: it does not say who it was. */
        String summary() {
            return rows.isEmpty()
                    ? "nothing is kept"
                    : rows.entrySet().stream()
                            .map(row -> row.getValue() + " " + row.getKey())
                            .collect(Collectors.joining(", "));
        }
    }

    private record Row(String kind, String id, String data) {}

    private record Locked(UUID id, boolean underWay) {}

    /** What is kept about a person, with addresses. Changes nothing but the audit, which says that somebody has seen it. */
    Result export(Subject subject, String by) {
        return audited(subject, by, "export", () -> {
            List<Row> found = find(subject, MAX_DELIVERIES);
            Map<String, List<Object>> data = found.stream()
                    .collect(Collectors.groupingBy(
                            Row::kind,
                            TreeMap::new,
                            Collectors.mapping(
                                    row -> EventJson.column(row.data(), new TypeReference<Object>() {}),
                                    Collectors.toList())));
            Map<String, Integer> rows = new TreeMap<>();
            data.forEach((kind, some) -> rows.put(kind, some.size()));
            return result(subject, "export", rows, data);
        });
    }

    /**
     * Erases what an export shows, in one transaction. Deliveries that nobody has begun are not carried out any more.
     *
     * @throws org.springframework.web.server.ResponseStatusException while one is being carried out: 409, and nothing is changed
     */
    Result erase(Subject subject, String by) {
        return audited(subject, by, "erase", () -> {
            List<Row> found = find(subject, 0); // deliveries are found again once nobody records any
            sql.of("erasure/lock").update();
            List<Locked> deliveries = subject.of(sql.of("erasure/lock-deliveries"))
                    .param("limit", MAX_DELIVERIES)
                    .query(Locked.class)
                    .list();
            long underWay = deliveries.stream().filter(Locked::underWay).count();
            if (underWay > 0) {
                throw Arguments.refused(
                        "%d deliveries of this person are being carried out at this moment: repeat it in some seconds"
                                .formatted(underWay));
            }
            ArrayNode rows = EventJson.mapper().createArrayNode();
            found.forEach(row -> rows.addObject().put("kind", row.kind()).put("id", row.id()));
            subject.of(sql.of("erasure/erase"))
                    .param(DELIVERIES, deliveries.stream().map(Locked::id).toArray(UUID[]::new))
                    .param("found", rows.toString())
                    .update();
            Map<String, Integer> counts = new TreeMap<>();
            found.forEach(row -> counts.merge(row.kind(), 1, Integer::sum));
            counts.merge(DELIVERIES, deliveries.size(), Integer::sum);
            return result(subject, "erase", counts, null);
        });
    }

    private List<Row> find(Subject subject, int deliveries) {
        return subject.of(sql.of("erasure/find"))
                .param("limit", deliveries)
                .query(Row.class)
                .list();
    }

    private Result audited(Subject subject, String by, String action, Supplier<Result> work) {
        Supplier<Result> bounded = () -> {
            sql.of("erasure/limits").query().singleRow();
            return work.get();
        };
        try {
            return audit.change(
                    by, "erasure." + action, Map.of("campaigns", subject.campaigns()), bounded, Result::summary);
        } catch (TransientDataAccessException e) {
            throw Arguments.unavailable(
                    "the database is busy with rows that name this person, and nothing was changed: repeat it in some seconds");
        }
    }

    private Result result(
            Subject subject, String action, Map<String, Integer> rows, @Nullable Map<String, List<Object>> data) {
        String kafka = Stream.concat(
                        Stream.of(topics.topic()),
                        groups.all().stream().map(group -> topics.deadLetterTopic(group.name())))
                .collect(Collectors.joining(", "));
        List<String> remains = new ArrayList<>();
        remains.add("Kafka: %s, each record until the retention of its topic has passed".formatted(kafka));
        if (subject.inApplication()) {
            remains.add("the application: waitlist_users and what belongs to it, by which mails and leaderboards go");
        }
        return new Result(action, rows, data, remains, rows.getOrDefault(DELIVERIES, 0) < MAX_DELIVERIES);
    }
}
