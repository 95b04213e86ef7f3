package routes.yaml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mockito.Mockito;
import org.springframework.mock.env.MockEnvironment;
import routes.delivery.ConsumerGroups;
import routes.settings.Role;
import routes.settings.RoleSettings;

/** What files of routes may say, and what is said of a mistake in one. */
class YamlRoutesTest {

    private static final String RIGHT = """
            - templatedRoute:
                routeTemplateRef: event-consumer
                parameters:
                  - name: group
                    value: audit-workers
                  - name: types
                    value: user.signed_up
            - route:
                from:
                  uri: direct:audit-workers
                  steps:
                    - log:
                        message: "${body[type]}"
            """;

    private static final String STEP = "- log:\n            message: \"${body[type]}\"";

    /** What is written instead of what, and what is said. */
    static final List<Arguments> MISTAKES = List.of(
            Arguments.of("user.signed_up", "user.signedup", "line 7: \"user.signedup\" is not a type: write some of"),
            Arguments.of("value: audit-workers", "value: Audit", "line 5: the group is \"Audit\""),
            Arguments.of("value: audit-workers", "value: email-workers", "line 5: the group is \"email-workers\""),
            Arguments.of("value: audit-workers", "value: '{{nowhere}}'", "line 5: the variable nowhere is not set"),
            Arguments.of("name: group", "name: grup", "line 4: \"grup\" is not a parameter"),
            Arguments.of(
                    "- name: types", "- name: start", "line 7: start is \"user.signed_up\": write earliest, latest"),
            Arguments.of(
                    "name: types\n        value: user.signed_up",
                    "name: start\n        value: 0001-01-01T00:00:00Z",
                    "start is \"0001-01-01T00:00:00Z\": write earliest, latest, or a time since 1970"),
            Arguments.of(
                    "name: types\n        value: user.signed_up",
                    "name: start\n        value: 2026-09-31T00:00:00Z",
                    "start is \"2026-09-31T00:00:00Z\": write earliest, latest, or a time since 1970"),
            Arguments.of(
                    "name: types\n        value: user.signed_up",
                    "name: start\n        value: 9999-01-01T00:00:00Z",
                    "start is \"9999-01-01T00:00:00Z\": that is in the future, and would mean from now on: write latest"),
            Arguments.of("direct:audit-workers", "direct:other", "line 2: there is no route from direct:audit-workers"),
            Arguments.of("- log:", "- logg:", "line 12: there is no step logg, did you mean log?"),
            Arguments.of("- log:", "- Log:", "line 12: there is no step Log, did you mean log?"),
            Arguments.of("steps:", "steps", "check the indentation of this line and the one before"),
            Arguments.of(
                    "direct:audit-workers",
                    "direct:audit-worker",
                    "line 2: there is no route from direct:audit-workers, which handles the events; line 10 has"
                            + " direct:audit-worker: did you mean that?"),
            Arguments.of(
                    "${body[type]}",
                    "{{SMS_APIKEY}}",
                    "line 13: the variable SMS_APIKEY is not set: set it, or use another one, did you mean SMS_API_KEY?"),
            Arguments.of("${body[type]}", "${env:SMS_API_KEYY}", "line 13: the variable SMS_API_KEYY is not set"),
            Arguments.of("${body[type]}", "${env.SMS_API_KEYY}", "did you mean SMS_API_KEY?"),
            step(
                    "- to:\n            uri: http:localhost\n            responseTimeout: 1",
                    "responseTimeout is not a field of this step: write options of an endpoint under parameters:"),
            step(
                    "- to: http:localhost?responsTimeout=15000",
                    "line 12: responsTimeout is not an option of http, did you mean responseTimeout?"),
            step(
                    "- to:\n            uri: https:localhost\n            parameters:\n              responsTimeout: 1",
                    "line 12: responsTimeout is not an option of https, did you mean responseTimeout?"),
            step("- wireTap: log:other", "line 12: wireTap does not wait for the effect"),
            step("- wireTap: log:other", "line 12: this step has no short form: write its fields, such as uri:"),
            step("- to: seda:later", "line 12: to does not wait for the effect"),
            step(
                    "- toD: \"http:{{SMS_API_KEY}}?x=${body[data][phone]}\"",
                    "line 12: toD computes an address from the body"),
            step(
                    "- setHeader:\n            name: CamelHttpUri\n            simple: \"${body[data][url]}\"",
                    "line 12: setHeader computes an address from the body"),
            step(
                    "- setHeader:\n            name: camelhttpuri\n            simple: \"$simple{body[data][url]}\"",
                    "line 12: setHeader computes an address from the body"),
            step(
                    "- doTry:\n            steps:\n              - to: log:a\n            doCatch:\n"
                            + "              - exception: [java.io.IOException]\n                steps:\n                  - log: gone",
                    "line 15: doCatch lets a failure count as done: end it with throwException"),
            step(
                    "- doTry:\n            steps:\n              - to: log:a\n            do-catch:\n"
                            + "              - exception: [java.io.IOException]\n                steps:\n                  - log: gone",
                    "line 15: doCatch lets a failure count as done: end it with throwException"),
            step(
                    "- circuitBreaker:\n            steps:\n              - to: log:a\n            on-fallback:\n"
                            + "              steps:\n                - log: gone",
                    "line 15: onFallback lets a failure count as done: end it with throwException"),
            Arguments.of(
                    "- route:\n",
                    "- routeConfiguration:\n    error-handler:\n      deadLetterChannel:\n        deadLetterUri: log:gone\n- route:\n",
                    "line 9: errorHandler hides a failure from the ledger"),
            Arguments.of(
                    "- route:\n",
                    "- onException:\n    exception: [java.lang.Exception]\n    handled:\n      constant: \"true\"\n"
                            + "    steps:\n      - log: gone\n- route:\n",
                    "line 8: onException hides a failure from the ledger"),
            Arguments.of(
                    "- route:\n",
                    "- errorHandler:\n    deadLetterChannel:\n      deadLetterUri: log:gone\n- route:\n",
                    "line 8: errorHandler hides a failure from the ledger"),
            Arguments.of(
                    "- route:\n",
                    "- onException:\n    exception: [java.lang.Exception]\n    maximumRedeliveries: 3\n- route:\n",
                    "maximumRedeliveries is not needed: RETRY_SCHEDULE"),
            Arguments.of("- log:\n            message:", "- to:\n            uri:", "line 12: "),
            Arguments.of("${body[type]}", "${body[type]", "audit.camel.yaml, line "),
            Arguments.of("user.signed_up", "user.signedup", "did you mean user.signed_up?"),
            Arguments.of("name: types", "name: type", "line 6: \"type\" is not a parameter"),
            Arguments.of("name: types", "name: type", "did you mean types?"),
            Arguments.of("value: user.signed_up", "value: [user.signed_up]", "line 7: types is a list or a map"),
            Arguments.of(
                    "routeTemplateRef: event-consumer",
                    "routeTemplateRef: event-consumr",
                    "line 2: there is no template \"event-consumr\", did you mean event-consumer?"),
            Arguments.of(
                    "uri: direct:audit-workers",
                    "uri: kafka:other?pasword=hunter2",
                    "line 10: a route cannot read a topic itself, without the ledger: use the template event-consumer"),
            Arguments.of(
                    "uri: direct:audit-workers",
                    "uri: seda:email-workers",
                    "line 10: seda:email-workers already belongs to the consumer email-workers: write another"),
            Arguments.of(
                    "uri: direct:audit-workers",
                    "uri: direct:audit-workers?blok=true",
                    "line 10: blok is not an option of direct, did you mean block?"),
            Arguments.of(
                    "- route:\n",
                    "- route:\n    id: email-worker\n",
                    "line 11: email-worker already belongs to the consumer email-workers"),
            Arguments.of(
                    "- route:\n",
                    "- route:\n    id: audit-workers\n",
                    "line 11: audit-workers already belongs to the consumer audit-workers"),
            Arguments.of(
                    "- route:\n    from:", "- route:\n  from:", "line 8: the entry has the keys route, from: indent"),
            Arguments.of("    parameters:", "   parameters:", "line 3: "),
            Arguments.of(
                    "- log:\n            message: \"${body[type]}\"",
                    "- to: log:audit?showBdy=true",
                    "line 12: showBdy is not an option of log, did you mean showBody?"),
            Arguments.of(
                    "- log:\n            message: \"${body[type]}\"",
                    "- to:\n            uri: log:audit\n            parameters:\n              showBdy: true",
                    "line 12: showBdy is not an option of log, did you mean showBody?"));

    private static Arguments step(String wrong, String said) {
        return Arguments.of(STEP, wrong, said);
    }

    @TempDir
    private Path directory = Path.of("");

    @ParameterizedTest(name = "{1}")
    @FieldSource("MISTAKES")
    void aMistakeIsToldWithFileLineAndReason(String instead, String wrong, String said) throws Exception {
        Path file = directory.resolve("audit.camel.yaml");
        assertThat(RIGHT).contains(instead);
        Files.writeString(file, RIGHT.replace(instead, wrong));

        Throwable failure = catchThrowable(this::start);

        assertThat(failure).isNotNull();
        assertThat(Objects.requireNonNull(new RouteFileFailureAnalyzer().analyze(failure), failure.toString())
                        .getDescription())
                .contains("audit.camel.yaml, line ")
                .contains(said);
    }

    @Test
    void aFileThatIsNoListIsTold() throws Exception {
        Files.writeString(directory.resolve("audit.camel.yaml"), "route:\n  from:\n    uri: direct:audit\n");

        assertThat(catchThrowable(this::start))
                .hasMessageContaining("audit.camel.yaml, line 1: the file is not a list");
    }

    @Test
    void allMistakesOfAllFilesAreToldAtOnce() throws Exception {
        Files.writeString(
                directory.resolve("audit.camel.yaml"),
                RIGHT.replace("user.signed_up", "user.signedup")
                        .replace("- log:\n            message: \"${body[type]}\"", "- to: log:audit?showBdy=true"));
        String route = "- route:\n    id: same\n    from:\n      uri: direct:%s\n      steps:\n        - log: here\n";
        Files.writeString(directory.resolve("one.camel.yaml"), route.formatted("one"));
        Files.writeString(directory.resolve("two.camel.yaml"), route.formatted("two"));
        Files.writeString(directory.resolve("zero.camel.yaml"), "- route: [");

        Throwable failure = catchThrowable(this::start);

        assertThat(String.valueOf(failure.getMessage()).lines())
                .hasSize(4)
                .anyMatch(line -> line.contains("audit.camel.yaml, line 7: \"user.signedup\" is not a type"))
                .anyMatch(line -> line.contains("audit.camel.yaml, line 12: showBdy is not an option of log"))
                .anyMatch(line -> line.contains(
                        "two.camel.yaml, line 4: same already belongs to a route of one.camel.yaml: write another"))
                .anyMatch(line -> line.contains("zero.camel.yaml, line "));
    }

    @Test
    void aMistakeHidesNeitherThoseOfOtherFilesNorOfOtherParametersOrSteps() throws Exception {
        Files.writeString(
                directory.resolve("audit.camel.yaml"),
                RIGHT.replace("name: types", "name: type")
                        .replace("user.signed_up", "user.signedup\n      - name: start\n        value: lastest")
                        .replace(STEP, "- log: \"{{SMS_APIKEY}} ${env:NOWHERE}\""));
        Files.writeString(
                directory.resolve("calling.camel.yaml"),
                "- route:\n    from:\n      uri: direct:calling\n      steps:\n"
                        + "        - to: direct:send-mial\n        - to: direct:unread\n");
        Files.writeString(
                directory.resolve("unread.camel.yaml"),
                "- route:\n    from:\n      uri: direct:unread\n      steps:\n        - setbody: {}\n        - log: '{{ALSO_NOT}}'\n");

        assertThat(String.valueOf(catchThrowable(this::start).getMessage()).lines())
                .hasSize(8)
                .anyMatch(line -> line.contains("audit.camel.yaml, line 6: \"type\" is not a parameter"))
                .anyMatch(line -> line.contains("audit.camel.yaml, line 7: \"user.signedup\" is not a type"))
                .anyMatch(line -> line.contains("audit.camel.yaml, line 9: start is \"lastest\""))
                .anyMatch(line -> line.contains("audit.camel.yaml, line 14: the variable SMS_APIKEY is not set"))
                .anyMatch(line -> line.contains("audit.camel.yaml, line 14: the variable NOWHERE is not set"))
                .anyMatch(line -> line.contains("calling.camel.yaml, line 5: no route reads direct:send-mial"))
                .anyMatch(line ->
                        line.contains("unread.camel.yaml, line 5: there is no step setbody, did you mean setBody?"))
                .anyMatch(line -> line.contains("unread.camel.yaml, line 6: the variable ALSO_NOT is not set"))
                .noneMatch(line -> line.contains("secret"));
    }

    @Test
    void twoFilesWithOneGroupAreToldWithTheNameOfTheOther() throws Exception {
        Files.writeString(directory.resolve("audit.camel.yaml"), RIGHT);
        Files.writeString(directory.resolve("second.camel.yaml"), RIGHT);

        assertThat(catchThrowable(this::start))
                .hasMessageContaining(
                        "second.camel.yaml, line 2: the group audit-workers already belongs to audit.camel.yaml,"
                                + " line 2: write another");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "- log: '{{NOWHERE:of default}} {{?NOWHERE}} {{env:SMS_API_KEY:or this}}'",
                "- threads: {}",
                "- toD: 'log:${exchangeProperty.target}'",
                "- to: http:localhost?q=search&page=1",
                "- stop: {}",
                "- setHeader: {name: CamelHttpPath, simple: '${body[data][user_id]}'}",
                "- doTry: {steps: [{log: a}], doCatch: [{exception: [java.io.IOException],"
                        + " steps: [{throwException: {exceptionType: java.lang.IllegalStateException, message: b}}]}]}"
            })
    void whatBreaksNoPromiseStaysAllowed(String step) throws Exception {
        Files.writeString(directory.resolve("audit.camel.yaml"), RIGHT.replace(STEP, step));

        start();
    }

    @Test
    void aConsumerIsProtectedHoweverItsEndpointIsWritten() throws Exception {
        Files.writeString(
                directory.resolve("audit.camel.yaml"),
                RIGHT.replace("uri: direct:audit-workers", "uri: direct\n      parameters: {name: audit-workers}")
                        .replace(STEP, "- to: seda:later"));

        assertThat(catchThrowable(this::start)).hasMessageContaining("to does not wait for the effect");
    }

    @Test
    void aCallWhoseNameIsASettingIsNotJudged() throws Exception {
        Files.writeString(
                directory.resolve("audit.camel.yaml"), RIGHT.replace(STEP, "- to: direct:{{WHERE:audit-workers}}"));

        start();
    }

    @Test
    void routesThatHandleNoEventsOfAGroupMayDoWhatTheyLike() throws Exception {
        Files.writeString(
                directory.resolve("audit.camel.yaml"),
                RIGHT
                        + "- route:\n    from:\n      uri: timer:often\n      steps:\n        - wireTap:\n            uri: log:other\n");

        start();
    }

    @Test
    void aFileWithoutMistakesStartsAndSoDoesADirectoryWithoutFiles() throws Exception {
        start();
        Files.writeString(directory.resolve("audit.camel.yaml"), RIGHT);
        start();
    }

    /** With templates of the same names that need no servers. */
    private void start() throws Exception {
        MockEnvironment settings = new MockEnvironment()
                .withProperty("deliveries.worker-pool-size", "3")
                .withProperty("SMS_API_KEY", "secret");
        YamlRoutes routes = new YamlRoutes(
                new RoutesSettings(directory.toString()),
                new RoleSettings(List.of(Role.ALL)),
                Mockito.mock(ConsumerGroups.class),
                settings);
        try (CamelContext camel = new DefaultCamelContext()) {
            camel.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    routeTemplate("event-consumer")
                            .templateParameter("group")
                            .templateParameter("types")
                            .from("direct:topic-of-{{group}}")
                            .to("mock:taken-in");
                    routeTemplate("event-worker")
                            .templateParameter("group")
                            .templateParameter("workers")
                            // The end waits for a poll.
                            .from("seda:{{group}}?concurrentConsumers={{workers}}&pollTimeout=20")
                            .to("direct:{{group}}");
                }
            });
            camel.addRoutes(routes);
            camel.addTemplatedRoutes(routes);
            camel.start();
            if (Files.exists(directory.resolve("audit.camel.yaml"))) {
                assertThat(camel.getRoute("audit-workers")).isNotNull();
                assertThat(camel.getRoute("audit-worker")).isNotNull();
            }
        }
    }

    /** The canonical form, which visual editors write and read. */
    @ParameterizedTest
    @MethodSource("examples")
    void theExamplesAreWhatCamelsSchemaAllows(Path example) throws Exception {
        try (var json =
                Objects.requireNonNull(CamelContext.class.getResourceAsStream("/schema/camelYamlDsl-canonical.json"))) {
            var schema = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_4)
                    .getSchema(new String(json.readAllBytes(), StandardCharsets.UTF_8));

            assertThat(schema.validate(Files.readString(example), InputFormat.YAML))
                    .isEmpty();
        }
    }

    static List<Path> examples() throws IOException {
        try (Stream<Path> examples = Files.walk(Path.of("examples"), FileVisitOption.FOLLOW_LINKS);
                Stream<Path> deployed = Files.walk(Path.of("deploy"), FileVisitOption.FOLLOW_LINKS)) {
            return Stream.concat(examples, deployed)
                    .filter(file -> file.toString().endsWith(".camel.yaml"))
                    .toList();
        }
    }
}
