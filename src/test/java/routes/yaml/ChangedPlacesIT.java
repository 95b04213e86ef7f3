package routes.yaml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import routes.OnPlatform;
import routes.Pipeline;
import routes.TestCampaign;
import routes.Unhurried;
import routes.dev.Inbox;
import routes.event.DomainEvent;
import routes.event.EventData.ReferralVerified;
import routes.event.EventData.RewardEarned;
import routes.event.EventData.UserSignedUp;
import routes.event.EventData.UserVerified;
import routes.event.EventJson;
import routes.event.EventPublisher;
import routes.event.Events;

/** The three changes of docs/guides/change-a-consumer.md as they are shipped, and its steps after an outcome. */
@OnPlatform
@ExtendWith(TestCampaign.OfEachTest.class)
@ExtendWith(OutputCaptureExtension.class)
class ChangedPlacesIT {

    private static final Pattern YAML_OF_THE_GUIDE =
            Pattern.compile("(?s)```yaml\\n(- route:\\n    id: after-mail.*?)```");

    /** What each provider got, and what it answers. */
    private static final List<Request> REQUESTS = new CopyOnWriteArrayList<>();

    private static final Map<String, Integer> ANSWERS = new ConcurrentHashMap<>();
    private static final HttpServer PROVIDERS = providers();

    @TempDir
    private static Path directory = Path.of("");

    @Autowired
    private Pipeline pipeline;

    @Autowired
    private EventPublisher publisher;

    @Autowired
    private JdbcClient jdbc;

    @Autowired
    private Inbox inbox;

    private TestCampaign campaign;

    private record Request(String path, Headers headers, JsonNode body) {}

    private static HttpServer providers() {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/", exchange -> {
                String path = exchange.getRequestURI().getPath();
                REQUESTS.add(new Request(
                        path,
                        exchange.getRequestHeaders(),
                        EventJson.mapper().readTree(exchange.getRequestBody().readAllBytes())));
                exchange.sendResponseHeaders(ANSWERS.getOrDefault(path, 200), -1);
                exchange.close();
            });
            server.start();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @DynamicPropertySource
    static void settings(DynamicPropertyRegistry registry) throws IOException {
        String url = "http://localhost:%d".formatted(PROVIDERS.getAddress().getPort());
        for (String example : List.of("sms/sms", "mail-api/mail-api")) {
            Path file = Path.of("examples/places", example + ".camel.yaml");
            Files.copy(file, directory.resolve(file.getFileName()));
        }
        Matcher guide = YAML_OF_THE_GUIDE.matcher(Files.readString(Path.of("docs/guides/change-a-consumer.md")));
        assertThat(guide.find()).isTrue();
        Files.writeString(directory.resolve("after-mail.camel.yaml"), guide.group(1));
        Files.writeString(directory.resolve("after-reward.camel.yaml"), """
                - route:
                    id: after-reward
                    from:
                      uri: direct:after-reward
                      steps:
                        - to:
                            uri: sql
                            parameters:
                              query: INSERT INTO rewarded (how_many) VALUES (CAST(:#${body.size} AS integer))
                """);
        registry.add("routes.directory", () -> directory.toString());
        registry.add("sql.location", () -> "examples/places/capped/");
        registry.add("SMS_URL", () -> url + "/sms");
        registry.add("SMS_KEY", () -> "sms-key");
        registry.add("MAIL_API_URL", () -> url + "/mail");
        registry.add("MAIL_API_KEY", () -> "mail-key");
    }

    @BeforeAll
    static void makeTheTables(@Autowired JdbcClient jdbc) throws Exception {
        jdbc.sql(Files.readString(Path.of("examples/places/sms/sms.sql"))).update();
        jdbc.sql("CREATE TABLE IF NOT EXISTS welcomed (user_id uuid PRIMARY KEY, at timestamptz NOT NULL)")
                .update();
        jdbc.sql("CREATE TABLE IF NOT EXISTS rewarded (how_many integer NOT NULL)")
                .update();
    }

    @AfterAll
    static void stopTheProviders() {
        PROVIDERS.stop(0);
    }

    @BeforeEach
    void prepare() {
        REQUESTS.clear();
    }

    @AfterEach
    void cleanUp() {
        ANSWERS.clear();
    }

    @Test
    void aRehearsalGoesThroughTheApiToo() throws Exception {
        UUID person = campaign.person();

        JsonNode report = pipeline.operation(
                "rehearsals/" + id(), "{\"to\":\"ops@operator.example\",\"reason\":\"before the launch\"}");

        assertThat(report.findValuesAsText("result")).hasSize(6).containsOnly("sent");
        List<Request> rehearsed = REQUESTS.stream()
                .filter(request -> request.body().path("to").asText().equals("ops@operator.example"))
                .toList();
        assertThat(rehearsed).hasSize(6).allSatisfy(request -> {
            assertThat(request.body().path("subject").asText()).startsWith("[Rehearsal] ");
            assertThat(request.body().at("/headers/X-Rehearsal").asText()).isNotBlank();
        });
        assertThat(requests("/mail", person)).isEmpty();
        ANSWERS.put("/mail", 422);
        assertThat(pipeline.operation("rehearsals/" + id(), "{\"to\":\"ops@operator.example\",\"reason\":\"again\"}")
                        .at("/mails/0/reason")
                        .asText())
                .isEqualTo("the mail provider refused it: 422");
    }

    @Test
    void mailGoesThroughTheApiWithAllThatSmtpWouldHaveAndFailuresAreRetriedUnderTheSameKey() throws Exception {
        UUID person = campaign.person();
        ANSWERS.put("/mail", 503);
        DomainEvent event = Events.of(new UserVerified(person.toString(), id(), address(person)));
        try (Unhurried delivery = Unhurried.deliveriesOf(event, jdbc)) {
            publisher.publish(event);
            await().until(() -> attempts("email-workers").contains("due"));
            ANSWERS.clear();
        }
        pipeline.awaitDrained();

        List<Request> requests = requests("/mail", person);
        assertThat(requests).hasSizeGreaterThan(1).allSatisfy(request -> {
            assertThat(request.headers().getFirst("Authorization")).isEqualTo("Bearer mail-key");
            assertThat(request.headers().keySet()).noneMatch(header -> header.startsWith("Camel"));
            assertThat(request.body().path("subject").asText()).isEqualTo("Your email address is confirmed");
            assertThat(request.body().path("from").asText()).contains("@");
            assertThat(request.body().path("text").asText()).isNotBlank();
            assertThat(request.body().path("html").asText()).startsWithIgnoringCase("<!doctype html>");
            assertThat(request.body().path("headers").path("Message-Id").asText())
                    .contains(delivery("email-workers").toString());
        });
        assertThat(requests)
                .extracting(request -> request.headers().getFirst("Idempotency-Key"))
                .containsOnly(delivery("email-workers").toString());
        assertThat(attempts("email-workers"))
                .hasSize(requests.size())
                .endsWith("delivered")
                .first(InstanceOfAssertFactories.STRING)
                .isEqualTo("due");
        assertThat(reasons("email-workers"))
                .anyMatch(reason -> reason.contains("the mail provider answered 503"))
                .noneMatch(reason -> reason.contains("mail-key"));
        assertThat(inbox.list()).noneMatch(mail -> mail.to().contains(address(person)));
    }

    @Test
    void aMailThatTheApiRefusesHasFailedAndASuppressedAddressIsNotEvenAsked() throws Exception {
        UUID person = campaign.person();
        ANSWERS.put("/mail", 422);
        publisher.publish(Events.of(new UserVerified(person.toString(), id(), address(person))));
        pipeline.awaitDrained();
        assertThat(attempts("email-workers")).containsExactly("failed");

        UUID other = campaign.person();
        pipeline.operation(
                "suppressions",
                "{\"action\": \"add\", \"address\": \"%s\", \"reason\": \"a test\"}".formatted(address(other)));
        publisher.publish(Events.of(new UserVerified(other.toString(), id(), address(other))));
        pipeline.awaitDrained();

        assertThat(attempts("email-workers")).containsExactlyInAnyOrder("failed", "skipped");
        assertThat(requests("/mail", other)).isEmpty();
    }

    @Test
    void anSmsGoesBesideTheWelcomeAndItsFailureSendsNoSecondMail() throws Exception {
        UUID person = campaign.person();
        jdbc.sql("UPDATE waitlist_users SET phone = '+4915112345678' WHERE id = ?")
                .param(person)
                .update();
        ANSWERS.put("/sms", 500);
        DomainEvent event = Events.of(new UserSignedUp(person.toString(), id(), address(person)));
        try (Unhurried delivery = Unhurried.deliveriesOf(event, jdbc)) {
            publisher.publish(event);
            await().until(() -> attempts("sms-workers").contains("due"));
            ANSWERS.clear();
        }
        pipeline.awaitDrained();

        assertThat(requests("/mail", person)).hasSize(1);
        assertThat(attempts("sms-workers")).hasSizeGreaterThan(1).endsWith("delivered");
        List<Request> sms = REQUESTS.stream()
                .filter(request -> request.path().equals("/sms"))
                .toList();
        assertThat(sms).hasSameSizeAs(attempts("sms-workers")).allSatisfy(request -> {
            assertThat(request.headers().getFirst("Idempotency-Key"))
                    .isEqualTo(delivery("sms-workers").toString());
            assertThat(request.headers().getFirst("Authorization")).isEqualTo("Bearer sms-key");
            assertThat(request.body().path("to").asText()).isEqualTo("+4915112345678");
        });
    }

    @Test
    void whoHasNoNumberGetsNoSms() throws Exception {
        UUID person = campaign.person();
        publisher.publish(Events.of(new UserSignedUp(person.toString(), id(), address(person))));
        await().until(() -> !attempts("sms-workers").isEmpty());
        pipeline.awaitDrained();

        assertThat(attempts("sms-workers")).containsExactly("skipped");
        assertThat(attempts("email-workers")).containsExactly("delivered");
    }

    @Test
    void anSmsThatTheProviderRefusesFailsForGoodAndItsReasonDoesNotShowTheAddress() throws Exception {
        UUID person = campaign.person();
        jdbc.sql("UPDATE waitlist_users SET phone = '+4915112345678' WHERE id = ?")
                .param(person)
                .update();
        ANSWERS.put("/sms", 422);
        publisher.publish(Events.of(new UserSignedUp(person.toString(), id(), address(person))));
        await().until(() -> !attempts("sms-workers").isEmpty());
        pipeline.awaitDrained();

        assertThat(attempts("sms-workers")).containsExactly("failed");
        assertThat(reason("sms-workers")).isEqualTo("the SMS provider refused it: 422");
    }

    @Test
    void whoSignsUpBeforeTheirRowIsCommittedGetsTheSmsOnceItIs() throws Exception {
        UUID person = UUID.randomUUID();
        String address = Events.email();
        DomainEvent event = Events.of(new UserSignedUp(person.toString(), id(), address));
        try (Unhurried delivery = Unhurried.deliveriesOf(event, jdbc)) {
            publisher.publish(event);
            await().until(() -> attempts("sms-workers").contains("due"));
            assertThat(reason("sms-workers")).endsWith("the person is not in the table yet");
            jdbc.sql("""
                            INSERT INTO waitlist_users (id, campaign_id, email, referral_code, original_position, position, phone)
                            VALUES (?, CAST(? AS uuid), ?, 'CODE', 10, 10, '+4915112345678')
                            """).params(person, id(), address).update();
        }
        pipeline.awaitDrained();

        assertThat(attempts("sms-workers")).endsWith("delivered");
    }

    @Test
    void whoIsBlockedGetsNoSms(CapturedOutput output) throws Exception {
        UUID person = campaign.person();
        jdbc.sql("UPDATE waitlist_users SET phone = '+4915112345678', status = 'blocked' WHERE id = ?")
                .param(person)
                .update();
        publisher.publish(Events.of(new UserSignedUp(person.toString(), id(), address(person))));
        await().until(() -> !attempts("sms-workers").isEmpty());
        pipeline.awaitDrained();

        assertThat(attempts("sms-workers")).containsExactly("skipped");
        assertThat(reason("sms-workers")).isEqualTo("the person has left, or is blocked");
        assertThat(output.getAll())
                .as("an outcome, in a line")
                .contains("the person has left, or is blocked")
                .doesNotContain("Exhausted after delivery attempt");
    }

    @Test
    void theStepsAfterAnOutcomeAreCommittedWithIt() throws Exception {
        UUID person = campaign.person();
        publisher.publish(Events.of(new UserSignedUp(person.toString(), id(), address(person))));
        pipeline.awaitDrained();

        assertThat(jdbc.sql("SELECT count(*) FROM welcomed WHERE user_id = ?")
                        .param(person)
                        .query(Integer.class)
                        .single())
                .isEqualTo(1);
    }

    @Test
    void aStepAfterAnOutcomeThatFailsChangesNothingInTheLedger() throws Exception {
        UUID person = campaign.person();
        jdbc.sql("ALTER TABLE welcomed ADD CONSTRAINT never CHECK (user_id IS NULL) NOT VALID")
                .update();
        try {
            publisher.publish(Events.of(new UserSignedUp(person.toString(), id(), address(person))));
            pipeline.awaitDrained();
        } finally {
            jdbc.sql("ALTER TABLE welcomed DROP CONSTRAINT never").update();
        }

        assertThat(attempts("email-workers")).containsExactly("delivered");
        assertThat(requests("/mail", person)).hasSize(1);
    }

    @Test
    void aStepThatFailsKeepsNothingFromTheRewardsRow() throws Exception {
        jdbc.sql("ALTER TABLE rewarded ADD CONSTRAINT never CHECK (how_many < 0) NOT VALID")
                .update();
        DomainEvent reward = campaign.rewardByMail();
        try {
            publisher.publish(reward);
            pipeline.awaitDrained();
        } finally {
            jdbc.sql("ALTER TABLE rewarded DROP CONSTRAINT never").update();
        }

        assertThat(attempts("reward-workers")).containsExactly("delivered");
        assertThat(statusOf(reward)).isEqualTo("delivered");
        assertThat(untold()).isZero();
    }

    @Test
    void aStepThatCannotSucceedYetIsRepeatedAndKeepsNothingFromTheRewardsRow() throws Exception {
        jdbc.sql("DELETE FROM rewarded").update();
        jdbc.sql("ALTER TABLE rewarded RENAME TO rewarded_later").update();
        DomainEvent reward = campaign.rewardByMail();
        try {
            publisher.publish(reward);
            pipeline.awaitDrained();

            assertThat(attempts("reward-workers")).containsExactly("delivered");
            assertThat(statusOf(reward)).isEqualTo("delivered");
            assertThat(untold()).isEqualTo(1);
        } finally {
            jdbc.sql("ALTER TABLE rewarded_later RENAME TO rewarded").update();
        }

        await().until(() -> untold() == 0);
        assertThat(jdbc.sql("SELECT sum(how_many) FROM rewarded")
                        .query(Integer.class)
                        .single())
                .isEqualTo(1);
    }

    private String statusOf(DomainEvent reward) {
        return jdbc.sql("SELECT status FROM user_rewards WHERE id = CAST(? AS uuid)")
                .param(((RewardEarned) reward.data()).userRewardId())
                .query(String.class)
                .single();
    }

    private int untold() {
        return jdbc.sql("SELECT count(*) FROM event_routes.untold_outcome")
                .query(Integer.class)
                .single();
    }

    @Test
    void theFormulaCountsTenReferralsAtMostInPositionsAndInMails() throws Exception {
        UUID person = campaign.person();
        UUID friend = campaign.person();
        jdbc.sql("UPDATE waitlist_users SET original_position = 50, verified_referral_count = 12 WHERE id = ?")
                .param(person)
                .update();
        publisher.publish(Events.of(new ReferralVerified(Events.id(), person.toString(), friend.toString(), id(), 2)));
        pipeline.awaitDrained();

        assertThat(jdbc.sql("SELECT position FROM waitlist_users WHERE id = ?")
                        .param(person)
                        .query(Integer.class)
                        .single())
                .isEqualTo(30);
        assertThat(requests("/mail", person)).singleElement().satisfies(request -> assertThat(
                        request.body().path("subject").asText())
                .contains("30"));
        assertThat(pipeline.operation("positions/" + id(), null)
                        .path("differences")
                        .asInt())
                .isZero();
    }

    @Test
    void theFormulaIsAllThatTheCopiesChange() throws Exception {
        try (Stream<Path> copies = Files.list(Path.of("examples/places/capped/position"))) {
            for (Path copy : copies.toList()) {
                assertThat(Files.readString(copy).replaceAll("least\\(10, (.+?(?:\\(.*?\\))?)\\) \\*", "$1 *"))
                        .isEqualTo(Files.readString(
                                Path.of("src/main/resources/sql/position").resolve(copy.getFileName())));
            }
        }
    }

    private static List<Request> requests(String path, String address) {
        return REQUESTS.stream()
                .filter(request -> request.path().equals(path)
                        && request.body().path("to").asText().contains(address))
                .toList();
    }

    private List<Request> requests(String path, UUID person) {
        return requests(path, address(person));
    }

    private String id() {
        return campaign.id().toString();
    }

    private String address(UUID person) {
        return campaign.address(person);
    }

    private String reason(String group) {
        return jdbc.sql("SELECT reason FROM event_routes.delivery WHERE campaign_id = ? AND consumer_group = ?")
                .params(id(), group)
                .query(String.class)
                .single();
    }

    private UUID delivery(String group) {
        return jdbc.sql("SELECT id FROM event_routes.delivery WHERE campaign_id = ? AND consumer_group = ?")
                .params(id(), group)
                .query(UUID.class)
                .single();
    }

    private List<String> attempts(String group) {
        return column("outcome", group);
    }

    private List<String> reasons(String group) {
        return column("reason", group);
    }

    private List<String> column(String column, String group) {
        return jdbc.sql("SELECT coalesce(a." + column + ", '') FROM event_routes.delivery_attempt a"
                        + " JOIN event_routes.delivery d ON d.id = a.delivery_id"
                        + " WHERE d.campaign_id = ? AND d.consumer_group = ? ORDER BY a.attempt")
                .params(id(), group)
                .query(String.class)
                .list();
    }
}
