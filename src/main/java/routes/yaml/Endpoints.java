package routes.yaml;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.model.EndpointRequiredDefinition;
import org.apache.camel.spi.EndpointUriFactory;
import routes.settings.Nearest;

/** The endpoints of files: reports unknown options with the line of the step, which Camel no longer knows later. */
final class Endpoints {

    /** What Camel says of options that an endpoint does not have. */
    private static final Pattern UNKNOWN_OPTIONS = Pattern.compile("Unknown parameters=\\[\\{(.*)}]");

    /** Options of http that its list does not have. */
    private static final Set<String> TIMEOUTS =
            Set.of("connectTimeout", "connectionRequestTimeout", "responseTimeout", "soTimeout");

    private final Mistakes mistakes;

    Endpoints(Mistakes mistakes) {
        this.mistakes = mistakes;
    }

    /** Adds what is wrong with an endpoint to the mistakes. */
    void check(CamelContext camel, Path file, EndpointRequiredDefinition step, int line) {
        String uri = step.getEndpointUri();
        String scheme = uri.substring(0, Math.max(0, uri.indexOf(':')));
        EndpointUriFactory factory = camel.getCamelContextExtension().getEndpointUriFactory(scheme);
        Set<String> known = new HashSet<>(factory == null ? Set.of() : factory.propertyNames());
        if (scheme.matches("https?")) { // Camel takes the others as parameters of the request
            known.addAll(TIMEOUTS);
            options(uri)
                    .filter(option ->
                            !known.contains(option) && Nearest.to(option, known).isPresent())
                    .forEach(option -> add(file, line, option, scheme, known));
        }
        try {
            camel.getEndpoint(uri);
        } catch (RuntimeException e) {
            String reason = RouteFileException.reason(e);
            Matcher unknown = UNKNOWN_OPTIONS.matcher(reason);
            if (unknown.find()) {
                Stream.of(unknown.group(1).split("=[^,]*(, |$)", -1)) // their values may be secrets
                        .filter(option -> !option.isBlank())
                        .forEach(option -> add(file, line, option, scheme, known));
            } else {
                mistakes.add(file, line, reason);
            }
        }
    }

    private void add(Path file, int line, String option, String scheme, Set<String> known) {
        mistakes.add(
                file, line, "%s is not an option of %s%s".formatted(option, scheme, Nearest.question(option, known)));
    }

    private static Stream<String> options(String uri) {
        return uri.contains("?")
                ? List.of(uri.substring(uri.indexOf('?') + 1).split("&", -1)).stream()
                        .map(option -> option.replaceFirst("(?s)=.*", ""))
                : Stream.of();
    }
}
