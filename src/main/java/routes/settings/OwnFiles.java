package routes.settings;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * The files of a deployment's directory. It may be a mounted ConfigMap or Secret of Kubernetes: then its files are links into {@code ..data},
 * which is itself a link to a directory such as {@code ..2026_11_30}. What is in these has its own path, too, so they are passed over.
 */
public final class OwnFiles {

    private OwnFiles() {}

    /** The files with this ending in a directory and those below it, relative to it, in order. */
    public static List<Path> in(Path directory, String ending) throws IOException {
        try (Stream<Path> all = Files.walk(directory, FileVisitOption.FOLLOW_LINKS)) {
            return all.filter(file -> file.toString().endsWith(ending))
                    .map(directory::relativize)
                    .filter(OwnFiles::isOwn)
                    .sorted()
                    .toList();
        } catch (UncheckedIOException e) {
            throw e.getCause(); // such as of a link to a directory above it
        }
    }

    /** Whether none of the names in a relative path is one that Kubernetes gives. */
    public static boolean isOwn(Path file) {
        return StreamSupport.stream(file.spliterator(), false)
                .noneMatch(name -> name.toString().startsWith(".."));
    }
}
