package routes.console;

import static org.springframework.web.servlet.function.RouterFunctions.route;
import static routes.console.Requests.given;

import java.util.HashMap;
import java.util.Map;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;
import routes.delivery.ConsumerGroups;
import routes.mail.announcement.FanOutsEndpoint;
import routes.replay.Replay;
import routes.replay.ReplayPolicy;
import routes.replay.ReplaysEndpoint;

/** Announcements and replays: how far each has come, and buttons to pause, start or cancel it; plans a replay. */
@Component
class ProgressTab implements Tab {

    private final Layout layout;
    private final Announcements announcements;
    private final Reruns reruns;
    private final FanOutsEndpoint announcing;
    private final ReplaysEndpoint replays;
    private final ConsumerGroups groups;

    ProgressTab(
            Layout layout,
            Announcements announcements,
            Reruns reruns,
            FanOutsEndpoint announcing,
            ReplaysEndpoint replays,
            ConsumerGroups groups) {
        this.layout = layout;
        this.announcements = announcements;
        this.reruns = reruns;
        this.announcing = announcing;
        this.replays = replays;
        this.groups = groups;
    }

    @Override
    public RouterFunction<ServerResponse> routes() {
        return route().GET("/progress", this::progress)
                .GET("/progress/announcements/{id}", this::announcement)
                .POST("/progress/announcements/{id}", this::changeAnnouncement)
                .POST("/progress/replays", this::plan)
                .GET("/progress/replays/{id}", this::replay)
                .POST("/progress/replays/{id}", this::changeReplay)
                .build();
    }

    private ServerResponse progress(ServerRequest request) {
        Map<String, Object> model = new HashMap<>();
        model.put("announcements", announcements.latest());
        model.put("replays", reruns.latest());
        model.put("groups", Choice.groups(groups, null));
        model.put("policies", ReplayPolicy.values());
        return layout.page(request, "progress", "Announcements and replays", model);
    }

    private ServerResponse announcement(ServerRequest request) {
        Map<String, Object> model = new HashMap<>();
        model.put("announcement", announcements.get(Requests.id(request)));
        return layout.page(request, "announcement", "Announcement", model);
    }

    private ServerResponse changeAnnouncement(ServerRequest request) {
        String id = request.pathVariable("id");
        String action = given(request, "action");
        announcing.change(id, action, Requests.by(request), given(request, "reason"));
        return Requests.seeOther("/progress/announcements/%s?done=%s".formatted(id, action));
    }

    private ServerResponse plan(ServerRequest request) {
        Replay planned = replays.plan(
                given(request, "group"),
                given(request, "policy"),
                given(request, "partition"),
                given(request, "from"),
                given(request, "to"),
                given(request, "types"),
                given(request, "campaign"),
                given(request, "event"),
                given(request, "rate"),
                Requests.by(request));
        return Requests.seeOther("/progress/replays/%s?done=plan".formatted(planned.id()));
    }

    private ServerResponse replay(ServerRequest request) {
        Map<String, Object> model = new HashMap<>();
        model.put("rerun", reruns.get(Requests.id(request)));
        return layout.page(request, "replay", "Replay", model);
    }

    /** Starts only what the page has shown: the form has the number of effects, and a different one is refused. */
    private ServerResponse changeReplay(ServerRequest request) {
        String id = request.pathVariable("id");
        String action = given(request, "action");
        replays.act(id, action, given(request, "expected"), Requests.by(request));
        return Requests.seeOther("/progress/replays/%s?done=%s".formatted(id, action));
    }
}
