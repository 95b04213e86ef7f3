package routes.dev;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A page of a list, newest first.
 *
 * @param first the number of its first row, from 1
 * @param newer the address of the page before it, null on the first one
 * @param older the address of the page after it, null on the last one
 */
record Listing<R>(
        List<R> rows,
        int first,
        int total,
        @Nullable String newer,
        @Nullable String older) {

    static final int SIZE = 50;

    /**
     * The page that is asked for.
     *
     * @param parameters of the address: page is its number, and the neighbours have the others, too
     * @param row how an entry is shown
     */
    static <T, R> Listing<R> of(List<T> all, String path, Map<String, String> parameters, Function<T, R> row) {
        int last = Math.max(1, (all.size() + SIZE - 1) / SIZE);
        String asked = parameters.getOrDefault("page", "1");
        int page = asked.matches("[1-9]\\d{0,5}") ? Math.min(Integer.parseInt(asked), last) : 1;
        int from = (page - 1) * SIZE;
        return new Listing<>(
                all.subList(from, Math.min(from + SIZE, all.size())).stream()
                        .map(row)
                        .toList(),
                from + 1,
                all.size(),
                page == 1 ? null : address(path, parameters, page - 1),
                page == last ? null : address(path, parameters, page + 1));
    }

    int last() {
        return first + rows.size() - 1;
    }

    boolean hasNeighbours() {
        return newer != null || older != null;
    }

    private static String address(String path, Map<String, String> parameters, int page) {
        return Stream.concat(
                        parameters.entrySet().stream()
                                .filter(parameter -> !parameter.getKey().equals("page"))
                                .map(parameter -> "%s=%s"
                                        .formatted(
                                                parameter.getKey(),
                                                URLEncoder.encode(parameter.getValue(), StandardCharsets.UTF_8))),
                        Stream.of("page=" + page))
                .collect(Collectors.joining("&", path + "?", ""));
    }
}
