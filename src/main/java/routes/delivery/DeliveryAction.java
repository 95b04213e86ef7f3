package routes.delivery;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import routes.background.Masking;
import routes.operation.Arguments;

/** What an operator can do with a delivery, or with many. */
public enum DeliveryAction {
    /** Makes it due now, and restarts its retry schedule. */
    RETRY("due", "delivery/retry-deliveries", "to repeat it, force a replay of its event"),
    /** It will not be done, for a reason. */
    CANCEL("skipped", "delivery/cancel-deliveries", "only one that is due or failed can be cancelled"),
    /** A person has done it; the reason says how. */
    DONE("delivered", "delivery/done-deliveries", "only one that is manual or failed can be marked as done");

    /** The status afterwards. */
    public final String result;

    final String statement;
    final String rule;

    DeliveryAction(String result, String statement, String rule) {
        this.result = result;
        this.statement = statement;
        this.rule = rule;
    }

    /** The action that an operator named in a field. */
    public static DeliveryAction named(String field, @Nullable String name) {
        return Arguments.oneOf(field, name, List.of(values()), DeliveryAction::value);
    }

    /** The action as operators write it. */
    public String value() {
        return name().toLowerCase(Locale.ROOT);
    }

    boolean suits(String status) {
        List<String> from =
                switch (this) {
                    case RETRY -> List.of("failed", "skipped", "manual", "due");
                    case CANCEL -> List.of("due", "failed");
                    case DONE -> List.of("manual", "failed");
                };
        return from.contains(status);
    }

    /** The reason, which a retry does not need, with addresses masked. */
    @Nullable
    String reason(@Nullable String given) {
        return this == RETRY ? null : Masking.mask(Arguments.reason(given));
    }
}
