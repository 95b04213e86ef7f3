package routes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.config.YamlPropertiesFactoryBean;
import org.springframework.core.io.FileSystemResource;
import routes.event.DomainEvent;
import routes.event.EventHeaders;
import routes.event.EventJson;
import routes.event.EventReader;
import routes.event.EventType;

/** The documentation lists what there is, and all of it; its links lead somewhere; the README is one sitting. */
class DocumentationTest {

    private static final Pattern ROUTE_ID = Pattern.compile("\\.routeId\\(\"([^\"]+)\"\\)");
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{([A-Z][A-Z0-9_]*):");
    private static final Pattern PLACEHOLDER = Pattern.compile("^\\$\\{[A-Z_]+:(.*)}$");
    private static final Pattern SETTING =
            Pattern.compile("\\|(?: (?:`[A-Z_]+`)? ?\\|)? `([a-z][a-z0-9.-]+)` \\| (?:`?([^`|]*?)`? )?\\| .+ \\|");
    private static final Pattern OWN =
            Pattern.compile("(service|routes|domain-events|deliveries|positions|mail|bounces|webhooks|observation"
                    + "|publishing|outbox|reports|sql|camel\\.component\\.kafka)\\..*");
    private static final Pattern EXAMPLE = Pattern.compile("examples/events/[\\w-]+\\.json");
    private static final Pattern FIRST_CELL = Pattern.compile("(?m)^\\| `([^`]+)` \\|");
    private static final Pattern IN_CAPITALS = Pattern.compile("[A-Z][A-Z0-9_]*");
    private static final Path README = Path.of("README.md");
    private static final Path DOCS = Path.of("docs");
    private static final Pattern LINK = Pattern.compile("\\]\\((?!https?:|mailto:)([^)\\s]+)\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#{1,6} (.+)$");
    private static final Pattern METRIC = Pattern.compile("\"(domain\\.events\\.[a-z.]+)\"");

    private final EventReader reader = new EventReader();

    @Test
    void theTableOfRoutesHasEveryRoute() throws Exception {
        Set<String> routes = new TreeSet<>();
        for (Path source : files("src/main/java/routes", ".java")) {
            routes.addAll(matches(ROUTE_ID, Files.readString(source)));
        }

        assertThat(matches(FIRST_CELL, page("reference/routes.md"))).containsExactlyInAnyOrderElementsOf(routes);
    }

    @Test
    void theTableOfSettingsHasEveryVariable() throws Exception {
        Set<String> variables =
                new TreeSet<>(matches(VARIABLE, Files.readString(Path.of("src/main/resources/application.yaml"))));

        List<String> documented = matches(FIRST_CELL, page("reference/settings.md")).stream()
                .filter(IN_CAPITALS.asMatchPredicate())
                .toList();

        assertThat(documented).containsExactlyInAnyOrderElementsOf(variables);
    }

    /** A row has a key, a default and a meaning, and may have a variable. The default is that of application.yaml. */
    @Test
    void everySettingHasARowWithItsDefaultAndAMeaning() throws Exception {
        Map<String, String> defaults = defaults();
        Map<String, String> documented = new TreeMap<>();
        for (String line : everything().lines().toList()) {
            Matcher row = SETTING.matcher(line);
            if (row.matches()) {
                documented.put(row.group(1), Objects.requireNonNullElse(row.group(2), "")); // no default
            }
        }

        assertThat(documented.keySet())
                .containsAll(defaults.keySet())
                .containsAll(described().keySet());
        defaults.forEach((key, value) -> assertThat(documented.get(key)).as(key).isEqualTo(value));
        assertThat(described())
                .allSatisfy((key, description) ->
                        assertThat(description).as("what an IDE says of " + key).isNotBlank());
    }

    /** The settings that this service makes, as its records say, with their descriptions. */
    private static Map<String, String> described() throws Exception {
        Map<String, String> described = new TreeMap<>();
        try (var metadata = Objects.requireNonNull(
                Application.class.getResourceAsStream("/META-INF/spring-configuration-metadata.json"))) {
            for (JsonNode property : EventJson.mapper().readTree(metadata).path("properties")) {
                String key = property.path("name").asText();
                if (OWN.matcher(key).matches()) { // Spring's processor adds the endpoints' own
                    described.put(key, property.path("description").asText());
                }
            }
        }
        return described;
    }

    /** The settings in application.yaml that are this service's own, and those of the Kafka component, as they are without variables. */
    private static Map<String, String> defaults() {
        YamlPropertiesFactoryBean yaml = new YamlPropertiesFactoryBean();
        yaml.setResources(new FileSystemResource("src/main/resources/application.yaml"));
        Map<String, String> defaults = new TreeMap<>();
        Objects.requireNonNull(yaml.getObject()).forEach((key, value) -> {
            if (OWN.matcher(key.toString()).matches()) {
                defaults.put(
                        key.toString(), PLACEHOLDER.matcher(value.toString()).replaceFirst("$1"));
            }
        });
        return defaults;
    }

    @Test
    void theTableOfMetricsHasEveryCounter() throws Exception {
        Set<String> counters = new TreeSet<>();
        try (Stream<Path> sources = Files.walk(Path.of("src/main/java"))) {
            for (Path source :
                    sources.filter(file -> file.toString().endsWith(".java")).toList()) {
                for (String name : matches(METRIC, Files.readString(source))) {
                    String text = Files.readString(source).replaceAll("builder\\(\\s+", "builder(");
                    String suffix = text.contains("Gauge.builder(\"" + name)
                                    || text.contains("DistributionSummary.builder(\"" + name)
                            ? ""
                            : text.contains("Timer.builder(\"" + name) ? "_seconds" : "_total";
                    counters.add(name.replace('.', '_') + suffix);
                }
            }
        }

        assertThat(matches(FIRST_CELL, page("operate/monitoring.md"))).containsAll(counters);
    }

    @Test
    void everyExampleIsNamedAndEveryNamedExampleIsThere() throws Exception {
        assertThat(new TreeSet<>(namedExamples()))
                .containsExactlyElementsOf(
                        files("examples/events", ".json").stream().sorted().toList());
    }

    @Test
    void theExamplesAreValidEventsOfEveryType() throws Exception {
        Set<EventType> types = EnumSet.noneOf(EventType.class);
        for (Path example : namedExamples()) {
            for (DomainEvent event : events(example)) {
                types.add(event.type());
            }
        }

        assertThat(types).containsExactlyInAnyOrder(EventType.values());
    }

    @Test
    void theExampleOfAConsumerIsTheOneThatIsShown() throws Exception {
        String example = Files.readString(Path.of("examples/routes/AnalyticsWorkers.java"))
                .replaceAll("(?m)^ *// spotless:(off|on)\n", "");
        String code = example.substring(example.indexOf("@Component"));

        assertThat(page("guides/add-a-consumer.md")).contains(code);
    }

    private List<DomainEvent> events(Path example) throws Exception {
        JsonNode json = EventJson.mapper().readTree(Files.readAllBytes(example));
        List<DomainEvent> events = new ArrayList<>();
        for (JsonNode event : json.isArray() ? json : List.of(json)) {
            events.add(reader.read(event, EventHeaders.NONE));
        }
        assertThat(events).as(example.toString()).isNotEmpty();
        return events;
    }

    private static List<Path> namedExamples() throws IOException {
        return EXAMPLE.matcher(everything())
                .results()
                .map(MatchResult::group)
                .distinct()
                .map(Path::of)
                .toList();
    }

    @Test
    void theReadmeIsOneSitting() throws Exception {
        assertThat(Files.readAllLines(README)).hasSizeLessThanOrEqualTo(300);
    }

    @Test
    void everyPageIsInTheIndex() throws Exception {
        String index = page("index.md");

        assertThat(pages())
                .filteredOn(page ->
                        page.startsWith(DOCS) && !page.endsWith("index.md") && !page.startsWith(DOCS.resolve("adr")))
                .allSatisfy(page -> assertThat(index).contains("(" + DOCS.relativize(page) + ")"));
    }

    @Test
    void everyDecisionIsInTheListOfDecisionsByItsTitle() throws Exception {
        String list = Files.readString(DOCS.resolve("adr/README.md"));
        try (Stream<Path> files = Files.list(DOCS.resolve("adr"))) {
            List<Path> decisions = files.filter(
                            file -> file.getFileName().toString().matches("\\d.*\\.md"))
                    .toList();
            assertThat(decisions).isNotEmpty();
            for (Path decision : decisions) {
                String[] title = Files.readAllLines(decision).get(0).split(" ", 3); // such as: # 77. A dress rehearsal
                assertThat(list)
                        .contains("| %s | [%s](%s) |"
                                .formatted(title[1].replace(".", ""), title[2], decision.getFileName()));
            }
        }
    }

    @Test
    void everyLinkLeadsSomewhere() throws Exception {
        List<String> broken = new ArrayList<>();
        for (Path page : pages()) {
            for (String link : matches(LINK, withoutCode(Files.readString(page)))) {
                String file = link.replaceFirst("#.*", "");
                Path target = file.isEmpty() ? page : page.resolveSibling(file).normalize();
                if (!Files.exists(target)
                        || (link.contains("#") && !anchors(target).contains(link.replaceFirst(".*#", "")))) {
                    broken.add(page + ": " + link);
                }
            }
        }

        assertThat(broken).isEmpty();
    }

    /** Of each heading, as GitHub makes them. */
    private static List<String> anchors(Path page) throws IOException {
        return HEADING.matcher(withoutCode(Files.readString(page)))
                .results()
                .map(heading -> heading.group(1)
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\p{L}\\p{N}_ -]", "")
                        .replace(' ', '-'))
                .toList();
    }

    private static String withoutCode(String page) {
        return page.replaceAll("(?ms)^```.*?^```$", "");
    }

    private static String page(String name) throws IOException {
        return Files.readString(DOCS.resolve(name));
    }

    /** All pages that people read. */
    static List<Path> pages() throws IOException {
        try (Stream<Path> docs = Files.walk(DOCS)) {
            return Stream.concat(
                            Stream.of(
                                    README,
                                    Path.of("CONTRIBUTING.md"),
                                    Path.of("SECURITY.md"),
                                    Path.of("CHANGELOG.md")),
                            docs.filter(file -> file.toString().endsWith(".md")).sorted())
                    .toList();
        }
    }

    private static String everything() throws IOException {
        StringBuilder everything = new StringBuilder();
        for (Path page : pages()) {
            everything.append(Files.readString(page)).append('\n');
        }
        return everything.toString();
    }

    private static List<Path> files(String directory, String suffix) throws IOException {
        try (Stream<Path> files = Files.list(Path.of(directory))) {
            return files.filter(file -> file.toString().endsWith(suffix)).toList();
        }
    }

    private static List<String> matches(Pattern pattern, String text) {
        return pattern.matcher(text).results().map(match -> match.group(1)).collect(Collectors.toList());
    }
}
