package routes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import routes.dev.Platform;
import routes.event.Events;

/** Another application publishes with the jar of the publisher, and with no more than it says that it needs. */
@OnPlatform
class EmbeddingIT {

    private static final Path SAMPLE = Path.of("examples/embedding/src/main");

    /** The dependencies of the sample, with theirs: no Camel, no database, no web server. */
    private static final Pattern NEEDED =
            Pattern.compile("(spring-(boot|boot-autoconfigure|core|context|beans|aop|expression)"
                    + "|kafka-clients|lz4-java|jackson-(core|databind|annotations)|slf4j-api|logback-(core|classic)|commons-logging"
                    + "|jspecify|snakeyaml|micrometer-(observation|commons))-\\d[^/]*\\.jar");

    @Autowired
    private Platform platform;

    @Autowired
    private Pipeline pipeline;

    @TempDir
    private Path classes = Path.of("");

    @Test
    void theSamplePublishesWhatTheServiceActsOn() throws Exception {
        String classPath = Stream.concat(
                        Stream.of("target/domain-event-routes-publisher.jar"),
                        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                                .filter(jar -> NEEDED.matcher(
                                                Path.of(jar).getFileName().toString())
                                        .matches()))
                .map(jar -> Path.of(jar).toAbsolutePath().toString())
                .collect(Collectors.joining(File.pathSeparator));
        int compiled = Objects.requireNonNull(ToolProvider.getSystemJavaCompiler())
                .run(
                        null,
                        null,
                        null,
                        "-parameters",
                        "-cp",
                        classPath,
                        "-d",
                        classes.toString(),
                        SAMPLE.resolve("java/shop/Shop.java").toString());
        assertThat(compiled).isZero();
        String campaign = Events.id();

        String said = run(
                classes + File.pathSeparator + SAMPLE.resolve("resources") + File.pathSeparator + classPath,
                Events.id(),
                campaign,
                Events.email());

        assertThat(said).contains("Published[id=").doesNotContain("Camel", "Hikari", "Tomcat");
        pipeline.awaitDelivered(campaign);
    }

    /** Spring Boot reads each class that is named there, and an application does not start when one is missing. */
    @Test
    void theJarHasEveryClassThatItNamesToSpring() throws Exception {
        try (JarFile jar = new JarFile("target/domain-event-routes-publisher.jar")) {
            List<String> named = new ArrayList<>();
            for (JarEntry imports : jar.stream()
                    .filter(entry -> entry.getName().matches("META-INF/spring.*[^/]"))
                    .toList()) {
                new String(jar.getInputStream(imports).readAllBytes(), StandardCharsets.UTF_8)
                        .lines()
                        .forEach(named::add);
            }

            assertThat(named).isNotEmpty().allSatisfy(name -> assertThat(
                            jar.getEntry(name.replace('.', '/') + ".class"))
                    .as(name)
                    .isNotNull());
        }
    }

    private String run(String classPath, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Xmx128m",
                "-cp",
                classPath,
                "shop.Shop"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("KAFKA_BROKERS", platform.kafka().brokers());
        Process process = builder.start();
        try {
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(said).isZero();
            return said;
        } finally {
            process.destroyForcibly();
        }
    }
}
