package faults;

import faults.agent.ClockAgent;
import faults.agent.SkewedClock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** The wall clock of an instance of the service, which can be set: an agent lies to its process, which all its classes believe. */
final class ProcessClock {

    private final Path file;
    private final Path agent;

    /** Shows the right time at first. */
    ProcessClock(String name) {
        file = Stage.file(name).toAbsolutePath();
        agent = Stage.file(name + "-agent.jar").toAbsolutePath();
        Path skewed = Stage.file(name + "-skewed.jar");
        // Java's own classes see only what lies on their own path.
        AgentJar.write(skewed, List.of(SkewedClock.class.getName()), Map.of());
        String its = ClockAgent.class.getName();
        AgentJar.write(
                agent,
                List.of(its, its + "$Asking", its + "$InClass", its + "$InMethod"),
                Map.of("Boot-Class-Path", skewed.getFileName().toString(), "Can-Retransform-Classes", "true"));
        set(Duration.ZERO);
    }

    /** An instance that has this clock. */
    Service.Start of(Service.Start start) {
        return start.withJvm("-javaagent:%s=%s".formatted(agent, file));
    }

    /** Sets it. In one step, or the service could read half of it. */
    void set(Duration ahead) {
        try {
            Path next = file.resolveSibling(file.getFileName() + ".next");
            Files.writeString(next, String.valueOf(ahead.toSeconds()));
            Files.move(next, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
