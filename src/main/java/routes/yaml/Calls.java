package routes.yaml;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.ToDefinition;
import routes.settings.Nearest;

/** The calls of other routes in files. Camel reports one that no route answers only when the first event comes. */
final class Calls {

    private final List<Call> all = new ArrayList<>();
    private final Mistakes mistakes;

    Calls(Mistakes mistakes) {
        this.mistakes = mistakes;
    }

    private record Call(Path file, int line, String target) {}

    /** Remembers a step, if it calls another route. */
    void add(Path file, ToDefinition step) {
        String target = target(step.getEndpointUri());
        if (isInThisProcess(target)) {
            all.add(new Call(file, step.getLineNumber(), target));
        }
    }

    /**
     * Adds the calls that nobody answers to the mistakes: neither routes in Java nor of files, nor places of other roles.
     *
     * @param unread files with mistakes that Camel could not read, as text
     */
    void check(Collection<RouteDefinition> inJava, Collection<RouteBuilder> files, List<String> unread) {
        if (files.stream()
                .anyMatch(file ->
                        !file.getRouteTemplateCollection().getRouteTemplates().isEmpty())) {
            return; // their routes may read anything
        }
        Set<String> answered = Stream.concat(
                        Stream.concat(
                                        inJava.stream(),
                                        files.stream().flatMap(file -> file.getRouteCollection().getRoutes().stream()))
                                .map(YamlRoutes::input),
                        Place.ids().stream().map("direct:"::concat))
                .collect(Collectors.toSet());
        all.stream()
                .filter(call ->
                        !answered.contains(call.target()) && !call.target().contains("{{"))
                .filter(call -> unread.stream().noneMatch(file -> file.contains(call.target())))
                .forEach(call -> mistakes.add(
                        call.file(),
                        call.line(),
                        "no route reads %s%s".formatted(call.target(), Nearest.question(call.target(), answered))));
    }

    /** Whether only a route of this process can read the endpoint. */
    static boolean isInThisProcess(String endpoint) {
        return endpoint.matches("(direct|seda):.+");
    }

    /** An endpoint without its options. */
    static String target(String uri) {
        return uri.replaceFirst("\\?.*", "").replaceFirst(":/*", ":");
    }
}
