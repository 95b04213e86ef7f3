package routes.console;

import static java.util.Map.entry;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;

/** The frame of all pages: title, navigation, the user, and what a browser may do with them. */
@Component
class Layout {

    /** Only the stylesheet, the script and forms of this port, and never in a frame. */
    private static final String CONTENT_SECURITY_POLICY =
            "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    /** What the navigation shows at once; the rest is behind "More". */
    private static final int AT_ONCE = 7;

    private static final List<Map.Entry<String, String>> PLACES = List.of(
            entry("/", "Overview"),
            entry("/deliveries", "Deliveries"),
            entry("/deadletters", "Dead letters"),
            entry("/groups", "Groups"),
            entry("/history", "History"),
            entry("/webhooks", "Webhooks"),
            entry("/campaigns", "Campaigns"),
            entry("/rewards", "Rewards"),
            entry("/progress", "Announcements and replays"),
            entry("/suppressions", "Suppressions"),
            entry("/outbox", "Outbox"),
            entry("/audit", "Audit"));

    private final PageTemplates templates;

    Layout(PageTemplates templates) {
        this.templates = templates;
    }

    /** An entry of the navigation. */
    record Link(String path, String name, boolean current) {}

    /**
     * A page. What was just done is the parameter {@code done} of the URL: templates say it in {@code did}, which has its name.
     */
    ServerResponse page(ServerRequest request, String page, String title, Map<String, Object> model) {
        return page(request, HttpStatus.OK, page, title, model);
    }

    ServerResponse page(
            ServerRequest request, HttpStatusCode status, String page, String title, Map<String, Object> model) {
        Map<String, Object> all = new HashMap<>(model);
        all.putIfAbsent("refresh", false);
        all.putIfAbsent("q", null);
        all.put("title", title);
        all.put("did", request.param("done").map(done -> Map.of(done, true)).orElse(Map.of()));
        all.put("user", Requests.user(request));
        all.put("operator", request.servletRequest().isUserInRole("operator"));
        all.put("session", request.servletRequest().getSession(false) != null);
        List<Link> links = PLACES.stream()
                .map(place -> new Link(place.getKey(), place.getValue(), isAt(place.getKey(), request.path())))
                .toList();
        all.put("navigation", links.subList(0, AT_ONCE));
        all.put("places", links.subList(AT_ONCE, links.size()));
        return ServerResponse.status(status)
                .contentType(MediaType.valueOf("text/html;charset=UTF-8"))
                .header("Content-Security-Policy", CONTENT_SECURITY_POLICY)
                // A form of these pages sends its origin; other sites never see it.
                .header("Referrer-Policy", "same-origin")
                .body(templates.render(page, all).getBytes(StandardCharsets.UTF_8));
    }

    private static boolean isAt(String place, String path) {
        return place.equals("/") ? path.equals("/") : path.startsWith(place);
    }
}
