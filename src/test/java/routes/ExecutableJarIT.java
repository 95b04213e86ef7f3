package routes;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import faults.HostileCallers;
import faults.QuickStart;
import faults.Service;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;
import routes.dev.Platform;
import routes.dev.Ports;
import routes.dev.ReceivedMail;
import routes.event.DomainEvent;
import routes.event.EventJson;
import routes.event.Events;

/**
 * The jar as it is deployed: how it starts, what it tells and how it stops. On a platform of its own, as an instance of its own, unpacked
 * as in the image; without settings also as it is built.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ExecutableJarIT {

    private static final String TOPIC = "jar-events";
    private static final String SMTP_PASSWORD = "secret-of-smtp";

    private final HttpClient http = HttpClient.newHttpClient();
    private final Ports ports = new Ports();
    private final int port = ports.any();
    private final int managementPort = ports.any();
    private final Path directory;
    private final Platform platform;
    private final JdbcClient jdbc;
    private final Path log;
    private final QuickStart quickStart;
    private final Process service;

    ExecutableJarIT(@TempDir Path directory) throws IOException {
        this.directory = directory;
        this.platform = Platform.startAnewOnFreePorts(directory.resolve("platform"));
        this.jdbc = JdbcClient.create(platform.database().dataSource());
        this.log = directory.resolve("service.log");
        Map<String, String> settings = new HashMap<>(platform.settings());
        settings.put("SERVER_PORT", String.valueOf(port));
        settings.put("MANAGEMENT_PORT", String.valueOf(managementPort));
        settings.put("KAFKA_TOPIC", TOPIC);
        settings.put("KAFKA_GROUP_INSTANCE_ID", "jar-1");
        settings.put("KAFKA_WORKER_POOL_SIZE", "3");
        settings.put("CONFIG_TREE", secrets(settings).toString());
        neighbours().forEach(settings::putIfAbsent);
        this.quickStart = QuickStart.ofThisBuild(Service.Start.of(directory.resolve("training.log"), settings));
        this.service = Service.process(quickStart.apply(Service.Start.of(log, settings)));
    }

    /** What Kubernetes tells a container of Services in its namespace, for names that settings begin with, and a look-alike. */
    private static Map<String, String> neighbours() {
        Map<String, String> links =
                new HashMap<>(Map.of("MAIL_HOST", "mail.elsewhere.example", "MAIL_USERNAME", "someone"));
        for (String name :
                List.of("MAIL", "SMTP", "SERVER", "MANAGEMENT", "KAFKA", "DB", "WEBHOOKS", "DELIVERIES", "SPRING")) {
            links.put(name + "_SERVICE_HOST", "10.96.0.7");
            links.put(name + "_SERVICE_PORT", "25");
            links.put(name + "_SERVICE_PORT_ANY", "25");
            links.put(name + "_PORT", "tcp://10.96.0.7:25");
            links.put(name + "_PORT_25_TCP", "tcp://10.96.0.7:25");
            links.put(name + "_PORT_25_TCP_PROTO", "tcp");
            links.put(name + "_PORT_25_TCP_PORT", "25");
            links.put(name + "_PORT_25_TCP_ADDR", "10.96.0.7");
        }
        return links;
    }

    /** Has secrets in files, as an orchestrator mounts them, and in no variable. */
    private Path secrets(Map<String, String> settings) throws IOException {
        Path files = Files.createDirectory(directory.resolve("secrets"));
        for (String variable : List.of("DB_PASSWORD", "PUBLISH_API_KEY", "MANAGEMENT_PASSWORD")) {
            Files.writeString(files.resolve(variable), settings.remove(variable) + "\n");
        }
        Files.writeString(files.resolve("SMTP_PASSWORD"), SMTP_PASSWORD + "\n");
        return files;
    }

    @BeforeAll
    void awaitReadiness() {
        await().atMost(Duration.ofMinutes(3)).until(() -> !service.isAlive() || isReady());
        assertThat(service.isAlive()).as(() -> "ready: " + read(log)).isTrue();
    }

    private boolean isReady() throws Exception {
        try {
            return observe("health/ready").statusCode() == 200;
        } catch (ConnectException notYet) {
            return false;
        }
    }

    @AfterAll
    void stop() {
        service.destroyForcibly();
        platform.close();
    }

    @Test
    void theLogSaysWhatIsConsumedFromWhereAndByWhom() {
        assertThat(read(log))
                .contains("Domain events topic: " + TOPIC)
                .contains("Kafka brokers: [" + platform.kafka().brokers() + "]")
                .contains("Worker pool size: 3 per consumer group")
                .contains("email-workers (processes: user.signed_up, user.verified, referral.verified, reward.earned,"
                        + " campaign.milestone_reached), 3 workers")
                .contains("position-workers (processes: referral.verified), 1 worker")
                .contains("reward-workers (processes: reward.earned), 3 workers");
    }

    @Test
    void theLogOfAGoodStartHasNoWarning() {
        assertThat(read(log).lines()).noneMatch(line -> line.contains(" WARN ") || line.contains(" ERROR "));
    }

    @Test
    void measurementsAreThereAndTheSettingsAreNot() throws Exception {
        assertThat(observe("metrics").body()).contains("jvm_memory_used_bytes");
        assertThat(operate("env").statusCode()).isEqualTo(404);
        assertThat(operate("configprops").statusCode()).isEqualTo(404);
        assertThat(operate("heapdump").statusCode()).isEqualTo(404);
    }

    @Test
    void secretsOfFilesAreThoseThatCountAndStandNowhere() throws Exception {
        assertThat(operate("consumers").statusCode()).as("MANAGEMENT_PASSWORD").isEqualTo(200);
        assertThat(publish(List.of(Events.signedUp(Events.email()))).statusCode())
                .as("PUBLISH_API_KEY")
                .isEqualTo(202);

        assertThat(read(log)).doesNotContain(SMTP_PASSWORD, Platform.MANAGEMENT_PASSWORD, "dev-key");
        assertThat(operate("consumers").body()).doesNotContain(SMTP_PASSWORD);
    }

    @Test
    void whatIsConsumedAndDoneIsCounted() throws Exception {
        publish(List.of(Events.signedUp(Events.email())));

        await().untilAsserted(() -> assertThat(observe("metrics").body().lines())
                .anyMatch(line -> line.startsWith("domain_events_consumed_total{")
                        && line.contains("group=\"email-workers\"")
                        && line.contains("type=\"user.signed_up\""))
                .anyMatch(line ->
                        line.startsWith("domain_events_handled_total{") && line.contains("outcome=\"delivered\"")));
    }

    @Test
    void anInstanceWithANameIsAStaticMemberOfItsGroups() throws Exception {
        Map<String, Object> brokers =
                Map.of("bootstrap.servers", platform.kafka().brokers());
        try (Admin admin = Admin.create(brokers)) {
            await().untilAsserted(() -> assertThat(admin.describeConsumerGroups(Pipeline.GROUPS)
                            .all()
                            .get()
                            .values())
                    .hasSize(3)
                    .allSatisfy(
                            group -> assertThat(group.members()).singleElement().satisfies(member -> assertThat(
                                            member.groupInstanceId())
                                    .contains("jar-1"))));
        }
    }

    @Test
    void managementIsNotOnThePortOfTheApi() throws Exception {
        assertThat(get(port, "/observe/metrics").statusCode()).isEqualTo(404);
    }

    @Test
    void withoutSettingsTheStartNamesAllThatAreMissing() throws Exception {
        Path output = directory.resolve("refusal.log");

        Process refused = Service.process(Service.Start.of(output, Map.of()));

        boolean ended = refused.waitFor(180, TimeUnit.SECONDS);
        refused.destroyForcibly();
        assertThat(ended).as("ended by itself").isTrue();
        assertThat(refused.exitValue()).isEqualTo(1);
        assertThat(read(output))
                .contains("DB_URL", "SMTP_HOST", "MAIL_FROM", "MAIL_SECRETS", "is missing")
                .doesNotContain("\tat ");
    }

    /** As the image starts it, with a directory of jars behind the jar's own. */
    @Test
    void aComponentBesideTheJarIsFoundAndTheArchiveOfClassesStaysValid() throws Exception {
        Path loaded = directory.resolve("loaded.log");

        List<String> said = PagerComponent.run(
                "-XX:SharedArchiveFile=" + quickStart.archive(),
                "-Xlog:class+load:file=" + loaded,
                "-cp",
                quickStart.jar() + File.pathSeparator + PagerComponent.jarIn(directory.resolve("components")) + "/*",
                PagerComponent.class.getName());

        assertThat(said).contains(PagerComponent.class.getName());
        assertThat(read(loaded).lines()).anyMatch(line -> line.contains("shared objects file (top)"));
    }

    @Test
    void aCheckTellsByItsExitCodeAndItsOutputAndConnectsToNothing() throws Exception {
        try (ServerSocket servers = new ServerSocket(0)) {
            String server = "localhost:" + servers.getLocalPort();
            Service.Start check = quickStart
                    .apply(Service.Start.of(
                            directory.resolve("check.log"),
                            Map.of(
                                    "KAFKA_BROKERS",
                                    server,
                                    "DB_URL",
                                    "jdbc:postgresql://%s/none".formatted(server),
                                    "SMTP_HOST",
                                    "localhost",
                                    "SMTP_PORT",
                                    String.valueOf(servers.getLocalPort()),
                                    "MAIL_FROM",
                                    "nobody@example.com",
                                    "MAIL_SECRETS",
                                    "only-for-this-test-and-long-enough",
                                    "ROUTES_DIRECTORY",
                                    "examples/routes",
                                    "SLACK_WEBHOOK_URL",
                                    "http://" + server)))
                    .with("--check");

            assertThat(exitCode(check)).as(() -> read(check.log())).isZero();
            assertThat(read(check.log())).isEqualToIgnoringNewLines("All is well.");
            assertThat(exitCode(check.withVariable("RETRY_SCHEDULE", "soon").withVariable("KAFKA_BROKER", server)))
                    .isEqualTo(1);
            assertThat(read(check.log()))
                    .contains("RETRY_SCHEDULE (deliveries.retry-schedule) is \"soon\"", "Problems: 1")
                    .contains("KAFKA_BROKER is not a variable of this service, did you mean KAFKA_BROKERS?");

            servers.setSoTimeout(1);
            assertThatThrownBy(servers::accept).as("a connection").isInstanceOf(SocketTimeoutException.class);
        }
    }

    private static int exitCode(Service.Start start) throws InterruptedException {
        Process process = Service.process(start);
        boolean ended = process.waitFor(180, TimeUnit.SECONDS);
        process.destroyForcibly();
        assertThat(ended).as("ended by itself").isTrue();
        return process.exitValue();
    }

    /** The long form is F25 of the faults; the heap is that of the image, 256 MB. */
    @Test
    @Order(Integer.MAX_VALUE - 1)
    void hostileCallersOfEitherPortDoNotEndItAndAnEventIsMailedSoonAfter() throws Exception {
        try (HostileCallers callers = new HostileCallers(port, managementPort, Platform.API_KEY)) {
            callers.sendEndlessForms();
            callers.sendBigHeaders(20);
            callers.guessKeys(60);
            callers.holdSlowBodies(60);
            callers.holdHalfRequests(700);

            assertThat(callers.answers().get("429"))
                    .as("answers: %s", callers.answers())
                    .isPositive();
            assertThat(callers.answers()).containsKeys("401", "ports that took no more");
        }
        await().until(() -> !service.isAlive() || isReady());
        assertThat(service.isAlive()).as(() -> "alive: " + read(log)).isTrue();

        String email = Events.email();
        assertThat(publish(List.of(Events.signedUp(email))).statusCode()).isEqualTo(202);
        await().untilAsserted(() ->
                assertThat(platform.inbox().list()).extracting(ReceivedMail::to).contains(email));
    }

    @Test
    @Order(Integer.MAX_VALUE)
    void toldToStopItEndsSoonAndLosesNothingOfWhatIsUnderWay() throws Exception {
        List<DomainEvent> events = Stream.generate(() -> Events.signedUp(Events.email()))
                .limit(500)
                .toList();
        long before = delivered();
        assertThat(publish(events).statusCode()).isEqualTo(202);
        await().until(() -> delivered() > before);

        service.destroy();

        assertThat(service.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(service.exitValue()).isZero();
        assertThat(count("SELECT count(*) FROM event_routes.delivery WHERE status NOT IN ('due', 'delivered')"))
                .as("leased to it still, or failed")
                .isZero();
        assertThat(count("SELECT count(*) FROM event_routes.instance")).isZero();
        assertThat(count("SELECT count(*) FROM event_routes.delivery"))
                .as("recorded, and so committed")
                .isEqualTo(committed("email-workers"));
        assertThat(delivered()).isEqualTo(platform.inbox().list().size());
        assertThat(read(log).lines()).noneMatch(line -> line.contains(" ERROR "));
    }

    private HttpResponse<String> publish(List<DomainEvent> events) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create("http://localhost:%d/events".formatted(port)))
                        .header("Authorization", "Bearer dev-key")
                        .POST(BodyPublishers.ofString(
                                EventJson.mapper().valueToTree(events).toString()))
                        .build(),
                BodyHandlers.ofString());
    }

    private HttpResponse<String> observe(String what) throws Exception {
        return get(managementPort, "/observe/" + what);
    }

    /** What needs the login. */
    private HttpResponse<String> operate(String what) throws Exception {
        String login = "operator:" + Platform.MANAGEMENT_PASSWORD;
        URI address = URI.create("http://localhost:%d/observe/%s".formatted(managementPort, what));
        return http.send(
                HttpRequest.newBuilder(address)
                        .header("Authorization", "Basic " + Base64.getEncoder().encodeToString(login.getBytes(UTF_8)))
                        .build(),
                BodyHandlers.ofString());
    }

    private HttpResponse<String> get(int port, String path) throws Exception {
        URI address = URI.create("http://localhost:%d%s".formatted(port, path));
        return http.send(HttpRequest.newBuilder(address).build(), BodyHandlers.ofString());
    }

    private long delivered() {
        return count("SELECT count(*) FROM event_routes.delivery WHERE status = 'delivered'");
    }

    private long count(String query) {
        return jdbc.sql(query).query(Long.class).single();
    }

    private long committed(String group) throws Exception {
        try (Admin admin =
                Admin.create(Map.of("bootstrap.servers", platform.kafka().brokers()))) {
            return admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get().values().stream()
                    .mapToLong(OffsetAndMetadata::offset)
                    .sum();
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
