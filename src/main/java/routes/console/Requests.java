package routes.console;

import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.BiFunction;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;
import routes.operation.Arguments;

/** What browsers send, and where they are redirected. */
final class Requests {

    private static final Logger LOG = LoggerFactory.getLogger(Requests.class);

    private Requests() {}

    /** A parameter, without white space around it; null when it is empty or missing. */
    static @Nullable String given(ServerRequest request, String name) {
        return request.param(name)
                .map(String::strip)
                .filter(value -> !value.isEmpty())
                .orElse(null);
    }

    /** A parameter, read like a field of an operation; null when it is empty or missing. */
    static <T> @Nullable T given(ServerRequest request, String name, BiFunction<String, String, T> read) {
        return Arguments.ifGiven(name, given(request, name), read);
    }

    /** The id in the path. */
    static UUID id(ServerRequest request) {
        return Arguments.uuid("id", request.pathVariable("id"));
    }

    /** The user who asks for a change. */
    static String by(ServerRequest request) {
        return Arguments.by(user(request));
    }

    /** The login lets nobody in without a name. */
    static String user(ServerRequest request) {
        return request.principal().orElseThrow().getName();
    }

    /** Whether a browser asks for a page, as opposed to a script, which takes anything. */
    static boolean isBrowser(ServerRequest request) {
        return request.headers().accept().stream().anyMatch(MediaType.TEXT_HTML::equalsTypeAndSubtype);
    }

    /** A feature of one role; 404 on an instance without the role. */
    static <T> T here(ObjectProvider<T> feature, String role) {
        T here = feature.getIfAvailable();
        if (here == null) {
            throw Arguments.missing("this instance does not have the role " + role);
        }
        return here;
    }

    /** The URL of the next page of this search; null on the last one. */
    static @Nullable String next(ServerRequest request, String name, @Nullable Object value) {
        if (value == null) {
            return null;
        }
        Map<String, String> query = new TreeMap<>(request.params().toSingleValueMap());
        query.put(name, value.toString());
        return query(query);
    }

    /** The query of a URL. */
    static String query(Map<String, String> query) {
        return query.entrySet().stream()
                .map(some -> URLEncoder.encode(some.getKey(), StandardCharsets.UTF_8) + "="
                        + URLEncoder.encode(some.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&", "?", ""));
    }

    /** Writes a file. */
    interface Writer {
        void write(OutputStream out) throws IOException;
    }

    /** A file of CSV to save. If it breaks, the browser gets a page that says why, or sees that the file is not whole. */
    static ServerResponse csv(String name, Writer writer) {
        return ServerResponse.ok()
                .contentType(MediaType.valueOf("text/csv;charset=UTF-8"))
                .header(HttpHeaders.CONTENT_DISPOSITION, "attachment; filename=\"%s.csv\"".formatted(name))
                .build((request, response) -> {
                    write(name, writer, response);
                    return null;
                });
    }

    /**
     * After its first part no page may follow, which would end the file as if it were whole: what is thrown then is for no page, and the
     * server closes the connection. It is without its cause, which Spring could take for a browser that has gone.
     */
    private static void write(String name, Writer writer, HttpServletResponse response) throws IOException {
        try {
            writer.write(response.getOutputStream());
        } catch (RuntimeException e) {
            if (!response.isCommitted()) {
                response.reset();
                throw e;
            }
            LOG.warn("The file {}.csv broke off: {}", name, e.getMessage());
            throw new IOException("the file broke off");
        }
    }

    /**
     * The page of this port from which the browser came, or its list if that is only there after a form; the overview if it came from
     * elsewhere, or does not say. A proxy may speak TLS, so only host and port are compared.
     */
    static String back(ServerRequest request) {
        String here = "^https?://" + Pattern.quote(request.uri().getRawAuthority())
                + "[/\\\\]*"; // two slashes would begin a host
        String from = request.headers().firstHeader(HttpHeaders.REFERER);
        return from != null && from.matches(here + ".*")
                ? "/"
                        + from.replaceFirst(here, "")
                                .replaceFirst("^(deliveries|suppressions)/(change|search|import)$", "$1")
                : "/";
    }

    /** Redirects to the page that shows the change, so that it can be reloaded. */
    static ServerResponse seeOther(String path) {
        return ServerResponse.seeOther(URI.create(path)).build();
    }
}
