package routes.dev;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A real Kafka broker, its own controller, in a child process: it can be killed like any broker, and its threads and memory are not the
 * service's.
 */
public final class EmbeddedKafka implements KafkaServer {
    private static final Duration START = Duration.ofSeconds(60);
    private static final Duration STOP = Duration.ofSeconds(8);
    private static final String PID_FILE = "kafka.pid";

    /** A directory with the jars of a broker of another version; without it, the one of this build. */
    private static final String LIBRARIES = "platform.kafka.libraries";

    /** Ctrl-C in a terminal reaches every process there, and the service still needs the broker while it closes. */
    private static final List<String> DEAF_TO_TERMINAL = List.of("sh", "-c", "trap '' INT HUP; exec \"$@\"", "sh");

    private final int port;
    private final Path directory;
    private final Ports ports = new Ports();
    private Process process;

    /** Where clients have to log in; none is the usual. */
    private @Nullable Integer loginPort;

    /** A second listener and the port that it tells its clients to use; none is the usual. */
    private @Nullable Detour detour;

    private record Detour(int port, int advertised) {}

    private EmbeddedKafka(int port, Path directory) {
        this.port = port;
        this.directory = directory;
        this.process = launch();
        awaitAnswer();
    }

    /**
     * Starts a broker on what the directory holds, or on nothing if that is new.
     *
     * @param port its port on the loopback interface
     * @throws PlatformException if it does not start; the message ends with the last lines of its log
     */
    public static EmbeddedKafka start(int port, Path directory) {
        return new EmbeddedKafka(port, directory);
    }

    /** Waits for the broker of a killed platform, which ends by itself, and ends it if it does not. */
    static void endLeftover(Path directory) {
        ServerProcess.find(directory.resolve(PID_FILE), KafkaChild.class.getName(), directory.toString())
                .ifPresent(leftover -> leftover.awaitEnd(STOP));
    }

    @Override
    public String brokers() {
        return "localhost:" + port;
    }

    @Override
    public void kill() {
        end(process.destroyForcibly());
    }

    @Override
    public void restart() {
        process = launch();
        awaitAnswer();
    }

    /**
     * Restarts the broker with one more listener, whose clients are told to come by another port: that of a proxy, which a client would
     * otherwise leave behind after its first request.
     *
     * @return the port to which the proxy has to connect
     */
    public int restartBehind(int proxyPort) {
        close();
        Detour behind = new Detour(ports.any(), proxyPort);
        detour = behind;
        restart();
        return behind.port();
    }

    /**
     * Restarts the broker with one more listener, at which clients log in with SCRAM, and again every two seconds, so that a user who is
     * removed is out soon. What they may do is checked; with no rule about a thing, everything. Who does not log in may do all.
     *
     * @return the bootstrap servers for those who log in
     */
    public String restartWithLogin() {
        if (loginPort == null) {
            close();
            loginPort = ports.any();
            restart();
        }
        return "localhost:" + loginPort;
    }

    /** Shuts the broker down in order. */
    public void stop() {
        close();
    }

    @Override
    public void close() {
        try {
            process.getOutputStream().close();
        } catch (IOException alreadyGone) {
            // Then it has ended, or is about to.
        }
        end(process);
    }

    private Process launch() {
        Ports.requireSilence(port, "Kafka");
        try {
            Files.createDirectories(directory);
            Path settings = directory.resolve("server.properties");
            Files.write(
                    settings,
                    settings(new Ports().any()).stream()
                            .map(EmbeddedKafka::ascii)
                            .toList());
            ProcessBuilder builder = new ProcessBuilder(Stream.concat(
                                    DEAF_TO_TERMINAL.stream(),
                                    Stream.of(
                                            Path.of(System.getProperty("java.home"), "bin", "java")
                                                    .toString(),
                                            "-Xmx256m",
                                            "-XX:+UseSerialGC",
                                            "-XX:TieredStopAtLevel=1",
                                            "-Dlogback.configurationFile=dev/kafka-logback.xml",
                                            KafkaChild.class.getName(),
                                            settings.toString()))
                            .toList())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()));
            // Not as an argument: it is longer than some systems allow, and makes the list of processes hard to read.
            builder.environment().put("CLASSPATH", classPath());
            Process started = builder.start();
            Files.writeString(directory.resolve(PID_FILE), Long.toString(started.pid()));
            return started;
        } catch (IOException e) {
            throw new PlatformException("Kafka cannot be started in " + directory + ": " + e, e);
        }
    }

    /** Of another version: its jars, the class that starts them, and nothing else of this build. */
    private static String classPath() {
        String jars = System.getProperty(LIBRARIES, "");
        if (jars.isEmpty()) {
            return System.getProperty("java.class.path");
        }
        URL ours = KafkaChild.class.getProtectionDomain().getCodeSource().getLocation();
        return jars + "/*" + File.pathSeparator + Path.of(URI.create(ours.toString()));
    }

    /** Kafka reads its settings as Java reads properties: in Latin-1, with escapes for other letters. */
    private static String ascii(String line) {
        return line.chars()
                .mapToObj(c -> c < 128 ? String.valueOf((char) c) : "\\u%04x".formatted(c))
                .collect(Collectors.joining());
    }

    private List<String> settings(int controllerPort) {
        List<String> login = loginPort == null
                ? List.of()
                : List.of(
                        "sasl.enabled.mechanisms=SCRAM-SHA-512",
                        "listener.name.login.scram-sha-512.sasl.jaas.config="
                                + "org.apache.kafka.common.security.scram.ScramLoginModule required;",
                        "listener.name.login.scram-sha-512.connections.max.reauth.ms=2000",
                        "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
                        "super.users=User:ANONYMOUS",
                        "allow.everyone.if.no.acl.found=true");
        return Stream.concat(login.stream(), usual(controllerPort).stream()).toList();
    }

    private List<String> usual(int controllerPort) {
        return List.of(
                "process.roles=broker,controller",
                "node.id=1",
                "controller.quorum.voters=1@localhost:" + controllerPort,
                "controller.listener.names=CONTROLLER",
                "listeners=PLAINTEXT://localhost:" + port + ",CONTROLLER://localhost:" + controllerPort
                        + (detour == null ? "" : ",DETOUR://localhost:" + detour.port())
                        + (loginPort == null ? "" : ",LOGIN://localhost:" + loginPort),
                "advertised.listeners=PLAINTEXT://localhost:" + port
                        + (detour == null ? "" : ",DETOUR://localhost:" + detour.advertised())
                        + (loginPort == null ? "" : ",LOGIN://localhost:" + loginPort),
                "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,DETOUR:PLAINTEXT,LOGIN:SASL_PLAINTEXT",
                "inter.broker.listener.name=PLAINTEXT",
                "log.dirs=" + directory.resolve("log").toString().replace('\\', '/'),
                "# Topics are made on purpose, as in production.",
                "auto.create.topics.enable=false",
                "# One broker holds the only copy.",
                "offsets.topic.replication.factor=1",
                "offsets.topic.num.partitions=5",
                "transaction.state.log.replication.factor=1",
                "transaction.state.log.min.isr=1",
                "transaction.state.log.num.partitions=5",
                "share.coordinator.state.topic.replication.factor=1",
                "share.coordinator.state.topic.min.isr=1",
                "# Nobody else is going to join the group.",
                "group.initial.rebalance.delay.ms=0",
                "# With group.protocol=consumer the brokers decide how often a member is heard of; these are for few members.",
                "group.consumer.min.heartbeat.interval.ms=100",
                "group.consumer.heartbeat.interval.ms=500",
                "group.consumer.min.session.timeout.ms=1000",
                "group.consumer.session.timeout.ms=6000",
                "# After a crash the controller waits this long before it lets the broker in again.",
                "broker.session.timeout.ms=1500",
                "broker.heartbeat.interval.ms=300",
                "# Fits the small heap.",
                "log.cleaner.dedupe.buffer.size=2097152");
    }

    private void awaitAnswer() {
        long deadline = System.nanoTime() + START.toNanos();
        try {
            while (System.nanoTime() < deadline && !process.waitFor(100, TimeUnit.MILLISECONDS)) {
                if (Ports.isListening(port) && answers()) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        process.destroyForcibly();
        throw new PlatformException("Kafka did not start. Its log " + log() + " ends with:\n" + LogFile.tail(log())
                + "\n" + PlatformException.RESET);
    }

    private Path log() {
        return directory.resolveSibling("kafka.log");
    }

    private static void end(Process process) {
        try {
            if (!process.waitFor(STOP.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
