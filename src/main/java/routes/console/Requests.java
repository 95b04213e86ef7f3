package routes.console;

import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;
import routes.operation.Arguments;

/** What browsers send, and where they are sent. */
final class Requests {

    private Requests() {}

    /** A parameter, without white space around it; null when it is empty or missing. */
    static @Nullable String given(ServerRequest request, String name) {
        return request.param(name)
                .map(String::strip)
                .filter(value -> !value.isEmpty())
                .orElse(null);
    }

    /** A parameter that is read as a field of an operation is; null when it is empty or missing. */
    static <T> @Nullable T given(ServerRequest request, String name, BiFunction<String, String, T> read) {
        return Arguments.ifGiven(name, given(request, name), read);
    }

    /** The id in the path. */
    static UUID id(ServerRequest request) {
        return Arguments.uuid("id", request.pathVariable("id"));
    }

    /** Who asks for a change. */
    static String by(ServerRequest request) {
        return Arguments.by(user(request));
    }

    /** The login lets nobody come here without a name. */
    static String user(ServerRequest request) {
        return request.principal().orElseThrow().getName();
    }

    /** The same search, one page on; null where there is none. */
    static @Nullable String next(ServerRequest request, String name, @Nullable Object value) {
        if (value == null) {
            return null;
        }
        Map<String, String> query = new TreeMap<>(request.params().toSingleValueMap());
        query.put(name, value.toString());
        return query.entrySet().stream()
                .map(some -> URLEncoder.encode(some.getKey(), StandardCharsets.UTF_8) + "="
                        + URLEncoder.encode(some.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&", "?", ""));
    }

    /** After a change: the page that shows it, which can be loaded again. */
    static ServerResponse seeOther(String path) {
        return ServerResponse.seeOther(URI.create(path)).build();
    }
}
