package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.simple.JdbcClient;
import routes.DocumentedCommands.Answer;
import routes.DocumentedCommands.Block;
import routes.dev.Platform;
import routes.event.DomainEvent;
import routes.event.EventData.CampaignMilestoneReached;
import routes.event.EventData.RewardEarned;
import routes.event.EventData.UserSignedUp;
import routes.event.EventJson;
import routes.event.EventPublisher;
import routes.event.Events;

/**
 * The commands of the documentation that change something, with campaigns, people and rows of the test's own in place of those that the
 * page names. What is printed below a command has only fields that the answer has.
 */
@OnPlatform
@ExtendWith(TestCampaign.OfEachTest.class)
class DocumentedChangesIT {

    private static final Pattern EXAMPLE = Pattern.compile("@examples/events/([\\w-]+)\\.json|\\$\\(cat [^)]*\\)");
    private static final Pattern AN_ID = Pattern.compile("/observe/(\\w+)/((?:email-workers/)?[0-9a-f-]+)(?=\\s|$)");
    private static final Path CHEAT = Path.of("docs/guides/a-cheat-was-found.md");

    @Autowired
    private Environment environment;

    @Autowired
    private Platform platform;

    @Autowired
    private Pipeline pipeline;

    @Autowired
    private EventPublisher publisher;

    @Autowired
    private JdbcClient jdbc;

    @TempDir
    private Path directory = Path.of("");

    private DocumentedCommands commands;
    private TestCampaign campaign;
    private UUID person;
    private String address;
    private final List<Answer> answers = new ArrayList<>();

    static Stream<Block> blocks() throws Exception {
        List<Block> blocks = new ArrayList<>();
        for (Path page : DocumentationTest.pages()) {
            blocks.addAll(DocumentedCommands.in(page));
        }
        return blocks.stream().filter(block -> block.changes() && !block.page().equals(CHEAT));
    }

    @BeforeEach
    void prepare() {
        commands = new DocumentedCommands(environment);
        person = campaign.person();
        address = campaign.address(person);
    }

    @AfterEach
    void cleanUp() {
        jdbc.sql("DELETE FROM event_routes.event_outbox WHERE event ->> 'campaign_id' = ?")
                .param(campaign.id().toString())
                .update();
        jdbc.sql("TRUNCATE event_routes.mail_suppression").update(); // of the addresses in a page's example file
    }

    @ParameterizedTest
    @MethodSource("blocks")
    void aCommandOfTheDocumentationDoesWhatItsPageSays(Block block) throws Exception {
        assumeTrue(
                block.commands().stream().noneMatch(command -> command.startsWith("jq ")) || hasJq(), "jq is missing");
        String page = String.join("\n", block.commands());
        String written = withOwn(page);
        List<String> fields = new ArrayList<>();

        for (String command : split(written, block)) {
            Answer answer = commands.run(withAnswers(command));
            answers.add(answer);
            fields.addAll(answer.fields());
            assertThat(answer.status()).as(command + "\n" + answer).isIn("200", "202");
        }

        assertThat(fields).as("%s", answers).containsAll(block.fields());
    }

    @Test
    void aCheatIsLookedAtHeldAndVoidedAsThePageSays() throws Exception {
        RewardEarned earned = (RewardEarned) campaign.rewardByHand().data();

        for (Block block : DocumentedCommands.in(CHEAT)) {
            for (String command : block.commands()) {
                Answer answer = commands.run(command.replace("10000000-0000-4000-8000-000000000001", earned.userId()));
                assertThat(answer.status()).as(command + "\n" + answer).isEqualTo("200");
                assertThat(answer.body()).contains(command.contains("audit") ? "rewards.void" : "\"rewards\":");
            }
        }

        assertThat(jdbc.sql("SELECT status FROM user_rewards WHERE id = CAST(? AS uuid)")
                        .param(earned.userRewardId())
                        .query(String.class)
                        .single())
                .isEqualTo("voided");
    }

    @Test
    void thereAreSome() throws Exception {
        assertThat(blocks()).hasSizeGreaterThan(15);
    }

    private static List<String> split(String written, Block block) {
        List<String> own = new ArrayList<>();
        String rest = written;
        for (int i = 1; i < block.commands().size(); i++) {
            String start = block.commands().get(i).substring(0, 3);
            int next = rest.indexOf("\n" + start, 1);
            own.add(rest.substring(0, next));
            rest = rest.substring(next + 1);
        }
        own.add(rest);
        return own;
    }

    /** What commands name, once for all commands of a block. */
    private String withOwn(String page) throws Exception {
        String own = page.replace(
                        "c0ffee00-0000-4000-8000-000000000001", campaign.id().toString())
                .replace("ada@example.com", address)
                .replaceAll("\"(from|to)\": ?\"2026[^\"]*\"", "\"$1\":\"%s\"".formatted(Instant.now()))
                .replace("\"status\":\"failed\"", "\"status\":\"failed\",\"campaign\":\"%s\"".formatted(campaign.id()))
                .replace("@suppressions.csv", "@" + suppressions());
        List<MatchResult> examples = EXAMPLE.matcher(own).results().toList();
        for (MatchResult example : examples) {
            String file = example.group(1) == null ? "user-verified" : example.group(1);
            Path copy = directory.resolve(file + ".json");
            Files.writeString(
                    copy,
                    Pipeline.example(file)
                            .replace(
                                    "c0ffee00-0000-4000-8000-000000000001",
                                    campaign.id().toString()));
            own = own.replace(example.group(), example.group(1) == null ? "$(cat %s)".formatted(copy) : "@" + copy);
        }
        Map<String, String> named = new LinkedHashMap<>();
        for (MatchResult match : AN_ID.matcher(own).results().toList()) {
            if (!named.containsKey(match.group(2))) {
                named.put(match.group(2), existing(match));
            }
        }
        own = AN_ID.matcher(own)
                .replaceAll(match -> "/observe/%s/%s".formatted(match.group(1), named.get(match.group(2))));
        if (own.contains("/erasure")) {
            publisher.publish(
                    Events.of(new UserSignedUp(person.toString(), campaign.id().toString(), address)));
            pipeline.awaitDrained();
        }
        if (own.contains("/leaderboard") || own.contains("/positions/")) {
            pipeline.operation("positions/" + campaign.id(), "{\"action\":\"recalculate\"}");
            jdbc.sql("UPDATE waitlist_users SET position = 40 WHERE id = ?")
                    .param(person)
                    .update();
        }
        if (own.contains("\"status\":\"failed\"")) {
            failed("reward-workers", null);
        }
        return own;
    }

    /** What a command takes from the answer to the one before. */
    private String withAnswers(String command) throws Exception {
        if (answers.isEmpty()) {
            return command.replaceAll("\"expected\": ?\\d+", "\"expected\":0");
        }
        JsonNode last =
                EventJson.mapper().readTree(answers.get(answers.size() - 1).body());
        return command.replaceAll(
                        "\"before\":\"[^\"]*\"",
                        "\"before\":\"%s\"".formatted(last.path("before").asText()))
                .replaceAll(
                        "\"expected\": ?\\d+",
                        "\"expected\":" + last.path("deliveries").asInt());
    }

    private String existing(MatchResult named) throws Exception {
        return switch (named.group(1)) {
            case "deliveries" -> failed("email-workers", null).toString();
            case "deadletters" -> "email-workers/" + letter();
            case "webhooks" -> disabledWebhook();
            case "outbox" -> refusedRow();
            case "fanouts" -> announcement();
            case "replays" -> plannedReplay();
            default -> named.group(2);
        };
    }

    /** A delivery of the test's campaign, with a webhook if it is to one. */
    private UUID failed(String group, @Nullable String lane) throws Exception {
        UUID id = UUID.randomUUID();
        DomainEvent event = campaign.rewardByMail();
        jdbc.sql("""
                        INSERT INTO event_routes.delivery (id, consumer_group, idempotency_key, event_id, event_type, campaign_id, event,
                            status, reason, lane)
                        VALUES (:id, :group, CAST(:id AS text), :event_id, 'reward.earned', :campaign, CAST(:event AS jsonb), 'failed',
                            'the receiver answered 410', :lane)
                        """)
                .param("id", id)
                .param("group", group)
                .param("event_id", event.id())
                .param("campaign", campaign.id().toString())
                .param("event", EventJson.mapper().writeValueAsString(event))
                .param("lane", lane)
                .update();
        return id;
    }

    private String letter() throws Exception {
        String before = newestLetter();
        pipeline.write("{\"id\":\"%s\",\"type\":\"user.signed_up\"}".formatted(Events.id()));
        return await().until(this::newestLetter, letter -> !letter.equals(before));
    }

    private String newestLetter() throws Exception {
        return pipeline.operation("deadletters/email-workers?limit=1", null)
                .at("/letters/0/id")
                .asText();
    }

    private String disabledWebhook() throws Exception {
        campaign.webhook(platform.inboxUrl() + "/webhooks/documented", "active", TestCampaign.SECRET);
        String webhook = jdbc.sql("SELECT CAST(id AS text) FROM webhooks WHERE campaign_id = ?")
                .param(campaign.id())
                .query(String.class)
                .single();
        jdbc.sql(
                        "INSERT INTO event_routes.webhook_endpoint (id, failing_since, failures, last_error, disabled_at, disabled_because)"
                                + " VALUES (CAST(? AS uuid), now(), 3, '410', now(), 'it answered 410 Gone')")
                .param(webhook)
                .update();
        failed("reward-workers", webhook);
        return webhook;
    }

    private String refusedRow() throws Exception {
        return jdbc.sql("INSERT INTO event_routes.event_outbox (event, refused_because)"
                        + " VALUES (CAST(? AS jsonb), 'data.email is not an email address') RETURNING CAST(id AS text)")
                .param(Pipeline.example("user-verified")
                        .replace(
                                "c0ffee00-0000-4000-8000-000000000001",
                                campaign.id().toString())
                        .replaceFirst("\"[^\"]+@[^\"]+\"", "\"ada.example.com\""))
                .query(String.class)
                .single();
    }

    private String announcement() throws Exception {
        DomainEvent event = Events.of(new CampaignMilestoneReached(campaign.id().toString(), Events.id(), 1000));
        publisher.publish(event);
        pipeline.awaitDrained();
        return jdbc.sql("SELECT CAST(id AS text) FROM event_routes.delivery WHERE event_id = ? AND recipient = ''")
                .param(event.id())
                .query(String.class)
                .single();
    }

    /** Of nothing, since a replay of what other tests have published would send it again. */
    private String plannedReplay() throws Exception {
        String now = Instant.now().toString();
        String id = pipeline.operation(
                        "replays",
                        "{\"group\":\"email-workers\",\"policy\":\"force\",\"from\":\"%s\",\"types\":\"user.signed_up\"}"
                                .formatted(now))
                .get("id")
                .asText();
        await().until(() ->
                pipeline.operation("replays/" + id, null).get("state").asText().equals("planned"));
        return id;
    }

    /** As the page shows the file. */
    private Path suppressions() throws Exception {
        Path csv = directory.resolve("suppressions.csv");
        var shown = Pattern.compile("(?s)```csv\n(.*?)```")
                .matcher(Files.readString(Path.of("docs/guides/suppressed-addresses.md")));
        assertThat(shown.find()).isTrue();
        return Files.writeString(csv, shown.group(1));
    }

    private static boolean hasJq() throws Exception {
        return new ProcessBuilder("bash", "-c", "command -v jq").start().waitFor() == 0;
    }
}
