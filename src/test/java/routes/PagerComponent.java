package routes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultComponent;

/** A Camel component that is not in the jar, and a program that asks Camel for it: it says which class it has found. */
public final class PagerComponent extends DefaultComponent {

    private static final String CLASS = PagerComponent.class.getName().replace('.', '/') + ".class";

    public static void main(String[] args) throws Exception {
        try (CamelContext context = new DefaultCamelContext()) {
            System.out.println(Objects.requireNonNull(context.getComponent("pager"))
                    .getClass()
                    .getName());
        }
    }

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) {
        throw new UnsupportedOperationException(uri);
    }

    /** Writes its jar into a directory, which it returns. */
    static Path jarIn(Path directory) throws IOException {
        Files.createDirectories(directory);
        try (JarOutputStream jar = new JarOutputStream(Files.newOutputStream(directory.resolve("pager.jar")));
                InputStream code = Objects.requireNonNull(
                        PagerComponent.class.getClassLoader().getResourceAsStream(CLASS))) {
            jar.putNextEntry(new JarEntry(CLASS));
            code.transferTo(jar);
            jar.putNextEntry(new JarEntry("META-INF/services/org/apache/camel/component/pager"));
            jar.write(("class=" + PagerComponent.class.getName()).getBytes(StandardCharsets.UTF_8));
        }
        return directory;
    }

    /** Runs Java with these options, and returns the lines that it says, those of Camel's log among them. */
    static List<String> run(String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC"));
        command.addAll(List.of(options));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(said).isZero();
            return said.lines().toList();
        } finally {
            process.destroyForcibly();
        }
    }
}
