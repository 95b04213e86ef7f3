package faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import routes.dev.Platform;

/** The processes of a server of the platform: what it was started as, and what that has forked. */
final class ServerProcesses {

    private final Path pidFile;

    private ServerProcesses(Path pidFile) {
        this.pidFile = pidFile;
    }

    /** Those of the broker: one. */
    static ServerProcesses broker(Platform platform) {
        return new ServerProcesses(brokerDirectory(platform).resolve("kafka.pid"));
    }

    /** Those of the database: the postmaster, and a process for each connection and each task. */
    static ServerProcesses database(Platform platform) {
        return new ServerProcesses(databaseDirectory(platform).resolve("postmaster.pid"));
    }

    /** Where the broker has its data. */
    static Path brokerDirectory(Platform platform) {
        return platform.data().resolve("kafka");
    }

    /** Where the database has its data. */
    static Path databaseDirectory(Platform platform) {
        try (Stream<Path> directories = Files.list(platform.data())) {
            return directories
                    .filter(directory -> directory.getFileName().toString().startsWith("postgres-"))
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Freezes all of them: connections stay, nothing answers (SIGSTOP). */
    void freeze() {
        ProcessHandle first = first();
        signal("STOP", List.of(first)); // so that it forks no more
        signal("STOP", all(first));
    }

    /** Lets all of them go on where they were frozen (SIGCONT). */
    void thaw() {
        signal("CONT", all(first()));
    }

    /** Ends all of them at once, as a loss of power would (SIGKILL). */
    void kill() {
        ProcessHandle first = first();
        List<ProcessHandle> all = all(first);
        signal("KILL", List.of(first));
        all.forEach(ProcessHandle::destroyForcibly);
        all.forEach(process -> process.onExit().join());
    }

    private ProcessHandle first() {
        try {
            return ProcessHandle.of(
                            Long.parseLong(Files.readAllLines(pidFile).get(0).strip()))
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<ProcessHandle> all(ProcessHandle first) {
        List<ProcessHandle> all = new ArrayList<>(List.of(first));
        first.descendants().forEach(all::add);
        return all;
    }

    private static void signal(String name, List<ProcessHandle> processes) {
        List<String> command = new ArrayList<>(List.of("kill", "-" + name));
        processes.forEach(process -> command.add(String.valueOf(process.pid())));
        try {
            new ProcessBuilder(command).start().waitFor(); // one that has ended meanwhile is not a failure
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
