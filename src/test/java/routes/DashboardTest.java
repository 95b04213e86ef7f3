package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/** What Grafana and Prometheus are given is what they take, and every alert leads to a section that helps. */
class DashboardTest {

    private static final Path DASHBOARD = Path.of("deploy/grafana/dashboards/domain-event-routes.json");
    private static final Path ALERTS = Path.of("deploy/prometheus/alerts.yml");
    private static final Path TESTS_OF_ALERTS = Path.of("deploy/prometheus/alerts.test.yml");
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{?(?!__)([a-z]+)");

    private static JsonNode yaml(Path file) throws Exception {
        return JsonMapper.builder().build().valueToTree(new Yaml().load(Files.readString(file)));
    }

    static List<JsonNode> rules() throws Exception {
        List<JsonNode> rules = new ArrayList<>();
        yaml(ALERTS).get("groups").forEach(group -> group.get("rules").forEach(rules::add));
        return rules;
    }

    @Test
    void theDashboardHasWhatGrafanaAsksOfOne() throws Exception {
        JsonNode dashboard = JsonMapper.builder().build().readTree(Files.readString(DASHBOARD));

        assertThat(dashboard.get("uid").asText()).matches("[a-z-]{1,40}");
        assertThat(dashboard.get("schemaVersion").asInt()).isPositive();
        assertThat(dashboard.has("id")).as("an id of somebody's own Grafana").isFalse();
        Set<String> variables = new TreeSet<>(dashboard.at("/templating/list").findValuesAsText("name"));
        assertThat(variables).contains("datasource", "group", "type", "instance");
        Set<Integer> ids = new HashSet<>();
        Set<List<Integer>> taken = new HashSet<>();
        for (JsonNode panel : dashboard.get("panels")) {
            String title = panel.get("title").asText();
            assertThat(ids.add(panel.get("id").asInt())).as(title).isTrue();
            JsonNode place = panel.get("gridPos");
            assertThat(place.get("x").asInt() + place.get("w").asInt())
                    .as(title)
                    .isLessThanOrEqualTo(24);
            for (int x = 0; x < place.get("w").asInt(); x++) {
                for (int y = 0; y < place.get("h").asInt(); y++) {
                    assertThat(taken.add(List.of(
                                    place.get("x").asInt() + x, place.get("y").asInt() + y)))
                            .as(title + " lies on another panel")
                            .isTrue();
                }
            }
            if (panel.get("type").asText().equals("row")) {
                continue;
            }
            assertThat(panel.get("type").asText()).isIn("timeseries", "stat");
            assertThat(panel.at("/datasource/uid").asText()).as(title).isEqualTo("${datasource}");
            assertThat(panel.get("targets")).as(title).isNotEmpty();
            for (JsonNode target : panel.get("targets")) {
                assertThat(target.at("/datasource/uid").asText()).as(title).isEqualTo("${datasource}");
                assertThat(target.get("refId").asText()).as(title).isNotBlank();
                VARIABLE.matcher(target.get("expr").asText())
                        .results()
                        .forEach(used -> assertThat(variables).as(title).contains(used.group(1)));
            }
        }
    }

    @Test
    void everyAlertSaysWhatItIsAndLeadsToASectionThatHelps() throws Exception {
        Set<String> sections = Pattern.compile("(?m)^#+ (.+)$")
                .matcher(Files.readString(Path.of("docs/operations.md")))
                .results()
                .map(heading -> heading.group(1)
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^a-z0-9 -]", "")
                        .replace(' ', '-'))
                .collect(Collectors.toSet());

        for (JsonNode rule : rules()) {
            String alert = rule.get("alert").asText();
            assertThat(rule.at("/labels/severity").asText()).as(alert).isIn("page", "ticket");
            assertThat(rule.at("/annotations/summary").asText()).as(alert).isNotBlank();
            assertThat(rule.at("/annotations/description").asText()).as(alert).isNotBlank();
            assertThat(rule.at("/annotations/runbook").asText()).as(alert).startsWith("docs/operations.md#");
            assertThat(sections)
                    .as(alert)
                    .contains(rule.at("/annotations/runbook").asText().split("#", -1)[1]);
        }
    }

    @Test
    void everyAlertIsTestedToFireAndNotToFire() throws Exception {
        Set<String> firing = new TreeSet<>();
        Set<String> quiet = new TreeSet<>();
        for (JsonNode test : yaml(TESTS_OF_ALERTS).get("tests")) {
            for (JsonNode expected : test.get("alert_rule_test")) {
                (expected.path("exp_alerts").isEmpty() ? quiet : firing)
                        .add(expected.get("alertname").asText());
            }
        }

        Set<String> alerts =
                rules().stream().map(rule -> rule.get("alert").asText()).collect(Collectors.toSet());
        assertThat(firing).isEqualTo(new TreeSet<>(alerts));
        assertThat(quiet).isEqualTo(new TreeSet<>(alerts));
    }

    /** By Prometheus' own tool, which a build cannot bring along: where it is installed. */
    @Test
    void alertsFireWhenTheyShould() throws Exception {
        assumeTrue(
                Pattern.compile(File.pathSeparator)
                        .splitAsStream(System.getenv().getOrDefault("PATH", ""))
                        .anyMatch(directory -> Files.isExecutable(Path.of(directory, "promtool"))),
                "promtool is not installed");
        File said = File.createTempFile("promtool", ".log");

        Process promtool = new ProcessBuilder("promtool", "test", "rules", TESTS_OF_ALERTS.toString())
                .redirectErrorStream(true)
                .redirectOutput(said)
                .start();

        assertThat(promtool.waitFor(120, TimeUnit.SECONDS)).isTrue();
        assertThat(promtool.exitValue()).as(Files.readString(said.toPath())).isZero();
    }
}
