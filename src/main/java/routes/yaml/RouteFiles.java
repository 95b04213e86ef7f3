package routes.yaml;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.env.Environment;
import routes.settings.InvalidSettingException;

/** Finds the files in {@code routes.directory}. */
final class RouteFiles {

    private static final Logger LOG = LoggerFactory.getLogger(RouteFiles.class);
    private static final String SUFFIX = ".camel.yaml";

    /** Set by {@code --check}, which also refuses what a start warns of. */
    private static final String ONLY_CHECKED = "only-checked";

    private RouteFiles() {}

    /** The files of routes in a directory, sorted. */
    static List<Path> in(String setting, Environment environment, Mistakes mistakes) throws IOException {
        if (setting.isBlank()) {
            return List.of();
        }
        Path directory = Path.of(setting).toAbsolutePath().normalize();
        if (!Files.isDirectory(directory)) {
            if (setting.equals(RoutesSettings.DEFAULT_DIRECTORY)) {
                return List.of();
            }
            throw new InvalidSettingException(
                    "routes.directory",
                    "is %s, which is not a directory: write the one with the route files, or leave it empty"
                            .formatted(setting));
        }
        try (Stream<Path> all = Files.list(directory)) {
            List<Path> yaml = all.filter(file -> file.toString().matches(".*\\.ya?ml"))
                    .sorted()
                    .toList();
            for (Path file : yaml) {
                if (!file.toString().endsWith(SUFFIX)) {
                    String right = file.getFileName().toString().replaceFirst("(\\.camel)?\\.ya?ml$", "") + SUFFIX;
                    String reason =
                            "its name does not end in .camel.yaml, so it is ignored: rename it to %s, or move it elsewhere"
                                    .formatted(right);
                    if (environment.containsProperty(ONLY_CHECKED) && looksLikeRoutes(file)) {
                        mistakes.add(file, 0, reason);
                    } else {
                        LOG.warn("{} {}", file, reason);
                    }
                }
            }
            return yaml.stream()
                    .filter(file -> file.toString().endsWith(SUFFIX))
                    .toList();
        }
    }

    /** Other files may be there for another reason, such as a manifest of Kubernetes or Compose, which begins with a key. */
    private static boolean looksLikeRoutes(Path file) {
        return texts(Set.of(file)).stream()
                .flatMap(String::lines)
                .filter(line -> !line.matches("\\s*(#.*)?|---.*"))
                .findFirst()
                .filter(line -> line.startsWith("- "))
                .isPresent();
    }

    /** Those that can be read at all. */
    static List<String> texts(Set<Path> files) {
        List<String> texts = new ArrayList<>();
        for (Path file : files) {
            try {
                texts.add(Files.readString(file));
            } catch (IOException e) {
                LOG.debug("{} cannot be read", file, e); // which is one of the mistakes, if it is a file of routes
            }
        }
        return texts;
    }
}
