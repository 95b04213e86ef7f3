package faults;

import faults.agent.Failpoint;
import faults.agent.FailpointAgent;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

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
        AgentJar.write(jar, CLASSES, Map.of());
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
