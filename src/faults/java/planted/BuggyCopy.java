package planted;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;
import org.junit.platform.commons.support.HierarchyTraversalMode;
import org.junit.platform.commons.support.ReflectionSupport;
import org.springframework.util.FileSystemUtils;

/** The project as it was built, with a bug: links to its files, classes and an executable jar of its own. Tests run in it as in the project. */
final class BuggyCopy {

    private static final Path PROJECT = Path.of("").toAbsolutePath();
    private static final Path BUILT = PROJECT.resolve("target");
    private static final String JAR = "domain-event-routes-exec.jar";
    private static final String CLASS_PATH = System.getProperty("java.class.path");
    private static final long MINUTES = 15;

    /** The first failure in the console's summary. */
    private static final Pattern FAILED = Pattern.compile("(?m)^Failures \\(\\d+\\):\\R +(?:JUnit Jupiter:)?(.+)$");

    private final Path directory;
    private final Path classes;

    private BuggyCopy(Path directory) {
        this.directory = directory;
        this.classes = directory.resolve("target/classes");
    }

    /** A copy with this bug; with none if it is null. */
    static BuggyCopy with(@Nullable Bug bug) {
        BuggyCopy copy = new BuggyCopy(BUILT.resolve("planted").resolve(bug == null ? "none" : bug.bug()));
        try {
            copy.make();
            if (bug != null) {
                copy.plant(bug);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return copy;
    }

    private void make() throws IOException {
        FileSystemUtils.deleteRecursively(directory);
        Files.createDirectories(classes);
        link(PROJECT, directory, "target", ".git");
        link(BUILT, directory.resolve("target"), "classes", "planted", "platform", "faults", JAR);
        try (Stream<Path> built = Files.walk(BUILT.resolve("classes"))) {
            for (Path from : (Iterable<Path>) built::iterator) {
                Path to = classes.resolve(BUILT.resolve("classes").relativize(from));
                if (Files.isDirectory(from)) {
                    Files.createDirectories(to);
                } else {
                    Files.createLink(to, from);
                }
            }
        }
    }

    private static void link(Path from, Path to, String... except) throws IOException {
        try (Stream<Path> all = Files.list(from)) {
            for (Path one : (Iterable<Path>) all::iterator) {
                if (!List.of(except).contains(one.getFileName().toString())) {
                    Files.createSymbolicLink(to.resolve(one.getFileName()), one);
                }
            }
        }
    }

    private void plant(Bug bug) throws IOException {
        Path changed = directory.resolve("target/changed");
        if (bug.isOfJava()) {
            Path source = directory.resolve("target/source").resolve(bug.inClasses());
            write(source, bug.plantedIn(Files.readString(PROJECT.resolve(bug.in()))));
            compile(source, Files.createDirectories(changed));
        } else {
            String built = Files.readString(BUILT.resolve("classes").resolve(bug.inClasses()));
            write(changed.resolve(bug.inClasses()), bug.plantedIn(built));
        }
        Path jar = Files.copy(BUILT.resolve(JAR), directory.resolve("target").resolve(JAR));
        try (Stream<Path> files = Files.walk(changed);
                FileSystem entries = FileSystems.newFileSystem(jar)) {
            for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
                String name = changed.relativize(file).toString();
                // Never over the old file, which the project's own classes share.
                Files.deleteIfExists(classes.resolve(name));
                Files.copy(file, classes.resolve(name));
                Files.copy(file, entries.getPath("BOOT-INF/classes", name), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    private static void write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private static void compile(Path source, Path to) {
        List<String> options = List.of(
                "-d", to.toString(), "-cp", CLASS_PATH, "-parameters", "-proc:none", "-nowarn", source.toString());
        int status = ToolProvider.getSystemJavaCompiler().run(null, null, null, options.toArray(String[]::new));
        if (status != 0) {
            throw new IllegalStateException("%s does not compile with its bug".formatted(source));
        }
    }

    /**
     * Runs tests until one fails, in a process of their own.
     *
     * @return the test that failed; "they do not end" if none has ended the run within a quarter of an hour; empty if all passed
     */
    Optional<String> failing(List<String> tests) {
        String classPath = CLASS_PATH.replace(BUILT.resolve("classes").toString(), classes.toString());
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx768m",
                "-Dtest.platform=" + System.getProperty("test.platform", "embedded"),
                "-Dplatform.data=target/platform",
                "-Dfaults.directory=target/faults",
                "-Dspring.test.context.cache.maxSize=1",
                "-Djunit.jupiter.execution.parallel.enabled=true",
                "-Djunit.jupiter.execution.timeout.testable.method.default=5m",
                "-cp",
                classPath,
                "org.junit.platform.console.ConsoleLauncher",
                "execute",
                "--fail-fast",
                "--fail-if-no-tests",
                "--disable-banner",
                "--disable-ansi-colors",
                "--details=tree"));
        command.addAll(tests.stream().map(BuggyCopy::selector).toList());
        Path log = directory.resolve("tests.log");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        try {
            Process process = builder.start();
            if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
                return Optional.of("they do not end");
            }
            if (process.exitValue() == 0) {
                return Optional.empty();
            }
            Matcher failed = FAILED.matcher(Files.readString(log));
            if (!failed.find()) {
                throw new IllegalStateException("the tests %s could not be run, see %s".formatted(tests, log));
            }
            return Optional.of(failed.group(1));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** A method is selected with the types of its parameters, which the list leaves out. */
    private static String selector(String test) {
        String[] parts = test.split("#", 2);
        if (parts.length == 1) {
            return "--select-class=" + test;
        }
        try {
            return ReflectionSupport.findMethods(
                            Class.forName(parts[0]),
                            method -> method.getName().equals(parts[1]),
                            HierarchyTraversalMode.TOP_DOWN)
                    .stream()
                    .map(method -> Arrays.stream(method.getParameterTypes())
                            .map(Class::getName)
                            .collect(Collectors.joining(",", "--select-method=" + test + "(", ")")))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("there is no test " + test));
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Deletes what the tests left, but not their log. */
    void clean() {
        try {
            FileSystemUtils.deleteRecursively(directory.resolve("target"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
