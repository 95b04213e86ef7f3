package faults;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import routes.dev.Platform;
import routes.dev.Ports;

/** The service as it is deployed, the executable jar, in a process that can be killed, frozen and told to stop. */
public final class Service implements AutoCloseable {

    /** As it is built. */
    static final Path JAR = Path.of("target", "domain-event-routes-exec.jar");

    /** Half as many calls as usual until a method is compiled: a start takes a tenth less of the processor. */
    private static final List<String> COMPILED_SOON = List.of(
            "-XX:Tier3InvocationThreshold=100", "-XX:Tier3MinInvocationThreshold=50", "-XX:Tier3CompileThreshold=1000");

    private final HttpClient http = HttpClient.newHttpClient();
    private final Process process;
    private final Instant startedAt = Instant.now();
    private final int managementPort;
    private final Path log;

    private Service(Process process, int managementPort, Path log) {
        this.process = process;
        this.managementPort = managementPort;
        this.log = log;
    }

    /** What a process is started with: all of it, and nothing from this process's own environment. */
    public record Start(
            Path jar, Path log, Map<String, String> environment, List<String> arguments, List<String> jvmOptions) {

        /** A start without arguments. */
        public static Start of(Path log, Map<String, String> environment) {
            return new Start(JAR, log, environment, List.of(), List.of());
        }

        /** The same from another jar. */
        Start withJar(Path other) {
            return new Start(other, log, environment, arguments, jvmOptions);
        }

        /** The same with more settings, such as {@code --deliveries.queue-size=10}. */
        public Start with(String... more) {
            List<String> all = new ArrayList<>(arguments);
            all.addAll(List.of(more));
            return new Start(jar, log, environment, all, jvmOptions);
        }

        /** The same with another value of an environment variable. */
        public Start withVariable(String name, String value) {
            Map<String, String> all = new TreeMap<>(environment);
            all.put(name, value);
            return new Start(jar, log, all, arguments, jvmOptions);
        }

        /** The same with more options of the JVM, such as {@code -javaagent:...}. */
        public Start withJvm(String... more) {
            List<String> all = new ArrayList<>(jvmOptions);
            all.addAll(List.of(more));
            return new Start(jar, log, environment, arguments, all);
        }
    }

    /** Starts the process alone, with the ports that the environment names; for whoever looks after it themselves. */
    public static Process process(Start start) {
        List<String> command = new ArrayList<>(List.of(java(), "-Xmx256m"));
        command.addAll(
                List.of("-XX:TieredStopAtLevel=1", "-Xshare:auto", "-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError"));
        command.addAll(COMPILED_SOON);
        command.addAll(start.jvmOptions());
        command.addAll(List.of("-jar", start.jar().toString()));
        command.addAll(start.arguments());
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(start.log().toFile()));
        builder.environment().clear();
        builder.environment().putAll(start.environment());
        try {
            return builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    /** Starts the service on free ports, or with the port of the API that the start names, and returns at once. */
    public static Service start(Start start) {
        int port = new Ports().any();
        Process process =
                process(start.withVariable("SERVER_PORT", start.environment().getOrDefault("SERVER_PORT", "0"))
                        .withVariable("MANAGEMENT_PORT", String.valueOf(port)));
        return new Service(process, port, start.log());
    }

    /** Waits until its readiness answers. */
    public Service awaitReady() {
        await("readiness, log: " + log)
                .atMost(Duration.ofMinutes(3))
                .pollInterval(Duration.ofMillis(100))
                .until(() -> !process.isAlive() || isReady());
        if (!process.isAlive()) {
            throw new IllegalStateException("The service ended while it started: " + log);
        }
        return this;
    }

    /** Whether its readiness answers that it is. */
    public boolean isReady() {
        return isUp("ready");
    }

    /** Whether a part of its health, such as {@code live}, answers that it is up. */
    boolean isUp(String part) {
        try {
            URI health = URI.create("http://localhost:%d/observe/health/%s".formatted(managementPort, part));
            return http.send(
                                    HttpRequest.newBuilder(health)
                                            .timeout(Duration.ofSeconds(2))
                                            .build(),
                                    BodyHandlers.discarding())
                            .statusCode()
                    == 200;
        } catch (IOException notYet) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** The sum of all samples of a counter of this name with this label, such as {@code group="email-workers"}. */
    double counter(String name, String label) {
        return metrics()
                .filter(line -> line.startsWith(name + "{") && line.contains(label))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    /** Its metrics, as lines of the format of Prometheus. */
    Stream<String> metrics() {
        return ask("/observe/metrics", null).lines();
    }

    /**
     * What its management answers the operator of the development platform.
     *
     * @param json what is posted; null to get it
     * @throws IllegalStateException if the answer is not 200
     */
    String ask(String path, @Nullable String json) {
        String login = "operator:" + Platform.MANAGEMENT_PASSWORD;
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create("http://localhost:%d%s".formatted(managementPort, path)))
                .timeout(Duration.ofSeconds(30))
                .header(
                        "Authorization",
                        "Basic " + Base64.getEncoder().encodeToString(login.getBytes(StandardCharsets.UTF_8)));
        if (json != null) {
            request.header("Content-Type", "application/json").POST(BodyPublishers.ofString(json));
        }
        try {
            HttpResponse<String> answer = http.send(request.build(), BodyHandlers.ofString());
            if (answer.statusCode() != 200) {
                throw new IllegalStateException("%s: %d %s".formatted(path, answer.statusCode(), answer.body()));
            }
            return answer.body();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** When the process was started. */
    public Instant startedAt() {
        return startedAt;
    }

    /** The port of its management. */
    public int managementPort() {
        return managementPort;
    }

    /** Its id among the processes. */
    public long pid() {
        return process.pid();
    }

    /** Whether it runs, or is frozen. */
    public boolean isAlive() {
        return process.isAlive();
    }

    /** What it has written to its log so far. */
    public String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends it at once, as a crash would (kill -9). */
    public void kill() {
        process.destroyForcibly();
        awaitEnd(Duration.ofSeconds(10));
    }

    /** Freezes it: its connections stay, nothing answers (SIGSTOP). */
    public void freeze() {
        signal("STOP");
    }

    /** Lets it go on where it was frozen (SIGCONT). */
    public void thaw() {
        signal("CONT");
    }

    /**
     * Tells it to stop (SIGTERM), and waits until it has.
     *
     * @return how long it took
     */
    public Duration terminate(Duration patience) {
        Instant told = Instant.now();
        process.destroy();
        awaitEnd(patience);
        return Duration.between(told, Instant.now());
    }

    /** Waits until it has ended, whoever ended it; returns its exit code. */
    public int awaitEnd(Duration patience) {
        try {
            if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IllegalStateException("The service still runs after %s: %s".formatted(patience, log));
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private void signal(String name) {
        try {
            int code = new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid()))
                    .start()
                    .waitFor();
            if (code != 0) {
                throw new IllegalStateException("kill -%s answered %d".formatted(name, code));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends it without ceremony; also when it is frozen. */
    @Override
    public void close() {
        if (process.isAlive()) {
            kill();
        }
    }
}
