package routes.outbox;

import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.stereotype.Component;
import routes.operation.Arguments;
import routes.operation.Page;
import routes.outbox.OutboxOperations.Content;
import routes.outbox.OutboxOperations.Refused;
import routes.settings.OnRole;
import routes.settings.Role;

/** {@code outbox}: the rows of {@code event_outbox} that are not valid events; publishes them, unchanged or corrected, or drops them. */
@OnRole(Role.PUBLISH)
@Component
@Endpoint(id = "outbox")
public class OutboxEndpoint {

    private static final Pattern ID = Pattern.compile("[1-9][0-9]{0,17}");

    private final OutboxOperations rows;

    OutboxEndpoint(OutboxOperations rows) {
        this.rows = rows;
    }

    /** The result for one row. */
    public record Changed(String action, long row) {}

    /**
     * The result for many rows, actual or, if {@code dryRun}, expected.
     *
     * @param rows how many will be published, or were dropped
     * @param refused how many are still not valid events, and stay unchanged
     * @param left how many are left for the next call
     */
    record Bulk(String action, boolean dryRun, long rows, long refused, long left) {}

    /** The rows that are not valid events, optionally of one type, oldest first. */
    @ReadOperation
    public Page<Refused> list(@Nullable String type, @Nullable String limit, @Nullable String after) {
        return rows.find(
                Arguments.criterion("type", type),
                Arguments.ifGiven("after", after, OutboxEndpoint::id),
                Arguments.limit(limit));
    }

    /** One row, with its content. */
    @ReadOperation
    public Content show(@Selector String id) {
        return rows.get(id("id", id));
    }

    /**
     * Publishes a row, or drops it.
     *
     * @param event for {@code retry}: the event to publish instead of the row's, as JSON in a string
     * @param reason for {@code drop}: why
     */
    @WriteOperation
    public Changed change(
            @Selector String id,
            @Nullable String action,
            @Nullable String by,
            @Nullable String event,
            @Nullable String reason) {
        long row = id("id", id);
        String what = Arguments.oneOf("action", action, List.of("retry", "drop"));
        String who = Arguments.by(by);
        if (what.equals("drop")) {
            rows.drop(row, who, Arguments.reason(reason));
        } else if (event == null) {
            rows.retry(row, who);
        } else {
            rows.mend(row, event, who);
        }
        return new Changed(what, row);
    }

    /** Publishes all rows that have become valid events, or drops all; unless {@code dryRun} is false, it only counts them. */
    @WriteOperation
    Bulk changeAll(
            @Nullable String action,
            @Nullable String by,
            @Nullable String type,
            @Nullable String reason,
            @Nullable String dryRun) {
        String what = Arguments.oneOf("action", action, List.of("retry", "drop"));
        String who = Arguments.by(by);
        String of = Arguments.criterion("type", type);
        boolean dry = Arguments.dryRun(dryRun);
        OutboxOperations.Changed changed;
        if (what.equals("retry")) {
            changed = dry ? rows.planRetry(of) : rows.retryAll(of, who);
        } else {
            String why = Arguments.reason(reason);
            changed = dry ? rows.planDrop(of) : rows.dropAll(of, who, why);
        }
        return new Bulk(what, dry, changed.rows(), changed.refused(), changed.left());
    }

    private static long id(String field, String text) {
        if (!ID.matcher(text).matches()) {
            throw Arguments.wrong(field, "is not a row id, such as 42");
        }
        return Long.parseLong(text);
    }
}
