package routes.deadletter;

import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.stereotype.Component;
import routes.deadletter.DeadLetterOperations.Bulk;
import routes.deadletter.DeadLetterOperations.Page;
import routes.deadletter.DeadLetterOperations.Whole;
import routes.delivery.ConsumerGroup;
import routes.delivery.ConsumerGroups;
import routes.operation.Operator;

/** {@code deadletters}: lists and shows the dead letters of a group, gives them to it again, discards them. */
@Component
@Endpoint(id = "deadletters")
public class DeadLettersEndpoint {

    private static final int DEFAULT_LIMIT = 50;
    private static final int MAX_LIMIT = 500;

    private final DeadLetterOperations letters;
    private final ConsumerGroups groups;

    DeadLettersEndpoint(DeadLetterOperations letters, ConsumerGroups groups) {
        this.letters = letters;
        this.groups = groups;
    }

    /** The dead letters of a group, newest first. */
    @ReadOperation
    public Page list(@Selector String group, @Nullable String limit, @Nullable String before) {
        ConsumerGroup of = group(group);
        int size = Operator.count("limit", limit, DEFAULT_LIMIT, MAX_LIMIT);
        List<LetterId> from = before == null
                ? List.of()
                : Arrays.stream(before.split(",", -1))
                        .map(id -> id("before", id))
                        .toList();
        return available(() -> letters.list(of, size, from));
    }

    /** One dead letter, with its content. */
    @ReadOperation
    public Whole show(@Selector String group, @Selector String id) {
        ConsumerGroup of = group(group);
        LetterId letter = id("id", id);
        return available(() -> letters.show(of, letter));
    }

    /** Re-drives a dead letter to its own group, or discards it. */
    @WriteOperation
    public Object change(
            @Selector String group,
            @Selector String id,
            @Nullable String action,
            @Nullable String by,
            @Nullable String reason) {
        ConsumerGroup of = group(group);
        LetterId letter = id("id", id);
        String what = Operator.oneOf("action", action, List.of("redrive", "discard"));
        String who = Operator.by(by);
        if (what.equals("redrive")) {
            return available(() -> letters.redrive(of, letter, who));
        }
        String why = Operator.reason(reason);
        return available(() -> letters.discard(of, letter, who, why));
    }

    /** Re-drives all open dead letters of a group; unless {@code dryRun} is false, it only says what that would come to. */
    @WriteOperation
    public Bulk changeAll(
            @Selector String group, @Nullable String action, @Nullable String by, @Nullable String dryRun) {
        ConsumerGroup of = group(group);
        Operator.oneOf("action", action, List.of("redrive"));
        String who = Operator.by(by);
        boolean dry = Operator.dryRun(dryRun);
        return available(() -> dry ? letters.plan(of) : letters.redriveAll(of, who));
    }

    private static <T> T available(Supplier<T> read) {
        try {
            return read.get();
        } catch (LettersUnavailableException e) {
            throw Operator.unavailable(String.valueOf(e.getMessage()));
        }
    }

    private static LetterId id(String field, String text) {
        return LetterId.of(text)
                .orElseThrow(() -> Operator.wrong(field, "is not an id of a dead letter, such as 0-17 or db-5"));
    }

    private ConsumerGroup group(String group) {
        return groups.get(Operator.oneOf(
                "group", group, groups.all().stream().map(ConsumerGroup::name).toList()));
    }
}
