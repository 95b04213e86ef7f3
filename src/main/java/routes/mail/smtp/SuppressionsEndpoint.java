package routes.mail.smtp;

import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.stereotype.Component;
import routes.mail.smtp.Suppressions.Suppression;
import routes.operation.Arguments;
import routes.operation.Page;

/** {@code suppressions}: the addresses to which nothing is sent, since the mailbox does not exist; lifts them. */
@Component
@Endpoint(id = "suppressions")
class SuppressionsEndpoint {

    private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");

    private final SuppressionOperations suppressions;

    SuppressionsEndpoint(SuppressionOperations suppressions) {
        this.suppressions = suppressions;
    }

    /** An address, by its hash, that gets mail again. */
    record Lifted(String action, String address) {}

    /** The active suppressions, newest first. */
    @ReadOperation
    Page<Suppression> list(@Nullable String limit, @Nullable String before) {
        return suppressions.list(Arguments.limit(limit), before);
    }

    /**
     * Lifts a suppression.
     *
     * @param address the mail address, or the hash that the list shows
     */
    @WriteOperation
    Lifted change(@Nullable String action, @Nullable String by, @Nullable String address) {
        String what = Arguments.oneOf("action", action, List.of("lift"));
        String who = Arguments.by(by);
        String written = Arguments.required("address", address);
        String hash = HASH.matcher(written).matches() ? written : Suppressions.hash(written);
        suppressions.lift(hash, who);
        return new Lifted(what, hash);
    }
}
