package schedules;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Runs the scenarios under Fray, each class in a process of its own, on a JDK 25 that it links anew from the one of {@code JAVA_25_HOME},
 * with Fray's changes to the JDK's classes.
 *
 * <p>Two classes are not as Fray would have them. Fray's own semaphores fail when two threads wait (0.9.2), so the JDK's is used, which is
 * made of steps that Fray knows. And {@code Grouped} waits by a timer that the whole process shares, in whose place {@link Timer} comes.
 */
class ControlledSchedules {

    private static final Path FRAY = Path.of("target", "fray");
    private static final Path JDK = FRAY.resolve("jdk");
    private static final Path OWN = FRAY.resolve("classes");
    private static final String CLASS_PATH = System.getProperty("java.class.path");
    private static final String MODULES =
            "java.se,jdk.management,jdk.unsupported,jdk.crypto.ec,jdk.naming.dns,jdk.zipfs,jdk.net,jdk.localedata,jdk.jfr";
    private static final String SEMAPHORE = "java/util/concurrent/Semaphore.class";
    private static final String GROUPED = "routes/delivery/Grouped.java";

    /** Without spaces, since the layout of the code may change. */
    private static final String TIMER =
            "own.turn.copy().completeOnTimeout(Turn.LATE,patience.toMillis(),TimeUnit.MILLISECONDS)";

    @BeforeAll
    static void link() throws Exception {
        Path home = Path.of(Objects.requireNonNull(System.getenv("JAVA_25_HOME"), "set JAVA_25_HOME to a JDK 25"));
        if (!Files.exists(JDK)) {
            String modules = String.join(
                    File.pathSeparator,
                    jars(
                            "fray-(instrumentation-base|instrumentation-jdk|runtime)|kotlin-(stdlib|reflect)|asm(-\\w+)?"));
            assertThat(run(
                            FRAY.resolve("jlink.log"),
                            List.of(
                                    home.resolve("bin/jlink").toString(),
                                    "-J-javaagent:"
                                            + jars("fray-instrumentation-jdk").get(0),
                                    "-J--module-path=" + modules,
                                    "-J--add-modules=org.pastalab.fray.instrumentation.jdk",
                                    "-J--class-path=" + modules,
                                    "--output=" + JDK,
                                    "--add-modules=" + MODULES,
                                    "--release-info",
                                    "add:IMPLEMENTOR=Fray",
                                    "--fray-instrumentation")))
                    .as("the end of jlink, see target/fray/jlink.log")
                    .isZero();
        }
        try (FileSystem plain = FileSystems.newFileSystem(URI.create("jrt:/"), Map.of("java.home", home.toString()))) {
            copy(
                    plain.getPath("modules/java.base", SEMAPHORE),
                    FRAY.resolve("patch").resolve(SEMAPHORE));
        }
        try (FileSystem agent =
                FileSystems.newFileSystem(Path.of(jars("fray-jvmti-.*").get(0)))) {
            copy(agent.getPath("libjvmti.so"), FRAY.resolve("libjvmti.so"));
        }
        compileWithTimer();
    }

    private static void compileWithTimer() throws IOException {
        String source = Files.readString(Path.of("src/main/java", GROUPED));
        String pattern = TIMER.replaceAll("([.()])", "\\\\s*\\\\$1\\\\s*").replace(",", "\\s*,\\s*");
        String changed =
                source.replaceFirst(pattern, "schedules.Timer.completeOnTimeout(own.turn.copy(), Turn.LATE, patience)");
        assertThat(changed).as("Grouped waits as it did").isNotEqualTo(source);
        Path file = FRAY.resolve("source").resolve(GROUPED);
        Files.createDirectories(file.getParent());
        Files.writeString(file, changed);
        Files.createDirectories(OWN);
        assertThat(ToolProvider.getSystemJavaCompiler()
                        .run(
                                null,
                                null,
                                null,
                                "-d",
                                OWN.toString(),
                                "-cp",
                                CLASS_PATH,
                                "-proc:none",
                                "-nowarn",
                                file.toString()))
                .isZero();
    }

    @TestFactory
    Stream<DynamicTest> eachScenarioHoldsInAllSchedules() throws IOException {
        Path classes = Path.of("target", "test-classes");
        List<String> names;
        try (Stream<Path> files = Files.walk(classes)) {
            names = files.map(file -> classes.relativize(file).toString())
                    .filter(file -> file.endsWith("SchedulesTest.class"))
                    .map(file -> file.replace(".class", "").replace('/', '.'))
                    .filter(name -> name.contains(System.getProperty("schedules.of", "")))
                    .sorted()
                    .toList();
        }
        return names.stream().map(name -> DynamicTest.dynamicTest(name, () -> holds(name)));
    }

    private static void holds(String name) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                JDK.resolve("bin/java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx1g",
                "--patch-module",
                "java.base=" + FRAY.resolve("patch"),
                "-javaagent:" + jars("fray-instrumentation-agent").get(0),
                "-agentpath:" + FRAY.resolve("libjvmti.so").toAbsolutePath()));
        for (String setting : List.of("schedules.seed", "schedules.count")) {
            String value = System.getProperty(setting);
            if (value != null) {
                command.add("-D" + setting + "=" + value);
            }
        }
        command.addAll(List.of(
                "-cp",
                OWN + File.pathSeparator + CLASS_PATH,
                "org.junit.platform.console.ConsoleLauncher",
                "execute",
                "--select-class=" + name,
                "--disable-banner",
                "--disable-ansi-colors"));
        Path log = FRAY.resolve(name + ".log");

        int status = run(log, command);

        try (Stream<String> lines = Files.lines(log, StandardCharsets.ISO_8859_1)) {
            lines.filter(line -> line.startsWith("SCHEDULES") || line.contains("repeat it with"))
                    .forEach(System.out::println);
        }
        assertThat(status).as("the end of %s, see %s", name, log).isZero();
    }

    private static int run(Path log, List<String> command) throws IOException, InterruptedException {
        Files.createDirectories(FRAY);
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start()
                .waitFor();
    }

    private static List<String> jars(String artifact) {
        return Arrays.stream(CLASS_PATH.split(File.pathSeparator))
                .filter(path -> Path.of(path).getFileName().toString().matches("(" + artifact + ")-[0-9.]+\\.jar"))
                .toList();
    }

    private static void copy(Path from, Path to) {
        try {
            Files.createDirectories(to.getParent());
            Files.write(to, Files.readAllBytes(from));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
