package planted;

import com.fasterxml.jackson.core.type.TypeReference;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.yaml.snakeyaml.Yaml;
import routes.event.EventJson;

/**
 * A bug to plant, of a list in {@code src/faults/planted}.
 *
 * @param bug its name
 * @param breaks the promise that it breaks
 * @param in the file, from the project's directory
 * @param replace the text that it replaces, which the file has once
 * @param by the text in its place
 * @param tests the classes that should find it, or single tests such as {@code routes.TakeInTest#commitsWhatIsRecorded},
 *     without the types of its parameters
 */
record Bug(String bug, String breaks, String in, String replace, String by, List<String> tests) {

    private static final Path LISTS = Path.of("src", "faults", "planted");

    /** Those of all lists, one after the other. */
    static List<Bug> all() {
        try (Stream<Path> lists = Files.list(LISTS)) {
            return lists.sorted().flatMap(list -> of(list).stream()).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Bug> of(Path list) {
        try {
            Object entries = new Yaml().load(Files.readString(list));
            return EventJson.mapper().convertValue(entries, new TypeReference<>() {});
        } catch (IOException | IllegalArgumentException e) {
            throw new IllegalStateException("cannot read the planted bugs in " + list, e);
        }
    }

    boolean isOfJava() {
        return in.endsWith(".java");
    }

    /** Where its file is below the directory of compiled classes, as source or as a resource. */
    Path inClasses() {
        Path root = Path.of("src", "main", isOfJava() ? "java" : "resources");
        return root.relativize(Path.of(in));
    }

    /**
     * A text of the file with the bug.
     *
     * @throws IllegalStateException unless the text to be replaced occurs once
     */
    String plantedIn(String text) {
        int first = text.indexOf(replace);
        if (first < 0 || text.indexOf(replace, first + 1) >= 0) {
            throw new IllegalStateException("%s: what it replaces must occur once in %s, and occurs %s: %s"
                    .formatted(bug, in, first < 0 ? "never" : "more often", replace));
        }
        return text.substring(0, first) + by + text.substring(first + replace.length());
    }
}
