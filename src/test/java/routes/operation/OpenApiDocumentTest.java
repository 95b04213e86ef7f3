package routes.operation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;
import org.springframework.core.ResolvableType;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.io.Resource;
import org.springframework.core.type.filter.AnnotationTypeFilter;
import org.springframework.mock.env.MockEnvironment;
import routes.event.EventJson;
import routes.settings.OnRole;

/**
 * {@code docs/operations/openapi.json} says what the endpoints do. A new operation or argument is added there by hand: these tests say what
 * is missing.
 */
class OpenApiDocumentTest {

    private static final Path FILE = Path.of("docs/operations/openapi.json");
    private static final String SOMEWHERE = "https://elsewhere.example/openapi.json";

    private final String text = Files.readString(FILE);
    private final JsonNode document = EventJson.mapper().readTree(text);
    private final SchemaRegistry schemas = SchemaRegistry.withDefaultDialect(
            SpecificationVersion.DRAFT_2020_12,
            registry -> registry.schemas(iri -> iri.startsWith(SOMEWHERE) ? text : null));

    OpenApiDocumentTest() throws IOException {}

    /** An operation of an endpoint, as Actuator maps it to HTTP. */
    private record Operation(Class<?> endpoint, Method method) {

        String id() {
            return Objects.requireNonNull(AnnotatedElementUtils.findMergedAnnotation(endpoint, Endpoint.class))
                    .id();
        }

        boolean reads() {
            return method.isAnnotationPresent(ReadOperation.class);
        }

        String verb() {
            return reads() ? "get" : "post";
        }

        String path() {
            return Stream.concat(
                            Stream.of("/observe/" + id()), selectors().stream().map("{%s}"::formatted))
                    .collect(Collectors.joining("/"));
        }

        List<String> selectors() {
            return parameters(true);
        }

        /** Over HTTP the login says who asks. */
        List<String> arguments() {
            return parameters(false).stream().filter(name -> !name.equals("by")).toList();
        }

        private List<String> parameters(boolean selectors) {
            return Arrays.stream(method.getParameters())
                    .filter(parameter -> parameter.isAnnotationPresent(Selector.class) == selectors)
                    .map(Parameter::getName)
                    .toList();
        }

        @Override
        public String toString() {
            return verb() + " " + path();
        }
    }

    private static List<Operation> operations() throws Exception {
        var scanner = new ClassPathScanningCandidateComponentProvider(
                false, new MockEnvironment().withProperty("service.roles", "all"));
        scanner.addIncludeFilter(new AnnotationTypeFilter(Endpoint.class));
        List<Operation> operations = new ArrayList<>();
        for (var candidate : scanner.findCandidateComponents("routes")) {
            Class<?> endpoint = Class.forName(candidate.getBeanClassName());
            for (Method method : endpoint.getDeclaredMethods()) {
                if (method.isAnnotationPresent(ReadOperation.class)
                        || method.isAnnotationPresent(WriteOperation.class)) {
                    operations.add(new Operation(endpoint, method));
                }
            }
        }
        return operations;
    }

    private JsonNode described(Operation operation) {
        return document.path("paths").path(operation.path()).path(operation.verb());
    }

    @Test
    void everyOperationIsDescribedAndNothingElse() throws Exception {
        Set<String> described = new TreeSet<>();
        document.path("paths").properties().forEach(path -> names(path.getValue())
                .forEach(verb -> described.add(verb + " " + path.getKey())));

        assertThat(described)
                .isEqualTo(
                        operations().stream().map(Operation::toString).collect(Collectors.toCollection(TreeSet::new)));
    }

    @Test
    void everyArgumentIsDescribedAndNothingElse() throws Exception {
        for (Operation operation : operations()) {
            Map<String, List<String>> parameters = new TreeMap<>();
            for (JsonNode parameter : described(operation).path("parameters")) {
                JsonNode there = resolved(parameter);
                parameters
                        .computeIfAbsent(there.path("in").asText(), in -> new ArrayList<>())
                        .add(there.path("name").asText());
            }
            List<String> body = names(described(operation)
                    .at("/requestBody/content/application~1json/schema")
                    .path("properties"));

            assertThat(parameters.getOrDefault("path", List.of()))
                    .as("%s: in the path", operation)
                    .isEqualTo(operation.selectors());
            assertThat(operation.reads() ? parameters.getOrDefault("query", List.of()) : body)
                    .as("%s: arguments", operation)
                    .containsExactlyInAnyOrderElementsOf(operation.arguments());
        }
    }

    @Test
    void everyAnswerHasTheFieldsOfItsRecordsAndNoOthers() throws Exception {
        for (Operation operation : operations()) {
            ResolvableType answer = ResolvableType.forMethodReturnType(operation.method());
            if (answer.resolve() != Resource.class) {
                check(
                        answer,
                        described(operation).at("/responses/200/content/application~1json/schema"),
                        operation.toString());
            }
        }
    }

    private void check(ResolvableType type, JsonNode written, String where) {
        JsonNode schema = resolved(written.has("anyOf") ? written.at("/anyOf/0") : written);
        Class<?> raw = Objects.requireNonNull(type.resolve(), where);
        if (Collection.class.isAssignableFrom(raw)) {
            check(type.getGeneric(0), schema.path("items"), where + "[]");
        } else if (raw == Page.class) {
            JsonNode properties = schema.path("properties");
            assertThat(names(properties)).as(where).hasSize(2).contains("next");
            check(type.getGeneric(0), properties.iterator().next().path("items"), where + "[]");
        } else if (raw.isSealed()) {
            assertThat(StreamSupport.stream(schema.path("oneOf").spliterator(), false)
                            .map(some -> Set.copyOf(names(resolved(some).path("properties")))))
                    .as(where)
                    .containsExactlyInAnyOrderElementsOf(Arrays.stream(raw.getPermittedSubclasses())
                            .map(some -> fields(some).keySet())
                            .toList());
        } else if (raw.isRecord()) {
            Map<String, Field> fields = fields(raw);
            assertThat(names(schema.path("properties"))).as(where).containsExactlyInAnyOrderElementsOf(fields.keySet());
            assertThat(StreamSupport.stream(schema.path("required").spliterator(), false)
                            .map(JsonNode::asText))
                    .as(where + ": always there")
                    .containsExactlyInAnyOrderElementsOf(fields.entrySet().stream()
                            .filter(field -> field.getValue().always())
                            .map(Map.Entry::getKey)
                            .toList());
            fields.forEach((name, field) ->
                    check(field.type(), schema.path("properties").path(name), where + "." + name));
        }
    }

    private record Field(ResolvableType type, boolean always) {}

    /** The fields of a record's JSON; none if it is written as something else. */
    private static Map<String, Field> fields(Class<?> type) {
        Map<String, Field> fields = new LinkedHashMap<>();
        JsonInclude include = type.getAnnotation(JsonInclude.class);
        for (RecordComponent component : type.getRecordComponents()) {
            Method accessor = component.getAccessor();
            if (accessor.isAnnotationPresent(JsonUnwrapped.class)) {
                fields.putAll(fields(component.getType()));
            } else if (!accessor.isAnnotationPresent(JsonIgnore.class)) {
                boolean leftOut =
                        include != null && accessor.getAnnotatedReturnType().isAnnotationPresent(Nullable.class);
                fields.put(
                        snakeCase(component.getName()),
                        new Field(ResolvableType.forMethodReturnType(accessor), !leftOut));
            }
        }
        for (Method method : type.getDeclaredMethods()) {
            if (method.isAnnotationPresent(JsonProperty.class)) {
                fields.put(snakeCase(method.getName()), new Field(ResolvableType.forMethodReturnType(method), true));
            }
            assertThat(method.isAnnotationPresent(JsonValue.class))
                    .as("%s", method)
                    .isFalse();
        }
        return fields;
    }

    private static String snakeCase(String name) {
        return name.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
    }

    @Test
    void viewersMayReadAndOperatorsChangeAndTheRolesOfInstancesAreSaid() throws Exception {
        Map<String, String> roles = new TreeMap<>();
        for (JsonNode tag : document.path("tags")) {
            roles.put(tag.path("name").asText(), tag.path("x-service-role").asText());
        }
        for (Operation operation : operations()) {
            JsonNode described = described(operation);
            OnRole role = operation.endpoint().getAnnotation(OnRole.class);

            assertThat(described.path("x-role").asText())
                    .as("%s", operation)
                    .isEqualTo(operation.reads() ? "viewer" : "operator");
            assertThat(described.path("tags").path(0).asText())
                    .as("%s", operation)
                    .isEqualTo(operation.id());
            assertThat(roles.get(operation.id()))
                    .as("%s", operation)
                    .isEqualTo(role == null ? "" : role.value()[0].name().toLowerCase(Locale.ROOT));
        }
    }

    @Test
    void itIsWholeAndItsExamplesAreWhatItsSchemasSay() throws Exception {
        assertThat(document.path("openapi").asText()).startsWith("3.1.");
        assertThat(document.findValues("$ref")).isNotEmpty().allSatisfy(reference -> assertThat(
                        document.at(reference.asText().substring(1)).isMissingNode())
                .as(reference.asText())
                .isFalse());
        assertThat(document.findValuesAsText("operationId")).doesNotHaveDuplicates();
        for (Operation operation : operations()) {
            String at = "/paths/%s/%s".formatted(operation.path().replace("/", "~1"), operation.verb());
            assertThat(described(operation).path("summary").asText())
                    .as("%s", operation)
                    .isNotBlank();
            assertThat(names(described(operation).path("responses")))
                    .as("%s", operation)
                    .contains("200", "401", "403", "429");
            String answer = at + "/responses/200/content/application~1json";
            assertValid(answer, document.at(answer + "/example"));
            if (!operation.reads()) {
                String body = at + "/requestBody/content/application~1json";
                assertThat(document.at(body + "/examples")).as(body).isNotEmpty();
                document.at(body + "/examples").forEach(example -> assertValid(body, example.path("value")));
            }
        }
        for (String name : names(document.at("/components/responses"))) {
            String problem = "/components/responses/%s/content/application~1problem+json".formatted(name);
            assertValid(problem, document.at(problem + "/example"));
            assertThat(violations(problem, EventJson.mapper().createObjectNode()))
                    .as("a check that finds what is wrong")
                    .isNotEmpty();
        }
    }

    private void assertValid(String content, JsonNode example) {
        assertThat(example.isMissingNode()).as(content).isFalse();
        assertThat(violations(content, example)).as(content).isEmpty();
    }

    private List<?> violations(String content, JsonNode example) {
        return schemas.getSchema(SchemaLocation.of(SOMEWHERE + "#" + content + "/schema"))
                .validate(example);
    }

    private JsonNode resolved(JsonNode node) {
        return node.has("$ref") ? document.at(node.path("$ref").asText().substring(1)) : node;
    }

    private static List<String> names(JsonNode object) {
        return StreamSupport.stream(((Iterable<String>) object::fieldNames).spliterator(), false)
                .toList();
    }
}
