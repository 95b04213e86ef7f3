package routes.console;

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

    /** Only the stylesheet and forms of this port, and never in a frame. */
    private static final String CONTENT_SECURITY_POLICY =
            "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    private static final Map<String, String> PLACES = Map.of(
            "/deliveries", "Deliveries",
            "/deadletters", "Dead letters",
            "/rewards", "Rewards",
            "/campaigns", "Campaigns",
            "/progress", "Announcements and replays",
            "/suppressions", "Suppressions",
            "/webhooks", "Webhooks");
    private static final List<String> NAVIGATION = List.of(
            "/", "/deliveries", "/deadletters", "/rewards", "/campaigns", "/progress", "/suppressions", "/webhooks");

    private final PageTemplates templates;

    Layout(PageTemplates templates) {
        this.templates = templates;
    }

    /** An entry of the navigation. */
    record Link(String path, String name, boolean current) {}

    ServerResponse page(ServerRequest request, String page, String title, Map<String, Object> model) {
        return page(request, HttpStatus.OK, page, title, model);
    }

    ServerResponse page(
            ServerRequest request, HttpStatusCode status, String page, String title, Map<String, Object> model) {
        String path = request.path();
        Map<String, Object> all = new HashMap<>(model);
        all.putIfAbsent("refresh", false);
        all.putIfAbsent("q", null);
        all.put("title", title);
        all.put("user", Requests.user(request));
        all.put("operator", request.servletRequest().isUserInRole("operator"));
        all.put("session", request.servletRequest().getSession(false) != null);
        all.put(
                "navigation",
                NAVIGATION.stream()
                        .map(to -> new Link(
                                to,
                                PLACES.getOrDefault(to, "Overview"),
                                to.equals("/") ? path.equals("/") : path.startsWith(to)))
                        .toList());
        return ServerResponse.status(status)
                .contentType(MediaType.valueOf("text/html;charset=UTF-8"))
                .header("Content-Security-Policy", CONTENT_SECURITY_POLICY)
                // A form of these pages sends its origin; other sites never see it.
                .header("Referrer-Policy", "same-origin")
                .body(templates.render(page, all).getBytes(StandardCharsets.UTF_8));
    }
}
