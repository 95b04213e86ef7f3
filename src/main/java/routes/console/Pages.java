package routes.console;

import static org.springframework.web.servlet.function.RouterFunctions.route;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.dao.DataAccessException;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.RouterFunctions;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;

/**
 * The pages of the management port: what operators look at and fix most often. They call the same operations as HTTP and JMX,
 * with the same checks; the logged-in user is {@code by}. They need no JavaScript and load nothing
 * from elsewhere.
 */
@Component
class Pages {

    private final List<Tab> tabs;
    private final Layout layout;

    Pages(List<Tab> tabs, Layout layout) {
        this.tabs = List.copyOf(tabs);
        this.layout = layout;
    }

    /**
     * All pages, and the error pages.
     *
     * @param endpoints the path of the operations, which answer for themselves
     */
    RouterFunction<ServerResponse> routes(String endpoints) {
        RouterFunctions.Builder all = route();
        tabs.forEach(tab -> all.add(tab.routes()));
        return all.GET("/look.css", request -> file("look.css", "css"))
                .GET("/style.css", request -> file("style.css", "css"))
                .GET("/live.js", request -> file("live.js", "javascript"))
                .GET("/times.js", request -> file("times.js", "javascript"))
                .route(
                        request -> Requests.isBrowser(request)
                                && !request.path().startsWith(endpoints)
                                && !request.path().equals("/error"),
                        request -> refusal(request, HttpStatus.NOT_FOUND, "there is no page " + request.path()))
                .onError(
                        InvalidEndpointRequestException.class,
                        (e, request) -> refusal(request, HttpStatus.BAD_REQUEST, e.getMessage()))
                .onError(
                        ResponseStatusException.class,
                        (e, request) -> refusal(
                                request,
                                ((ResponseStatusException) e).getStatusCode(),
                                ((ResponseStatusException) e).getReason()))
                .onError(
                        failure -> failure instanceof DataAccessException || failure instanceof TransactionException,
                        (e, request) -> refusal(
                                request,
                                HttpStatus.SERVICE_UNAVAILABLE,
                                "the database is unavailable: try again later"))
                .build();
    }

    private static ServerResponse file(String file, String subtype) {
        return ServerResponse.ok()
                .contentType(new MediaType("text", subtype, StandardCharsets.UTF_8))
                .cacheControl(CacheControl.noCache())
                .body(PageTemplates.read(file).getBytes(StandardCharsets.UTF_8));
    }

    private ServerResponse refusal(ServerRequest request, HttpStatusCode status, @Nullable String message) {
        Map<String, Object> model = new HashMap<>();
        model.put("bulk", false);
        model.put("message", message);
        model.put("back", Requests.back(request));
        String title = status == HttpStatus.NOT_FOUND ? "Not found" : "That did not work";
        return layout.page(request, status, "message", title, model);
    }
}
