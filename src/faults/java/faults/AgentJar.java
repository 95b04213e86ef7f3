package faults;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import net.bytebuddy.ByteBuddy;

/** Writes the jar of a Java agent, which finds Byte Buddy where this process has it. */
final class AgentJar {

    private AgentJar() {}

    /**
     * Writes one.
     *
     * @param classes names of its classes; the first is the agent
     * @param attributes of its manifest, beside those that any agent has
     */
    static void write(Path jar, List<String> classes, Map<String, String> attributes) {
        Manifest manifest = new Manifest();
        Attributes main = manifest.getMainAttributes();
        main.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        main.putValue("Premain-Class", classes.get(0));
        main.put(
                Attributes.Name.CLASS_PATH,
                ByteBuddy.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .toString());
        attributes.forEach(main::putValue);
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest)) {
            for (String name : classes) {
                String file = name.replace('.', '/') + ".class";
                out.putNextEntry(new JarEntry(file));
                try (InputStream code =
                        Objects.requireNonNull(AgentJar.class.getClassLoader().getResourceAsStream(file), file)) {
                    code.transferTo(out);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
