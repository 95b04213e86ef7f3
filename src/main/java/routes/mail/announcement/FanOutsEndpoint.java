package routes.mail.announcement;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.stereotype.Component;
import routes.mail.announcement.FanOuts.FanOut;
import routes.operation.Operator;

/** {@code fanouts}: how far the announcements of milestones have come; pauses, resumes and cancels them. */
@Component
@Endpoint(id = "fanouts")
public class FanOutsEndpoint {

    private static final int DEFAULT_LIMIT = 50;
    private static final int MAX_LIMIT = 500;

    private final FanOuts fanOuts;

    FanOutsEndpoint(FanOuts fanOuts) {
        this.fanOuts = fanOuts;
    }

    /** Fan-outs, newest first. */
    public record Latest(List<FanOut> fanouts) {}

    /**
     * How far a fan-out has come.
     *
     * @param done how many mails need nothing more: delivered, skipped or failed for good
     * @param of how many there are
     * @param counts of them, by status; {@code held} are those that wait until it is resumed
     */
    public record Progress(FanOut fanout, long done, long of, Map<String, Long> counts) {}

    /** What a change has done, to how many mails. */
    public record Changed(String action, long mails, FanOut fanout) {}

    /** The latest fan-outs. */
    @ReadOperation
    public Latest list(@Nullable String limit) {
        return new Latest(fanOuts.latest(Operator.count("limit", limit, DEFAULT_LIMIT, MAX_LIMIT)));
    }

    /** One of them, with its progress as it was at its {@code counted_at}. */
    @ReadOperation
    public Progress show(@Selector String id) {
        UUID fanOut = Operator.uuid("id", id);
        Map<String, Long> counts = fanOuts.progress(fanOut);
        long done = counts.entrySet().stream()
                .filter(count -> !List.of("due", "held", "leased").contains(count.getKey()))
                .mapToLong(Map.Entry::getValue)
                .sum();
        return new Progress(
                require(fanOut),
                done,
                counts.values().stream().mapToLong(Long::longValue).sum(),
                counts);
    }

    /** Pauses, resumes or cancels one. */
    @WriteOperation
    public Changed change(@Selector String id, @Nullable String action, @Nullable String by, @Nullable String reason) {
        UUID fanOut = require(Operator.uuid("id", id)).id();
        String what = Operator.oneOf("action", action, List.of("pause", "resume", "cancel"));
        String who = Operator.by(by);
        Optional<Long> mails =
                switch (what) {
                    case "pause" -> fanOuts.pause(fanOut, who);
                    case "resume" -> fanOuts.resume(fanOut, who);
                    default -> fanOuts.cancel(fanOut, who, Operator.reason(reason));
                };
        return new Changed(
                what, mails.orElseThrow(() -> Operator.refused("the fan-out is cancelled")), require(fanOut));
    }

    private FanOut require(UUID id) {
        return fanOuts.get(id).orElseThrow(() -> Operator.missing("there is no fan-out " + id));
    }
}
