package routes;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.model.RouteDefinition;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.mockito.Mockito;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;
import org.springframework.core.type.filter.AssignableTypeFilter;
import routes.event.EventType;

/** What every route of the root package keeps to, so that operators and deployments can rely on it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RoutesTest {

    private static final Pattern GROUP_ID = Pattern.compile("groupId=([^&]+)");
    private static final Pattern HANDLED = Pattern.compile("groups\\.add\\(.+?;", Pattern.DOTALL);
    private static final Pattern BRANCH = Pattern.compile("body\\.type} == '([^']+)'");

    private static final Pattern STEP =
            Pattern.compile("(?:bean|method)\\(([\\w.]+), \"(\\w+)(?:\\(([^\"]*)\\))?\"\\)");

    private List<RouteDefinition> routes = List.of();

    @BeforeAll
    void collectTheRoutes() throws Exception {
        ModelCamelContext camel = new DefaultCamelContext();
        var scanner = new ClassPathScanningCandidateComponentProvider(false);
        scanner.addIncludeFilter(new AssignableTypeFilter(RouteBuilder.class));
        for (var candidate : scanner.findCandidateComponents("routes")) {
            Class<?> type = Class.forName(String.valueOf(candidate.getBeanClassName()));
            if (type.getEnclosingClass() == null && !type.equals(SharedPolicy.class)) {
                routes =
                        Stream.concat(routes.stream(), definitions(camel, type)).toList();
            }
        }
    }

    private static Stream<RouteDefinition> definitions(CamelContext camel, Class<?> type) throws Exception {
        var constructor = type.getDeclaredConstructors()[0];
        constructor.setAccessible(true);
        Object[] mocks =
                Stream.of(constructor.getParameterTypes()).map(Mockito::mock).toArray();
        RouteBuilder builder = (RouteBuilder) constructor.newInstance(mocks);
        builder.setCamelContext(camel);
        builder.configure();
        return builder.getRouteCollection().getRoutes().stream();
    }

    @Test
    void threeGroupsReadTheTopicEachOnARouteNamedLikeItself() {
        List<RouteDefinition> consumers = routes.stream()
                .filter(route -> route.getInput().getUri().startsWith("kafka:"))
                .toList();

        assertThat(consumers)
                .extracting(RouteDefinition::getRouteId)
                .containsExactlyInAnyOrder("email-workers", "position-workers", "reward-workers");
        assertThat(consumers).allSatisfy(route -> {
            Matcher group = GROUP_ID.matcher(route.getInput().getUri());
            assertThat(group.find()).isTrue();
            assertThat(group.group(1)).isEqualTo(route.getRouteId());
            assertThat(route.getInput().getUri()).contains("consumersCount=1");
            assertThat(route.getRouteConfigurationId()).isEqualTo("consumer-group");
        });
    }

    @Test
    void everyRouteHasAnIdOfItsOwnInKebabCaseAndSaysWhatItDoes() {
        assertThat(routes).extracting(RouteDefinition::getRouteId).doesNotHaveDuplicates();
        assertThat(routes).allSatisfy(route -> {
            assertThat(route.getRouteId()).matches("[a-z]+(-[a-z]+)*");
            assertThat(route.getDescriptionText()).isNotBlank();
        });
    }

    @Test
    void everyQueueIsReadByAWorkerWhoseFailuresAreOutcomes() {
        assertThat(routes.stream().filter(route -> route.getInput().getUri().startsWith("seda:")))
                .isNotEmpty()
                .allSatisfy(route -> assertThat(route.getRouteConfigurationId()).isEqualTo("worker"));
    }

    /** A branch for a type that its group does not handle is never reached: such events are passed over. */
    @Test
    void aGroupHandlesEveryTypeThatItsRouteHasABranchFor() throws Exception {
        for (String name : List.of("EmailWorkers", "PositionWorkers", "RewardWorkers")) {
            String route = Files.readString(Path.of("src/main/java/routes", name + ".java"));
            Matcher handled = HANDLED.matcher(route);
            assertThat(handled.find()).as(name).isTrue();

            for (MatchResult branch : BRANCH.matcher(route).results().toList()) {
                String type = EventType.of(branch.group(1)).orElseThrow().name();
                assertThat(handled.group()).contains(type);
            }
        }
    }

    /** A type without a branch has no mail: each of its deliveries would fail. */
    @Test
    void theMailsRouteHasABranchForEveryTypeThatItsGroupHandles() throws Exception {
        String route = Files.readString(Path.of("src/main/java/routes/EmailWorkers.java"));
        Matcher handled = HANDLED.matcher(route);
        assertThat(handled.find()).isTrue();
        Set<String> branches = BRANCH.matcher(route)
                .results()
                .map(branch -> EventType.of(branch.group(1)).orElseThrow().name())
                .collect(Collectors.toSet());

        assertThat(Stream.of(EventType.values()).map(Enum::name).filter(handled.group()::contains))
                .hasSizeGreaterThanOrEqualTo(5)
                .isSubsetOf(branches);
    }

    /** Camel looks a bean's method up when the first message arrives: a rename would be seen by nobody before. */
    @Test
    void everyMethodThatARouteNamesExists() throws Exception {
        int found = 0;
        try (Stream<Path> sources = Files.list(Path.of("src/main/java/routes"))) {
            for (Path source :
                    sources.filter(file -> file.toString().endsWith(".java")).toList()) {
                String java = read(source);
                for (MatchResult step : STEP.matcher(java).results().toList()) {
                    Class<?> bean = bean(source, java, step.group(1));
                    int arguments = step.group(3) == null ? -1 : step.group(3).split(",", -1).length;
                    assertThat(bean.getMethods())
                            .as("%s in %s", step.group(), source)
                            .anyMatch(method -> method.getName().equals(step.group(2))
                                    && (arguments < 0 || method.getParameterCount() == arguments));
                    found++;
                }
            }
        }
        assertThat(found).as("steps that were looked at").isGreaterThan(60);
    }

    /** The type of a route's field, or a class that the route names. */
    private static Class<?> bean(Path source, String java, String name) throws Exception {
        if (!name.endsWith(".class")) {
            String route = source.getFileName().toString().replace(".java", "");
            return Class.forName("routes." + route).getDeclaredField(name).getType();
        }
        Matcher imported = Pattern.compile("import (\\S+\\." + name.replace(".class", "") + ");")
                .matcher(java);
        assertThat(imported.find()).as("%s in %s", name, source).isTrue();
        return Class.forName(imported.group(1));
    }

    @Test
    void nothingWaitsByAClockThatCanBeSet() {
        assertThat(routes).noneMatch(route -> route.getInput().getUri().startsWith("timer:"));
    }

    @Test
    void theLockIsAStatementOfItsOwnBeforeTheRecalculation() throws Exception {
        assertThat(Files.readString(Path.of("src/main/java/routes/PositionWorkers.java")))
                .containsSubsequence("policy(inTransaction)", "direct:recalculate-page", ".end()")
                .containsSubsequence("from(\"direct:recalculate-page\")", "method(leaderboards, \"recalculate\")");
        assertThat(Files.readString(Path.of("src/main/java/routes/position/Leaderboards.java")))
                .containsSubsequence("recalculate(", "boards.lock(", "position/changed-people");
        assertThat(Files.readString(Path.of("src/main/java/routes/position/Boards.java")))
                .containsSubsequence("position/limit-waits", "position/lock-campaigns", "position/find-boards");
        assertThat(Files.readString(Path.of("src/main/resources/sql/position/lock-campaigns.sql")))
                .contains("pg_advisory_xact_lock(hashtext(")
                .doesNotContain("UPDATE");
    }

    @Test
    void noSqlIsWrittenInJava() throws Exception {
        assertThat(mainCode()).doesNotContainPattern("\"\\s*(SELECT|INSERT|UPDATE|DELETE) ");
    }

    /** JdbcClient's stream keeps its connection until it is closed, a list does not: twenty looks at a page once took them all. */
    @Test
    void rowsAreReadAsAListAndNotAsAStreamThatKeepsItsConnection() throws Exception {
        assertThat(mainCode())
                .containsPattern("\\.query\\([\\w.]+\\.class\\)\\s*\\.list\\(\\)")
                .doesNotContainPattern("\\.query\\(([\\w.]+\\.class)?\\)\\s*\\.stream\\(\\)");
    }

    private static String mainCode() throws java.io.IOException {
        try (Stream<Path> sources = Files.walk(Path.of("src/main/java"))) {
            return sources.filter(file -> file.toString().endsWith(".java"))
                    .map(RoutesTest::read)
                    .collect(Collectors.joining());
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
