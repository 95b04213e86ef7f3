package routes.yaml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.apache.camel.CamelContext;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mockito.Mockito;
import org.springframework.mock.env.MockEnvironment;
import routes.delivery.ConsumerGroups;

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

    /** What is written instead of what, and what is said. */
    static final List<Arguments> MISTAKES = List.of(
            Arguments.of("user.signed_up", "user.signedup", "line 7: \"user.signedup\" is not a type: write some of"),
            Arguments.of("value: audit-workers", "value: Audit", "line 5: the group is \"Audit\""),
            Arguments.of("value: audit-workers", "value: email-workers", "line 5: the group is \"email-workers\""),
            Arguments.of("value: audit-workers", "value: '{{nowhere}}'", "line 5: {{nowhere}} names a setting"),
            Arguments.of("name: group", "name: grup", "line 4: \"grup\" is not a parameter"),
            Arguments.of(
                    "- name: types", "- name: start", "line 7: start is \"user.signed_up\": write earliest, latest"),
            Arguments.of("direct:audit-workers", "direct:other", "line 2: there is no route from direct:audit-workers"),
            Arguments.of("- log:", "- logg:", "line 12: "),
            Arguments.of("steps:", "steps", "line "),
            Arguments.of("- log:\n            message:", "- to:\n            uri:", "line 12: "),
            Arguments.of("${body[type]}", "${body[type]", "audit.camel.yaml, line "));

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
    void aFileWithoutMistakesStartsAndSoDoesADirectoryWithoutFiles() throws Exception {
        start();
        Files.writeString(directory.resolve("audit.camel.yaml"), RIGHT);
        start();
    }

    /** With templates of the same names that need no servers. */
    private void start() throws Exception {
        MockEnvironment settings = new MockEnvironment().withProperty("deliveries.worker-pool-size", "3");
        YamlRoutes routes =
                new YamlRoutes(new RoutesSettings(directory.toString()), Mockito.mock(ConsumerGroups.class), settings);
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
                            .from("seda:{{group}}?concurrentConsumers={{workers}}")
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
    @ValueSource(strings = {"routes/analytics", "routes/slack", "components/partner"})
    void theExamplesAreWhatCamelsSchemaAllows(String name) throws Exception {
        try (var json =
                Objects.requireNonNull(CamelContext.class.getResourceAsStream("/schema/camelYamlDsl-canonical.json"))) {
            var schema = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_4)
                    .getSchema(new String(json.readAllBytes(), StandardCharsets.UTF_8));

            assertThat(schema.validate(
                            Files.readString(Path.of("examples/%s.camel.yaml".formatted(name))), InputFormat.YAML))
                    .isEmpty();
        }
    }
}
