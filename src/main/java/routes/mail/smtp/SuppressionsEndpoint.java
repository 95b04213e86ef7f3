package routes.mail.smtp;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.stereotype.Component;
import routes.mail.smtp.Suppressions.Suppression;
import routes.operation.Operator;

/** {@code suppressions}: the addresses to which nothing is sent, since there is no such mailbox; lifts them. */
@Component
@Endpoint(id = "suppressions")
class SuppressionsEndpoint {

    private static final int DEFAULT_LIMIT = 50;
    private static final int MAX_LIMIT = 500;
    private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");

    private final Suppressions suppressions;

    SuppressionsEndpoint(Suppressions suppressions) {
        this.suppressions = suppressions;
    }

    /**
     * A page of suppressions, newest first.
     *
     * @param next what to write as {@code before} for the next page; null on the last one
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Page(List<Suppression> suppressions, @Nullable String next) {}

    /** An address, by its hash, that is written to again. */
    record Lifted(String action, String address) {}

    /** The suppressions that hold. */
    @ReadOperation
    Page list(@Nullable String limit, @Nullable String before) {
        int size = Operator.count("limit", limit, DEFAULT_LIMIT, MAX_LIMIT);
        List<Suppression> found = suppressions.list(size, before);
        return new Page(
                found, found.size() == size ? found.get(found.size() - 1).address() : null);
    }

    /**
     * Lifts a suppression.
     *
     * @param address the mail address, or the hash that the list shows
     */
    @WriteOperation
    Lifted change(@Nullable String action, @Nullable String by, @Nullable String address) {
        String what = Operator.oneOf("action", action, List.of("lift"));
        String who = Operator.by(by);
        String written = Operator.required("address", address);
        String hash = HASH.matcher(written).matches() ? written : Suppressions.hash(written);
        if (!suppressions.lift(hash, who)) {
            throw Operator.missing("the address is not suppressed");
        }
        return new Lifted(what, hash);
    }
}
