package routes;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarInputStream;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which Camel components are in the executable jar, and how others are added to it. */
class ComponentsIT {

    private static final Path JAR = Path.of("target", "domain-event-routes-exec.jar");
    private static final Pattern FIRST_CELL = Pattern.compile("(?m)^\\| `([^`]+)` \\|");
    private static final String SERVICES = "META-INF/services/org/apache/camel/component/";

    @Test
    void thePageListsTheComponentsThatAreInTheJar() throws Exception {
        Set<String> components = new TreeSet<>();
        try (JarFile jar = new JarFile(JAR.toFile())) {
            for (JarEntry library : jar.stream()
                    .filter(entry -> entry.getName().matches("BOOT-INF/lib/camel-.*\\.jar"))
                    .toList()) {
                try (JarInputStream files = new JarInputStream(jar.getInputStream(library))) {
                    for (JarEntry file = files.getNextJarEntry(); file != null; file = files.getNextJarEntry()) {
                        if (file.getName().startsWith(SERVICES) && !file.isDirectory()) {
                            components.add(file.getName().substring(SERVICES.length()));
                        }
                    }
                }
            }
        }

        assertThat(FIRST_CELL
                        .matcher(Files.readString(Path.of("docs/reference/components.md")))
                        .results()
                        .map((MatchResult cell) -> cell.group(1)))
                .containsExactlyElementsOf(components);
    }

    @Test
    void aComponentInADirectoryIsAddedToTheJarByTheOtherLauncher(@TempDir Path directory) throws Exception {
        List<String> said = PagerComponent.run(
                "-Dloader.path=" + PagerComponent.jarIn(directory),
                "-Dloader.main=" + PagerComponent.class.getName(),
                "-cp",
                JAR.toString(),
                "org.springframework.boot.loader.launch.PropertiesLauncher");

        assertThat(said).contains(PagerComponent.class.getName());
    }
}
