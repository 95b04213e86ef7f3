package routes.console;

import static org.springframework.web.servlet.function.RouterFunctions.route;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;
import routes.delivery.DeliveryOperations.Attempt;
import routes.event.Ids;
import routes.explain.EventId;
import routes.explain.Explained;
import routes.explain.Explained.Explanation;
import routes.explain.Explained.Group;
import routes.explain.Explanations;
import routes.operation.Arguments;
import routes.settings.Statements;

/** Tells an event's story over all groups, and finds the page of any id. */
@Component
class EventsTab implements Tab {

    /** The {@code webhook-id} of what is sent ({@code msg_...}), or the Message-ID of a mail ({@code <...@example.com>}). */
    private static final Pattern UUID_INSIDE = Pattern.compile("^(?:msg_|<)?([0-9A-Fa-f-]{36})(?:@[^>]*>?)?$");

    private static final Pattern ADDRESS = Pattern.compile("[^\\s@]+@[^\\s@]+");

    private final Layout layout;
    private final Explanations explanations;
    private final Statements sql;
    private final String url;

    /**
     * The pages of events.
     *
     * @param url where browsers reach this port; empty unless single sign-on needs it
     */
    EventsTab(
            Layout layout,
            Explanations explanations,
            Statements sql,
            @Value("${management.login.oidc.url}") String url) {
        this.layout = layout;
        this.explanations = explanations;
        this.sql = sql;
        this.url = url;
    }

    /** What has the id that somebody looks for. */
    record Hit(String kind, String page) {}

    @Override
    public RouterFunction<ServerResponse> routes() {
        return route().GET("/events/{id}", this::event)
                .GET("/find", this::find)
                .POST("/find", this::find) // of the form: an address is in no URL
                .build();
    }

    private ServerResponse event(ServerRequest request) {
        Explained event = explanations.explain(request.pathVariable("id"));
        Map<String, Object> model = new HashMap<>();
        model.put("event", event);
        model.put("story", story(event));
        model.put("curl", origin(request) + "/observe/events/" + event.event());
        model.put("done", request.param("done").isPresent() ? "The retry was requested: it is due at once." : null);
        return layout.page(request, event.known() ? HttpStatus.OK : HttpStatus.NOT_FOUND, "event", "Event", model);
    }

    /** Where a password is safe: not the host of the request, which a proxy with TLS may have and the command would send it to without. */
    private String origin(ServerRequest request) {
        return url.isEmpty() ? "http://localhost:" + request.servletRequest().getLocalPort() : url;
    }

    /** What happened, by time; the page has the words. */
    private static List<Map<String, Object>> story(Explained event) {
        List<Map<String, Object>> story = new ArrayList<>();
        if (event.happenedAt() != null) {
            story.add(Map.of("at", event.happenedAt(), "happened", true));
        }
        event.replays().forEach(replay -> story.add(Map.of("at", replay.createdAt(), "replay", replay)));
        for (Group group : event.groups()) {
            String name = group.group();
            group.deadLetters()
                    .forEach(letter -> story.add(Map.of("at", letter.keptAt(), "group", name, "letter", letter)));
            for (Explanation delivery : group.deliveries()) {
                story.add(Map.of("at", delivery.recordedAt(), "group", name, "recorded", delivery));
                delivery.attempts().stream()
                        .filter(attempt -> !isToldByReason(attempt, delivery))
                        .forEach(attempt -> story.add(Map.of(
                                "at", attempt.startedAt(), "group", name, "delivery", delivery, "attempt", attempt)));
                boolean told = delivery.attempts().stream()
                        .anyMatch(attempt ->
                                attempt.by() == null && delivery.status().equals(attempt.outcome()));
                if (!told || delivery.waits() != null) {
                    Instant at = delivery.nextTry() == null ? delivery.updatedAt() : delivery.nextTry();
                    story.add(Map.of("at", at, "ahead", at.isAfter(Instant.now()), "group", name, "now", delivery));
                }
            }
        }
        story.sort(Comparator.comparing(moment -> (Instant) moment.get("at")));
        return story;
    }

    /** What an operator did last, whose reason says who and why: it is the delivery's own line. */
    private static boolean isToldByReason(Attempt attempt, Explanation delivery) {
        return attempt.by() != null
                && delivery.reason() != null
                && delivery.status().equals(attempt.outcome())
                && delivery.updatedAt().equals(attempt.startedAt());
    }

    private ServerResponse find(ServerRequest request) {
        String q = Requests.given(request, "q", Arguments::required);
        String id = q == null
                ? null
                : EventId.of(UUID_INSIDE.matcher(q).replaceFirst("$1")).orElse(null);
        UUID uuid = id != null && Ids.isUuid(id) ? UUID.fromString(id) : null;
        List<Hit> hits;
        if (id != null) {
            hits = sql.of("console/find-ids", "id", id, "uuid", uuid)
                    .query(Hit.class)
                    .list();
        } else {
            hits = q != null
                            && request.method().equals(HttpMethod.POST)
                            && ADDRESS.matcher(q).matches()
                    ? people(q)
                    : List.of();
        }
        if (hits.size() == 1) {
            return Requests.seeOther(hits.get(0).page());
        }
        Map<String, Object> model = new HashMap<>();
        model.put("q", q);
        model.put("id", id);
        model.put("hits", hits);
        return layout.page(request, "find", "Find", model);
    }

    /** The people with a mail address, of whom there is one in a campaign. */
    private List<Hit> people(String address) {
        return sql
                .of("erasure/find-people", "id", null, "uuid", null, "address", address, "campaign", null)
                .query((row, n) -> new Hit(
                        "person in the campaign " + row.getString("campaign_id"),
                        "/deliveries?recipient=" + row.getString("user_id")))
                .list()
                .stream()
                .distinct()
                .toList();
    }
}
