package routes.replay;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.stereotype.Component;
import routes.delivery.ConsumerGroup;
import routes.delivery.ConsumerGroups;
import routes.event.EventType;
import routes.operation.Arguments;

/** {@code /observe/replays}: reads events of a range again and offers them to one group, after a plan has been reviewed. */
@Component
@Endpoint(id = "replays")
public class ReplaysEndpoint {

    private static final int RATE = 200;
    private static final int MAX_RATE = 100_000;

    /** No record has an earlier time, and Kafka refuses to look for one. */
    private static final Instant EARLIEST = Instant.EPOCH;

    private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59Z");

    private final ReplayOperations replays;
    private final ConsumerGroups groups;

    ReplaysEndpoint(ReplayOperations replays, ConsumerGroups groups) {
        this.replays = replays;
        this.groups = groups;
    }

    /** The latest replays, newest first. */
    @ReadOperation
    List<Replay> list() {
        return replays.list();
    }

    /** One replay, with its plan and progress. */
    @ReadOperation
    Replay find(@Selector String id) {
        return replays.get(Arguments.uuid("id", id));
    }

    /** Plans a replay. Nothing happens until somebody starts it. */
    @WriteOperation
    public Replay plan(
            @Nullable String group,
            @Nullable String policy,
            @Nullable String partition,
            @Nullable String from,
            @Nullable String to,
            @Nullable String types,
            @Nullable String campaign,
            @Nullable String event,
            @Nullable String rate,
            @Nullable String by) {
        String asker = Arguments.by(by);
        ConsumerGroup known = groups.named("group", group);
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
        return replays.plan(
                new ReplayRequest(
                        known.name(),
                        policy(policy == null ? "missing" : policy, known),
                        partition == null ? null : partition(partition),
                        first,
                        end,
                        types(types, known),
                        Arguments.ifGiven("campaign", campaign, Arguments::id),
                        Arguments.ifGiven("event", event, Arguments::id),
                        Arguments.count("rate", rate, RATE, MAX_RATE)),
                asker);
    }

    /** Starts or cancels a replay. */
    @WriteOperation
    public Replay act(@Selector String id, @Nullable String action, @Nullable String expected, @Nullable String by) {
        UUID uuid = Arguments.uuid("id", id);
        String asker = Arguments.by(by);
        boolean start =
                Arguments.oneOf("action", action, List.of("start", "cancel")).equals("start");
        return start
                ? replays.start(uuid, Arguments.ifGiven("expected", expected, ReplayOperations::effects), asker)
                : replays.cancel(uuid, asker);
    }

    private static String time(String field, String value) {
        Instant time = Objects.requireNonNull(Arguments.moment(field, value));
        if (time.isBefore(EARLIEST) || time.isAfter(LATEST)) {
            throw Arguments.wrong(field, "must be from %s to %s".formatted(EARLIEST, LATEST));
        }
        return time.toString();
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
}
