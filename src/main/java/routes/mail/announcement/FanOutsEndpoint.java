package routes.mail.announcement;

import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.stereotype.Component;
import routes.mail.announcement.AnnouncementOperations.FanOut;
import routes.mail.announcement.AnnouncementOperations.Progress;
import routes.operation.Arguments;

/** {@code fanouts}: how far the announcements of milestones have come; pauses, resumes and cancels them. */
@Component
@Endpoint(id = "fanouts")
public class FanOutsEndpoint {

    private final AnnouncementOperations announcements;

    FanOutsEndpoint(AnnouncementOperations announcements) {
        this.announcements = announcements;
    }

    /** Fan-outs, newest first. */
    record Latest(List<FanOut> fanouts) {}

    /** The result of a change, and how many mails it affected. */
    public record Changed(String action, long mails, FanOut fanout) {}

    /** The latest fan-outs. */
    @ReadOperation
    Latest list(@Nullable String limit) {
        return new Latest(announcements.latest(Arguments.limit(limit)).stream()
                .map(Progress::fanout)
                .toList());
    }

    /** One fan-out, with its progress as of {@code counted_at}. */
    @ReadOperation
    Progress show(@Selector String id) {
        return announcements.progress(Arguments.uuid("id", id));
    }

    /** Pauses, resumes or cancels a fan-out. */
    @WriteOperation
    public Changed change(@Selector String id, @Nullable String action, @Nullable String by, @Nullable String reason) {
        UUID fanOut = Arguments.uuid("id", id);
        String what = Arguments.oneOf("action", action, List.of("pause", "resume", "cancel"));
        String who = Arguments.by(by);
        var changed =
                switch (what) {
                    case "pause" -> announcements.pause(fanOut, who);
                    case "resume" -> announcements.resume(fanOut, who);
                    default -> announcements.cancel(fanOut, who, Arguments.reason(reason));
                };
        return new Changed(what, changed.mails(), changed.fanout());
    }
}
