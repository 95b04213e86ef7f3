package routes.yaml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;
import org.mockito.Mockito;
import org.springframework.mock.env.MockEnvironment;
import routes.delivery.ConsumerGroups;
import routes.delivery.Outcome;
import routes.settings.Role;
import routes.settings.RoleSettings;

/** What a file may do in a place of the built-in consumers, and what is said of one that would break a promise. */
class YamlPlacesTest {

    private static final String RIGHT = """
            - route:
                id: %s
                from:
                  uri: direct:%1$s
                  steps:
                    - to:
                        uri: log:provider
            """;

    private static final String STEP = "- to:\n            uri: log:provider";

    /** The place, what is written instead of what, and what is said. */
    static final List<Arguments> MISTAKES = List.of(
            step("- wireTap:\n            uri: log:other", "line 6: wireTap does not wait for the effect"),
            step(
                    "- to: seda:later",
                    "line 6: to does not wait for the effect, and a crash loses it: write to, with direct:"),
            step(
                    "- toD:\n            uri: \"http:${body}\"",
                    "line 6: toD computes an address, which no event may decide: write to, with an address from a setting"),
            step(
                    "- recipientList:\n            expression:\n              simple:\n                expression: \"${body}\"",
                    "line 6: recipientList computes an address"),
            step(
                    "- setHeader:\n            name: CamelHttpUri\n            expression:\n              simple:\n                expression: \"${body}\"",
                    "line 6: setHeader computes an address"),
            step(
                    "- setHeader:\n            name: camelhttpuri\n            expression:\n              simple:\n                expression: \"$simple{body}\"",
                    "line 6: setHeader computes an address"),
            step(
                    "- setProperty:\n            name: delivery\n            expression:\n              constant:\n                expression: none",
                    "line 6: setProperty changes the property delivery"),
            step(
                    "- doTry:\n            steps:\n              - to: log:provider\n            doCatch:\n"
                            + "              - exception: [java.lang.Exception]\n                steps:\n                  - log: gone",
                    "line 9: doCatch lets a failure count as done: end it with throwException"),
            step(
                    "- doTry:\n            steps:\n              - to: log:provider\n            do-catch:\n"
                            + "              - exception: [java.lang.Exception]\n                steps:\n                  - log: gone",
                    "line 9: doCatch lets a failure count as done: end it with throwException"),
            step("- stop: {}", "line 6: stop also ends the worker, before the outcome is in the ledger"),
            step(
                    "- pollEnrich:\n            expression:\n              constant:\n                expression: file:in",
                    "line 6: pollEnrich reads"),
            step(
                    "- multicast:\n            parallelProcessing: true\n            steps:\n              - to: log:a",
                    "line 7: parallelProcessing leaves the worker's thread"),
            step(
                    "- multicast:\n            parallel-processing: \"{{PARALLEL:TRUE}}\"\n            steps:\n              - to: log:a",
                    "line 7: parallelProcessing leaves the worker's thread"),
            Arguments.of(
                    "transmit-mail",
                    "- route:\n",
                    "- onException:\n    exception: [java.lang.Exception]\n    handled:\n      constant:\n        expression: \"true\"\n    steps:\n      - log: gone\n- route:\n",
                    "line 1: onException hides a failure from the ledger, which would retry it: remove it, or write doTry"),
            Arguments.of(
                    "transmit-mail",
                    "uri: direct:transmit-mail",
                    "uri: timer:now",
                    "line 4: the place transmit-mail needs the id transmit-mail, and reads only direct:transmit-mail"),
            Arguments.of(
                    "transmit-mail",
                    "uri: direct:transmit-mail",
                    "uri: timer:now",
                    "line 3: from reads from somewhere of its own"),
            Arguments.of(
                    "transmit-mail", "    id: transmit-mail\n", "", "line 3: the place transmit-mail needs the id"),
            Arguments.of(
                    "transmit-mial",
                    "",
                    "",
                    "line 4: there is no place transmit-mial: write one of mail-user-signed-up, "),
            Arguments.of("transmit-mial", "", "", "did you mean transmit-mail?"),
            Arguments.of("mail-user-deleted", "", "", "line 4: there is no place mail-user-deleted: write one of"),
            Arguments.of(
                    "after-mail",
                    "uri: log:provider",
                    "uri: http:localhost",
                    "line 6: to waits for another system in a transaction that holds locks: write sql"),
            step(
                    "- to: direct:deliver-rewrad",
                    "line 6: no route reads direct:deliver-rewrad, did you mean direct:deliver-reward?"),
            Arguments.of(
                    "transmit-mail",
                    "log:provider",
                    "log:provider?showBdy=true",
                    "line 6: showBdy is not an option of log"),
            Arguments.of(
                    "transmit-mail",
                    "- route:\n",
                    "- templatedRoute:\n    routeTemplateRef: event-consumer\n    parameters: [{name: group, value: a}, {name: types, value: '*'}]\n- route:\n",
                    "line 2: a file has either consumers or places"));

    @TempDir
    private Path directory = Path.of("");

    private static Arguments step(String wrong, String said) {
        return Arguments.of("transmit-mail", STEP, wrong, said);
    }

    @ParameterizedTest(name = "{3}")
    @FieldSource("MISTAKES")
    void aChangeThatWouldBreakAPromiseIsRefusedWithFileLineAndReason(
            String place, String instead, String wrong, String said) throws Exception {
        String right = RIGHT.formatted(place);
        assertThat(right).contains(instead);
        write("mine.camel.yaml", instead.isEmpty() ? right : right.replace(instead, wrong));

        Throwable failure = catchThrowable(() -> start(Role.ALL));

        assertThat(failure).isInstanceOf(RouteFileException.class);
        assertThat(String.valueOf(failure.getMessage()).lines()).anySatisfy(line -> assertThat(line)
                .contains("mine.camel.yaml, " + said.replaceFirst("(?s)^did you.*", ""))
                .contains(said));
    }

    @Test
    void aFileTakesThePlaceOfTheRouteInJavaAndItsFailureIsThatOfTheStep() throws Exception {
        write("mine.camel.yaml", RIGHT.formatted("transmit-mail").replace(STEP, """
                - throwException:
                            exceptionType: java.io.IOException
                            message: "the provider answered 503"
                """));

        try (CamelContext camel = start(Role.EMAIL)) {
            Exchange sent = camel.createProducerTemplate().send("direct:transmit-mail", exchange -> {});

            assertThat(sent.getException()).hasMessage("the provider answered 503");
            assertThat(camel.getRoutes())
                    .filteredOn(route -> route.getRouteId().equals("transmit-mail"))
                    .hasSize(1);
        }
    }

    @Test
    void aPlaceThatLeavesSomethingElseHasDeliveredAndOneThatLeavesAnOutcomeHasThatOne() throws Exception {
        write("mine.camel.yaml", RIGHT.formatted("mail-user-verified"));
        try (CamelContext camel = start(Role.EMAIL)) {
            assertThat(camel.createProducerTemplate().requestBody("direct:mail-user-verified", "any answer"))
                    .isEqualTo(Outcome.delivered());
            assertThat(camel.createProducerTemplate()
                            .requestBody("direct:mail-user-verified", Outcome.manual("by hand")))
                    .isEqualTo(Outcome.manual("by hand"));
        }
    }

    @Test
    void aPlaceMayCallAnotherRouteOfItsFile() throws Exception {
        String calling = RIGHT.formatted("transmit-mail").replace("log:provider", "direct:shared?synchronous=true");
        write("mine.camel.yaml", calling + RIGHT.formatted("shared"));

        start(Role.EMAIL).close();
    }

    @Test
    void aPlaceMayCallARouteOfAnotherFileWhereThatIsRead() throws Exception {
        write("mine.camel.yaml", RIGHT.formatted("transmit-mail").replace("log:provider", "direct:shared"));
        write("shared.camel.yaml", RIGHT.formatted("shared"));

        start(Role.ALL).close();
        assertThat(catchThrowable(() -> start(Role.EMAIL)))
                .as("a file without a place needs the role routes")
                .hasMessageContaining("mine.camel.yaml, line 6: no route reads direct:shared");
    }

    @Test
    void twoFilesForOnePlaceAreRefused() throws Exception {
        write("one.camel.yaml", RIGHT.formatted("transmit-mail"));
        write("two.camel.yaml", RIGHT.formatted("transmit-mail"));

        assertThat(catchThrowable(() -> start(Role.ALL)))
                .hasMessageContaining(
                        "two.camel.yaml, line 4: transmit-mail already belongs to a route of one.camel.yaml");
    }

    @Test
    void variablesOfAFileWhosePlacesAreOfOtherRolesNeedNotBeSet() throws Exception {
        String calling = RIGHT.formatted("transmit-mail").replace("log:provider", "direct:shared");
        write("mine.camel.yaml", calling + RIGHT.formatted("shared").replace("log:provider", "log:{{ONLY_THERE}}"));

        start(Role.POSITION).close();
        assertThat(catchThrowable(() -> start(Role.EMAIL))).hasMessageContaining("the variable ONLY_THERE is not set");
    }

    @Test
    void aPlaceOfAnotherRoleIsCheckedAndLeftOut() throws Exception {
        write("mine.camel.yaml", RIGHT.formatted("transmit-mail").replace("log:provider", "http:{{ONLY_THERE}}"));
        start(Role.POSITION).close();

        write("mine.camel.yaml", RIGHT.formatted("transmit-mail").replace(STEP, "- stop: {}"));
        assertThat(catchThrowable(() -> start(Role.POSITION)))
                .hasMessageContaining("line 6: stop also ends the worker");
    }

    @Test
    void aFileWithAConsumerAndAPlaceIsRefusedInTheRoleOfThePlaceToo() throws Exception {
        write(
                "mine.camel.yaml",
                Files.readString(Path.of("examples/places/sms/sms.camel.yaml")) + RIGHT.formatted("transmit-mail"));

        assertThat(catchThrowable(() -> start(Role.EMAIL)))
                .hasMessageContaining("a file has either consumers or places");
    }

    @Test
    void consumersOfOtherRolesAreLeftOutWithTheirSettings() throws Exception {
        write("audit.camel.yaml", Files.readString(Path.of("examples/places/sms/sms.camel.yaml")));

        start(Role.EMAIL).close();
    }

    @Test
    void eachPlaceHasItsDefaultToCopyARowInTheDocumentationAndARouteInJava() throws Exception {
        assertThat(ids(Files.readString(Path.of("docs/reference/routes.md")), "(?m)^\\| \\[`([^`]+)`]"))
                .containsExactlyElementsOf(Place.ids());
        try (Stream<Path> files = Files.list(Path.of("examples/places/defaults"))) {
            assertThat(files.map(file -> file.getFileName().toString().replace(".camel.yaml", "")))
                    .containsExactlyInAnyOrderElementsOf(Place.ids());
        }
        StringBuilder java = new StringBuilder();
        try (Stream<Path> files = Files.list(Path.of("src/main/java/routes"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                java.append(Files.readString(file));
            }
        }
        for (Place place : Place.values()) {
            assertThat(java.indexOf("routeId(\"%s\")".formatted(place.id())) >= 0)
                    .as(place.id())
                    .isNotEqualTo(place.isAddition());
        }
    }

    private static List<String> ids(String page, String pattern) {
        return Pattern.compile(pattern)
                .matcher(page)
                .results()
                .map((MatchResult row) -> row.group(1))
                .toList();
    }

    private void write(String name, String content) throws IOException {
        Files.writeString(directory.resolve(name), content);
    }

    /** With routes in the places that need no servers. */
    private CamelContext start(Role role) throws Exception {
        YamlRoutes routes = new YamlRoutes(
                new RoutesSettings(directory.toString()),
                new RoleSettings(List.of(role)),
                Mockito.mock(ConsumerGroups.class),
                new MockEnvironment().withProperty("deliveries.worker-pool-size", "3"));
        CamelContext camel = new DefaultCamelContext();
        try {
            camel.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    for (Place place : role == Role.POSITION ? new Place[] {Place.RECALCULATE_PAGE} : Place.values()) {
                        if (!place.isAddition()) {
                            from("direct:" + place.id()).routeId(place.id()).to("log:java");
                        }
                    }
                }
            });
            camel.addRoutes(routes);
            camel.addTemplatedRoutes(routes);
            camel.start();
            return camel;
        } catch (Exception e) {
            camel.close();
            throw e;
        }
    }
}
