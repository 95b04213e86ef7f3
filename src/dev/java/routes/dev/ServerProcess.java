package routes.dev;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The process of a server, found by the file that holds its id: perhaps one that a killed platform left behind. */
final class ServerProcess {
    private final ProcessHandle process;

    private ServerProcess(ProcessHandle process) {
        this.process = process;
    }

    /**
     * Finds a process by the first line of a file.
     *
     * @param words what its command line has to contain, since the id may be another program's by now
     */
    static Optional<ServerProcess> find(Path pidFile, String... words) {
        return firstLine(pidFile)
                .filter(line -> line.matches("\\d{1,18}"))
                .flatMap(line -> ProcessHandle.of(Long.parseLong(line)))
                .filter(process ->
                        Stream.of(words).allMatch(process.info().commandLine().orElse("")::contains))
                .map(ServerProcess::new);
    }

    /** Sends a signal by its name: Java itself knows only TERM and KILL. */
    ServerProcess signal(String name) {
        try {
            new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits for the process to end by itself, and ends it after that time. */
    void awaitEnd(Duration patience) {
        CompletableFuture<ProcessHandle> end = process.onExit();
        end.completeOnTimeout(process, patience.toMillis(), TimeUnit.MILLISECONDS)
                .join();
        if (process.destroyForcibly()) {
            process.onExit().join();
        }
    }

    private static Optional<String> firstLine(Path file) {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.findFirst().map(String::strip);
        } catch (IOException none) {
            return Optional.empty();
        }
    }
}
