package routes;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.simple.JdbcClient;
import routes.dev.Platform;
import routes.event.EventData.RewardEarned;

/**
 * The curl commands of the documentation as they stand there, but for ports, password and key. Run are those that change nothing, since
 * all tests share one platform: what reads, and what asks Jolokia. One replay, event or row of its writer's may be missing.
 */
@OnPlatform
class DocumentedCommandsIT {

    private static final String STATUS = "\ncurl says ";

    @Autowired
    private Environment environment;

    @Autowired
    private JdbcClient jdbc;

    static Stream<String> commands() throws Exception {
        List<String> commands = new ArrayList<>();
        for (Path page : DocumentationTest.pages()) {
            commands.addAll(commands(Files.readString(page)));
        }
        return commands.stream()
                .distinct()
                .filter(command -> command.contains("/jolokia") || !command.matches("(?s).* (-d|--data(-binary)?) .*"));
    }

    /** Each from {@code curl} to the end of its line, of what it quotes and of what it goes on with; without a pipe behind it. */
    private static List<String> commands(String text) {
        List<String> commands = new ArrayList<>();
        StringBuilder command = new StringBuilder();
        for (String line : text.lines().toList()) {
            if (command.isEmpty() && !line.startsWith("curl ")) {
                continue;
            }
            command.append(line).append('\n');
            boolean quotes = command.chars().filter(c -> c == '\'').count() % 2 == 1;
            if (!quotes && !line.endsWith("\\")) {
                commands.add(command.toString().replaceFirst("(?s) \\| .*", "").strip());
                command.setLength(0);
            }
        }
        return commands;
    }

    @ParameterizedTest
    @MethodSource("commands")
    void aCommandOfTheDocumentationWorksAsItStands(String command) throws Exception {
        String answer = run(command);

        String status = answer.substring(answer.lastIndexOf(STATUS) + STATUS.length());
        assertThat(status).as(command + "\n" + answer).isIn("200", mayBe(command));
        if (command.contains("/jolokia")) {
            assertThat(answer).contains("\"status\":200");
        }
    }

    /** Those that change something, with people of the test's own. */
    @Test
    void aCheatIsLookedAtHeldAndVoidedAsThePageSays() throws Exception {
        TestCampaign campaign = TestCampaign.create(jdbc);
        RewardEarned earned = (RewardEarned) campaign.rewardByHand().data();

        for (String command : commands(Files.readString(Path.of("docs/guides/a-cheat-was-found.md")))) {
            assertThat(run(command.replace("10000000-0000-4000-8000-000000000001", earned.userId())))
                    .as(command)
                    .endsWith(STATUS + "200")
                    .contains(command.contains("audit") ? "rewards.void" : "\"rewards\":");
        }

        assertThat(jdbc.sql("SELECT status FROM user_rewards WHERE id = CAST(? AS uuid)")
                        .param(earned.userRewardId())
                        .query(String.class)
                        .single())
                .isEqualTo("voided");
        campaign.delete();
    }

    @Test
    void thereAreSome() throws Exception {
        assertThat(commands()).hasSizeGreaterThan(20).anyMatch(command -> command.contains("/jolokia"));
    }

    /** What names one thing was there when its writer tried it; a group may be in trouble now. */
    private static String mayBe(String command) {
        return command.matches("(?s).*/(replays|fanouts|outbox|events|campaigns|positions)/[0-9a-f-]+\\b.*")
                ? "404"
                : command.contains("/health/") ? "503" : "200";
    }

    private String run(String command) throws Exception {
        String own = command.replace("localhost:9876", "localhost:" + environment.getProperty("local.management.port"))
                .replace("localhost:8080", "localhost:" + environment.getProperty("local.server.port"))
                .replace("dev-password", Objects.requireNonNull(environment.getProperty("management.login.password")))
                .replace("dev-key", Platform.API_KEY)
                .replaceFirst(
                        "^curl ", "curl --silent --show-error --max-time 20 --write-out \"\\$STATUS%{http_code}\" ");
        ProcessBuilder shell = new ProcessBuilder("bash", "-c", own).redirectErrorStream(true);
        shell.environment().putAll(Map.of("STATUS", STATUS, "no_proxy", "*"));
        Process process = shell.start();
        String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(own + "\n" + answer).isZero();
        return answer;
    }
}
