package routes.operation;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.stereotype.Component;
import routes.event.EventJson;
import routes.settings.Statements;

/** {@code audit}: who changed what with which operation, and the result. */
@Component
@Endpoint(id = "audit")
public class AuditEndpoint {

    private final Statements sql;

    AuditEndpoint(Statements sql) {
        this.sql = sql;
    }

    /** A change by an operator. */
    public record Entry(long id, Instant at, String who, String operation, Object arguments, String result) {}

    private record Row(long id, Instant at, String who, String operation, String arguments, String result) {}

    /**
     * Changes, newest first.
     *
     * @param operation such as {@code deliveries.retry}, or {@code deliveries} for all of that endpoint
     * @param who who made the changes
     */
    @ReadOperation
    public Page<Entry> list(
            @Nullable String operation, @Nullable String who, @Nullable String limit, @Nullable String before) {
        int size = Arguments.limit(limit);
        List<Entry> found = sql
                .of("operation/find-audit")
                .param("operation", Arguments.criterion("operation", operation))
                .param("who", Arguments.criterion("who", who))
                .param("before", before == null ? null : Arguments.count("before", before, 1, 999_999_999))
                .param("limit", size)
                .query(Row.class)
                .list()
                .stream()
                .map(AuditEndpoint::entry)
                .toList();
        return Page.of("audit", found, size, Entry::id);
    }

    private static Entry entry(Row row) {
        Object arguments = EventJson.column(row.arguments());
        return new Entry(row.id(), row.at(), row.who(), row.operation(), arguments, row.result());
    }
}
