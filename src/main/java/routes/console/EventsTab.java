package routes.console;

import static org.springframework.web.servlet.function.RouterFunctions.route;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;
import routes.event.Ids;
import routes.explain.EventId;
import routes.explain.Explained;
import routes.explain.Explanations;
import routes.operation.Arguments;
import routes.settings.Statements;

/** Tells an event's story over all groups, and finds the page of any id. */
@Component
class EventsTab implements Tab {

    /** A UUID alone, as the {@code webhook-id} of what is sent ({@code msg_...}), or as a Message-ID ({@code <...@example.com>}). */
    private static final Pattern UUID_INSIDE = Pattern.compile("^(?:msg_|<)?([0-9A-Fa-f-]{36})(?:@[^>]*>?)?$");

    private static final Map<String, String> PAGES = Map.of(
            "event", "/events/",
            "delivery", "/deliveries/",
            "person", "/deliveries?recipient=",
            "campaign", "/deliveries?campaign=",
            "leaderboard", "/campaigns/",
            "webhook", "/deliveries?webhook=",
            "reward", "/deliveries/");

    private final Layout layout;
    private final Explanations explanations;
    private final Statements sql;

    EventsTab(Layout layout, Explanations explanations, Statements sql) {
        this.layout = layout;
        this.explanations = explanations;
        this.sql = sql;
    }

    /** What has the id that somebody looks for. */
    record Hit(String kind, String id) {

        String href() {
            return PAGES.get(kind) + id;
        }
    }

    @Override
    public RouterFunction<ServerResponse> routes() {
        return route().GET("/events/{id}", this::event).GET("/find", this::find).build();
    }

    private ServerResponse event(ServerRequest request) {
        Explained event = explanations.explain(request.pathVariable("id"));
        Map<String, Object> model = new HashMap<>();
        model.put("event", event);
        model.put("story", Moment.of(event));
        // Whoever logs in elsewhere has no password here: then it asks for that of another user.
        String user = Requests.user(request).replace("'", "'\\''");
        model.put("curl", "curl -u '%s' %s".formatted(user, request.uri().resolve("/observe/events/" + event.event())));
        model.put("done", request.param("done").isPresent() ? "It will be retried now." : null);
        return layout.page(request, event.known() ? HttpStatus.OK : HttpStatus.NOT_FOUND, "event", "Event", model);
    }

    private ServerResponse find(ServerRequest request) {
        String q = Requests.given(request, "q", Arguments::required);
        String id = q == null
                ? null
                : EventId.of(UUID_INSIDE.matcher(q).replaceFirst("$1")).orElse(null);
        List<Hit> hits = id == null ? List.of() : hits(id);
        if (hits.size() == 1) {
            return Requests.seeOther(hits.get(0).href());
        }
        Map<String, Object> model = new HashMap<>();
        model.put("q", q);
        model.put("id", id);
        model.put("hits", hits);
        return layout.page(request, "find", "Find", model);
    }

    private List<Hit> hits(String id) {
        return sql.of("console/find-ids", "id", id, "uuid", Ids.isUuid(id) ? UUID.fromString(id) : null)
                .query(Hit.class)
                .list();
    }
}
