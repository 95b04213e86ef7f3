package routes.yaml;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.Environment;
import routes.settings.Nearest;

/** The variables and settings that a file reads: {@code {{NAME}}} when Camel starts, {@code ${env:NAME}} at each event. */
final class Variables {

    /** Those with a default ({@code NAME:default}), optional ones ({@code ?NAME}) and Camel's functions are Camel's own concern. */
    private static final Pattern READ = Pattern.compile("\\{\\{([^{}:?!]+)}}|\\$\\{env[.:](\\w+)}");

    private final Environment environment;

    Variables(Environment environment) {
        this.environment = environment;
    }

    /**
     * A variable that is not set.
     *
     * @param text how the file reads it
     * @param reason what to do about it; without values, which may be secrets
     */
    record NotSet(String text, String reason) {}

    /** Those in a text that are not set. */
    Stream<NotSet> notSet(String text) {
        return READ.matcher(text)
                .results()
                .map(read -> Map.entry(
                        read.group(),
                        Objects.requireNonNullElse(read.group(1), read.group(2)).strip()))
                .filter(read -> !isSet(read.getValue()))
                .map(read -> new NotSet(
                        read.getKey(),
                        "the variable %s is not set: set it, or use another one%s"
                                .formatted(read.getValue(), Nearest.question(read.getValue(), names()))));
    }

    /** Camel also reads those variables that Spring does not see, since they look like settings but are not. */
    private boolean isSet(String name) {
        return environment.containsProperty(name) || System.getenv(name) != null;
    }

    private List<String> names() {
        return environment instanceof ConfigurableEnvironment all
                ? all.getPropertySources().stream()
                        .flatMap(source -> source instanceof EnumerablePropertySource<?> named
                                ? Arrays.stream(named.getPropertyNames())
                                : Stream.of())
                        .distinct()
                        .toList()
                : List.of();
    }
}
