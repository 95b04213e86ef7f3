package routes.operation;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.stereotype.Component;
import routes.operation.Audit.Entry;

/** {@code audit}: who changed what with which operation, and the result. */
@Component
@Endpoint(id = "audit")
class AuditEndpoint {

    private final Audit audit;

    AuditEndpoint(Audit audit) {
        this.audit = audit;
    }

    /**
     * Changes, newest first.
     *
     * @param operation such as {@code deliveries.retry}, or {@code deliveries} for all of that endpoint
     * @param who who made the changes
     */
    @ReadOperation
    Page<Entry> list(
            @Nullable String operation, @Nullable String who, @Nullable String limit, @Nullable String before) {
        return audit.list(operation, who, Arguments.limit(limit), before);
    }
}
