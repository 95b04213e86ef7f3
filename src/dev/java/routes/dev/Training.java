package routes.dev;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.springframework.jdbc.core.simple.JdbcClient;
import routes.event.EventJson;

/**
 * A run of the service that does what it does in production: it takes in events, sends mails, calculates positions and calls webhooks. The
 * JVM can keep what it learns from that (the classes that are needed, the profiles of their methods) for later starts.
 */
public final class Training {

    private static final List<String> GROUPS = List.of("email-workers", "position-workers", "reward-workers");

    /** Examples of which others like them are published, as many as make a profile of what is done often. */
    private static final List<String> REPEATED = List.of("user-signed-up", "referral-verified");

    private static final int REPEATS = Integer.getInteger("training.repeats", 300);
    private static final int BATCH = 100;
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private final HttpClient http = HttpClient.newHttpClient();
    private final Platform platform;
    private final Process service;
    private final int port;
    private final int management;
    private int published;

    private Training(Platform platform, ProcessBuilder command) throws IOException {
        Ports ports = new Ports();
        this.port = ports.any();
        this.management = ports.any();
        this.platform = platform;
        command.environment().putAll(platform.settings());
        command.environment().put("SERVER_PORT", Integer.toString(port));
        command.environment().put("MANAGEMENT_PORT", Integer.toString(management));
        this.service = command.start();
    }

    /**
     * Starts servers and has the service work on them. System properties: {@code platform.data}, a directory for the servers;
     * {@code training.repeats}.
     *
     * @param args the directory of the example events, and then the command that starts the service
     */
    public static void main(String[] args) throws Exception {
        Path data = Path.of(System.getProperty("platform.data", "target/training"));
        List<String> all = List.of(args);
        try (Platform platform = Platform.startAnewOnFreePorts(data)) {
            run(platform, Path.of(all.get(0)), new ProcessBuilder(all.subList(1, all.size())).inheritIO());
        }
    }

    /**
     * Starts the service, publishes the examples and others like them, waits until all that follows is done, and stops the service (SIGTERM).
     *
     * @param platform servers that no service has worked on yet
     * @param examples the directory of the example events
     * @param command what starts the service; it gets the settings for the platform
     * @throws IllegalStateException if the service does not start, leaves something undone, or does not end in order
     */
    public static void run(Platform platform, Path examples, ProcessBuilder command) throws Exception {
        DemoCampaign.seed(platform);
        Training training = new Training(platform, command);
        try (Admin admin =
                Admin.create(Map.of("bootstrap.servers", platform.kafka().brokers()))) {
            training.await("ready", () -> training.isAnswered("observe/health/ready"));
            training.publish(examples);
            training.await("done with the events", () -> training.isDone(admin));
            training.look();
            training.stop();
        } finally {
            training.service.destroyForcibly();
        }
    }

    private void publish(Path examples) throws IOException, InterruptedException {
        try (Stream<Path> files = Files.list(examples)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".json")).toList()) {
                post(EventJson.mapper().readTree(Files.readString(file)));
            }
        }
        for (String name : REPEATED) {
            JsonNode example = EventJson.mapper().readTree(Files.readString(examples.resolve(name + ".json")));
            for (int i = 0; i < REPEATS; i += BATCH) {
                post(others(example));
            }
        }
    }

    /** Events like this one, each of which has an effect of its own. */
    private static ArrayNode others(JsonNode example) {
        ArrayNode others = EventJson.mapper().createArrayNode();
        for (int i = 0; i < BATCH; i++) {
            ObjectNode event = example.deepCopy();
            String id = UUID.randomUUID().toString();
            event.put("id", id);
            event.withObject("/data").put(event.at("/data").has("referral_id") ? "referral_id" : "user_id", id);
            others.add(event);
        }
        return others;
    }

    private void post(JsonNode events) throws IOException, InterruptedException {
        HttpResponse<String> answer = http.send(
                HttpRequest.newBuilder(URI.create("http://localhost:%d/events".formatted(port)))
                        .header("Authorization", "Bearer " + Platform.API_KEY)
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(events.toString()))
                        .build(),
                BodyHandlers.ofString());
        if (answer.statusCode() != 202) {
            throw new IllegalStateException(
                    "POST /events answered %d: %s".formatted(answer.statusCode(), answer.body()));
        }
        published += events.isArray() ? events.size() : 1;
    }

    /** Whether every group has taken in all that was published, and every delivery has ended. */
    private boolean isDone(Admin admin) throws ExecutionException, InterruptedException {
        for (String group : GROUPS) {
            long takenIn = admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get().values().stream()
                    .mapToLong(OffsetAndMetadata::offset)
                    .sum();
            if (takenIn < published) {
                return false;
            }
        }
        return count("status IN ('due', 'leased')") == 0;
    }

    /** What operators and Prometheus look at; and whether it worked. */
    private void look() throws IOException, InterruptedException {
        for (String page : List.of("", "observe/metrics", "observe/health", "deliveries")) {
            if (!isAnswered(page)) {
                throw new IllegalStateException("The page /%s does not answer".formatted(page));
            }
        }
        long failed = count("status = 'failed'");
        int mails = platform.inbox().list().size();
        int webhooks = platform.webhooks().list().size();
        if (failed > 0 || mails < REPEATS || webhooks == 0) {
            throw new IllegalStateException(
                    "%d deliveries failed, %d mails and %d webhooks came in".formatted(failed, mails, webhooks));
        }
        System.out.printf("Trained with %d events, %d mails and %d webhooks%n", published, mails, webhooks);
    }

    private long count(String condition) {
        return JdbcClient.create(platform.database().dataSource())
                .sql("SELECT count(*) FROM event_routes.delivery WHERE " + condition)
                .query(Long.class)
                .single();
    }

    private boolean isAnswered(String page) throws InterruptedException {
        String operator = "operator:" + Platform.MANAGEMENT_PASSWORD;
        try {
            return http.send(
                                    HttpRequest.newBuilder(
                                                    URI.create("http://localhost:%d/%s".formatted(management, page)))
                                            .header(
                                                    "Authorization",
                                                    "Basic "
                                                            + Base64.getEncoder()
                                                                    .encodeToString(operator.getBytes(UTF_8)))
                                            .build(),
                                    BodyHandlers.discarding())
                            .statusCode()
                    == 200;
        } catch (IOException notYet) {
            return false;
        }
    }

    /** A condition that may turn true. */
    private interface Condition {
        boolean holds() throws ExecutionException, InterruptedException;
    }

    private void await(String what, Condition condition) throws ExecutionException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.holds()) {
            if (!service.isAlive() || System.nanoTime() > deadline) {
                throw new IllegalStateException("The service is not %s: %s"
                        .formatted(what, service.isAlive() ? "still waiting after " + PATIENCE : "it has ended"));
            }
            Thread.sleep(200);
        }
    }

    /** As it ends, the JVM writes what it has learned, which may take a minute. */
    private void stop() throws InterruptedException {
        service.destroy();
        if (!service.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS) || service.exitValue() != 0) {
            throw new IllegalStateException("The service did not end in order: " + service);
        }
    }
}
