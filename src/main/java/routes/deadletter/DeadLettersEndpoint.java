package routes.deadletter;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.stereotype.Component;
import routes.deadletter.DeadLetterOperations.Bulk;
import routes.deadletter.DeadLetterOperations.Changed;
import routes.deadletter.DeadLetterOperations.Details;
import routes.deadletter.DeadLetterOperations.Summary;
import routes.delivery.ConsumerGroup;
import routes.delivery.ConsumerGroups;
import routes.operation.Arguments;
import routes.operation.Page;

/** {@code deadletters}: lists, shows, re-drives and discards the dead letters of a group. */
@Component
@Endpoint(id = "deadletters")
class DeadLettersEndpoint {

    private final DeadLetterOperations letters;
    private final ConsumerGroups groups;

    DeadLettersEndpoint(DeadLetterOperations letters, ConsumerGroups groups) {
        this.letters = letters;
        this.groups = groups;
    }

    /** The dead letters of a group, newest first. */
    @ReadOperation
    Page<Summary> list(@Selector String group, @Nullable String limit, @Nullable String before) {
        return letters.list(groups.named("group", group), Arguments.limit(limit), DeadLetterId.all("before", before));
    }

    /** One dead letter, with its content. */
    @ReadOperation
    Details show(@Selector String group, @Selector String id) {
        return letters.show(groups.named("group", group), DeadLetterId.of("id", id));
    }

    /** Re-drives a dead letter to its own group, or discards it. */
    @WriteOperation
    Changed change(
            @Selector String group,
            @Selector String id,
            @Nullable String action,
            @Nullable String by,
            @Nullable String reason) {
        ConsumerGroup of = groups.named("group", group);
        DeadLetterId letter = DeadLetterId.of("id", id);
        String what = Arguments.oneOf("action", action, List.of("redrive", "discard"));
        String who = Arguments.by(by);
        return what.equals("redrive")
                ? letters.redrive(of, letter, who)
                : letters.discard(of, letter, who, Arguments.reason(reason));
    }

    /** Re-drives all open dead letters of a group; unless {@code dryRun} is false, it only reports what would happen. */
    @WriteOperation
    Bulk changeAll(@Selector String group, @Nullable String action, @Nullable String by, @Nullable String dryRun) {
        ConsumerGroup of = groups.named("group", group);
        Arguments.oneOf("action", action, List.of("redrive"));
        String who = Arguments.by(by);
        return Arguments.dryRun(dryRun) ? letters.plan(of) : letters.redriveAll(of, who);
    }
}
