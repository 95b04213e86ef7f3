package routes.mail.smtp;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.stereotype.Component;
import routes.mail.smtp.Suppressions.Suppression;
import routes.operation.Arguments;
import routes.operation.Page;

/** {@code suppressions}: the addresses to which nothing is sent; adds and lifts them. */
@Component
@Endpoint(id = "suppressions")
class SuppressionsEndpoint {

    private final SuppressionOperations suppressions;

    SuppressionsEndpoint(SuppressionOperations suppressions) {
        this.suppressions = suppressions;
    }

    /** An address, by its digest, that is suppressed or gets mail again. */
    record Changed(String action, String address) {}

    /** The active suppressions, newest first. */
    @ReadOperation
    Page<Suppression> list(@Nullable String limit, @Nullable String before) {
        return suppressions.list(
                Arguments.limit(limit),
                Arguments.ifGiven(
                        "before", before, (field, value) -> Arguments.number(field, value, 18, "is not a next")),
                null);
    }

    /**
     * Adds or lifts a suppression.
     *
     * @param address the mail address, or the digest that the list shows
     * @param campaign whose mails it is about; all, if not given
     * @param cause of what is added: manual, if not given; of what is lifted: all, if not given
     */
    @WriteOperation
    Changed change(
            @Nullable String action,
            @Nullable String by,
            @Nullable String address,
            @Nullable String campaign,
            @Nullable String cause,
            @Nullable String reason,
            @Nullable String until) {
        String what = Arguments.oneOf("action", action, List.of("add", "lift"));
        String who = Arguments.by(by);
        String changed = what.equals("add")
                ? suppressions.add(address, campaign, cause, reason, until, who)
                : suppressions.lift(
                        Arguments.required("address", address),
                        Arguments.ifGiven("campaign", campaign, Arguments::id),
                        cause,
                        who);
        return new Changed(what, changed);
    }
}
