package routes.replay;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import routes.delivery.ConsumerGroup;
import routes.event.EventType;
import routes.event.Ids;
import routes.operation.Arguments;

/** Reads what an operator asks of a replay, over HTTP, over JMX or in a form. */
public final class ReplayArguments {

    private static final int RATE = 200;
    private static final int MAX_RATE = 100_000;

    private ReplayArguments() {}

    /** A request, from fields of the names in {@link ReplayRequest}; {@code from} is required, a missing policy is {@code missing}. */
    public static ReplayRequest request(
            ConsumerGroup group,
            @Nullable String policy,
            @Nullable String partition,
            @Nullable String from,
            @Nullable String to,
            @Nullable String types,
            @Nullable String campaign,
            @Nullable String event,
            @Nullable String rate) {
        if (from == null) {
            throw Arguments.wrong("from", "is missing: write a timestamp, or with a partition an offset");
        }
        boolean times = partition == null;
        String first = times ? time("from", from) : String.valueOf(offset("from", from));
        String end = to == null ? null : times ? time("to", to) : String.valueOf(offset("to", to));
        if (end != null
                && (times
                        ? Instant.parse(end).isBefore(Instant.parse(first))
                        : Long.parseLong(end) < Long.parseLong(first))) {
            throw Arguments.wrong("to", "is before from");
        }
        return new ReplayRequest(
                group.name(),
                policy(policy == null ? "missing" : policy, group),
                partition == null ? null : partition(partition),
                first,
                end,
                types(types, group),
                id("campaign", campaign),
                id("event", event),
                Arguments.count("rate", rate, RATE, MAX_RATE));
    }

    private static String time(String field, String value) {
        return String.valueOf(Arguments.moment(field, value));
    }

    private static long offset(String field, String value) {
        return Arguments.number(field, value, 18, "is not an offset: with a partition, write a whole number from 0");
    }

    private static int partition(String value) {
        return (int) Arguments.number("partition", value, 6, "is not a partition: write a whole number from 0");
    }

    private static ReplayPolicy policy(String value, ConsumerGroup group) {
        ReplayPolicy policy = Arguments.oneOf("policy", value, List.of(ReplayPolicy.values()), ReplayPolicy::value);
        if (policy.suits(group)) {
            return policy;
        }
        throw Arguments.wrong(
                "policy",
                policy == ReplayPolicy.POSITIONS
                        ? "only position-workers support positions: write missing or force"
                        : "%s does not apply to %s, which keep no rows of successes: write positions"
                                .formatted(value, group.name()));
    }

    private static Set<EventType> types(@Nullable String values, ConsumerGroup group) {
        Set<EventType> types = new TreeSet<>();
        for (String value : values == null ? new String[0] : values.split(",", -1)) {
            types.add(EventType.of(value.strip())
                    .filter(group::handles)
                    .orElseThrow(() -> Arguments.wrong(
                            "types",
                            "has a type that %s do not handle: write some of %s, separated by commas"
                                    .formatted(group.name(), group.types()))));
        }
        return types;
    }

    /** The id as events are read: a UUID in lower case. */
    private static @Nullable String id(String field, @Nullable String value) {
        String id = Arguments.criterion(field, value);
        String lower = id == null ? "" : id.toLowerCase(Locale.ROOT);
        return Ids.isUuid(lower) ? lower : id;
    }
}
