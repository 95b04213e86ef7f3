package faults;

import faults.agent.Failpoint;
import faults.agent.FailpointAgent;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import net.bytebuddy.ByteBuddy;

/** Options of the JVM that end or hold a service at a step of its work. Without them the service has no trace of failpoints. */
final class Failpoints {

    private static final List<String> CLASSES = List.of(
            FailpointAgent.class.getName(),
            FailpointAgent.class.getName() + "$Step",
            Failpoint.class.getName(),
            Failpoint.class.getName() + "$Rule");

    private final Path jar;

    Failpoints(Path directory) {
        this.jar = directory.resolve("failpoints.jar").toAbsolutePath();
        try {
            write();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void write() throws IOException {
        Manifest manifest = new Manifest();
        Attributes attributes = manifest.getMainAttributes();
        attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        attributes.put(new Attributes.Name("Premain-Class"), FailpointAgent.class.getName());
        attributes.put(
                Attributes.Name.CLASS_PATH,
                ByteBuddy.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .toString());
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest)) {
            for (String name : CLASSES) {
                String file = name.replace('.', '/') + ".class";
                out.putNextEntry(new JarEntry(file));
                try (InputStream code =
                        Objects.requireNonNull(Failpoints.class.getClassLoader().getResourceAsStream(file), file)) {
                    code.transferTo(out);
                }
            }
        }
    }

    /** The process ends at this point, at work on what these words name. */
    static String halt(String point, String... words) {
        return "%s|halt|%s".formatted(point, String.join("|", words));
    }

    /** The thread waits at this point for ever, at work on what these words name. */
    static String hold(String point, String... words) {
        return "%s|hold|%s".formatted(point, String.join("|", words));
    }

    /** The option that sets these rules. */
    String option(List<String> rules) {
        return "-javaagent:%s=%s".formatted(jar, String.join(";", rules));
    }
}
