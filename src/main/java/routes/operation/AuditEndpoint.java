package routes.operation;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.stereotype.Component;
import routes.event.EventJson;
import routes.settings.Statements;

/** {@code audit}: who changed what by an operation, and with what result. */
@Component
@Endpoint(id = "audit")
class AuditEndpoint {

    private final Statements sql;

    AuditEndpoint(Statements sql) {
        this.sql = sql;
    }

    /** A change that somebody has made. */
    record Entry(long id, Instant at, String who, String operation, Object arguments, String result) {}

    /**
     * A page of changes, newest first.
     *
     * @param next what to write as {@code before} for the next page; null on the last one
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Page(List<Entry> audit, @Nullable Long next) {}

    private record Row(long id, Instant at, String who, String operation, String arguments, String result) {}

    /**
     * The latest changes.
     *
     * @param operation such as {@code deliveries.retry}, or {@code deliveries} for all of that endpoint
     * @param who whose
     */
    @ReadOperation
    Page list(@Nullable String operation, @Nullable String who, @Nullable String limit, @Nullable String before) {
        int size = Operator.limit(limit);
        List<Entry> found = sql
                .of("operation/find-audit")
                .param("operation", Operator.criterion("operation", operation))
                .param("who", Operator.criterion("who", who))
                .param("before", before == null ? null : Operator.count("before", before, 1, 999_999_999))
                .param("limit", size)
                .query(Row.class)
                .list()
                .stream()
                .map(AuditEndpoint::entry)
                .toList();
        return new Page(
                found, found.size() == size ? found.get(found.size() - 1).id() : null);
    }

    private static Entry entry(Row row) {
        try {
            Object arguments = EventJson.mapper().readValue(row.arguments(), Object.class);
            return new Entry(row.id(), row.at(), row.who(), row.operation(), arguments, row.result());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("The column arguments holds no JSON", e);
        }
    }
}
