package faults;

import com.sun.tools.attach.VirtualMachine;
import faults.agent.Failpoint;
import faults.agent.FailpointAgent;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** What ends or holds a service at a step of its work, or throws an error there. Without it the service has no trace of failpoints. */
final class Failpoints {

    private static final List<String> CLASSES = List.of(
            FailpointAgent.class.getName(),
            FailpointAgent.class.getName() + "$Step",
            Failpoint.class.getName(),
            Failpoint.class.getName() + "$Rule");

    private final Path jar;

    Failpoints(Path directory) {
        this.jar = directory.resolve("failpoints.jar").toAbsolutePath();
        AgentJar.write(jar, CLASSES, Map.of("Agent-Class", CLASSES.get(0), "Can-Retransform-Classes", "true"));
    }

    /** The process ends at this point, at work on what these words name. */
    static String halt(String point, String... words) {
        return "%s|halt|0|%s".formatted(point, String.join("|", words));
    }

    /** The thread waits at this point for ever, at work on what these words name. */
    static String hold(String point, String... words) {
        return "%s|hold|0|%s".formatted(point, String.join("|", words));
    }

    /** An error is thrown at this point, once in each of so many threads that come by. */
    static String fail(String point, String error, int threads) {
        return "%s|%s|%d".formatted(point, error, threads);
    }

    /** Sets rules in a service that runs, in place of those before: one that starts with an agent takes half as long again. */
    void set(Service service, List<String> rules) throws Exception {
        VirtualMachine machine = VirtualMachine.attach(String.valueOf(service.pid()));
        try {
            machine.loadAgent(jar.toString(), String.join(";", rules));
        } finally {
            machine.detach();
        }
    }
}
