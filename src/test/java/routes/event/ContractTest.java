package routes.event;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.Schema;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.type.filter.AnnotationTypeFilter;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** The AsyncAPI and the OpenAPI document: they say what there is, and hang together. */
class ContractTest {

    private final JsonNode asyncApi = Contract.json(Contract.DIRECTORY.resolve("asyncapi.json"));
    private final JsonNode openApi = Contract.json(Contract.DIRECTORY.resolve("openapi.json"));

    @Test
    void theServiceServesWhatTheDocumentationHas() throws Exception {
        for (Path file : Contract.files()) {
            String name = "/static/contract/" + Contract.DIRECTORY.relativize(file);
            try (var served = getClass().getResourceAsStream(name)) {
                assertThat(Objects.requireNonNull(served, name)).hasBinaryContent(Files.readAllBytes(file));
            }
        }
    }

    @Test
    void everyReferenceLeadsSomewhere() {
        for (Path file : Contract.files()) {
            JsonNode document = Contract.json(file);
            for (JsonNode reference : document.findValues("$ref")) {
                String[] target = reference.textValue().split("#", 2);
                JsonNode in = target[0].isEmpty()
                        ? document
                        : Contract.json(Objects.requireNonNull(file.getParent()).resolve(target[0]));
                JsonNode found = target.length < 2 ? in : in.at(target[1]);
                assertThat(found.isMissingNode()).as(file + ": " + reference).isFalse();
            }
        }
    }

    @Test
    void everyTypeIsAMessageOfTheTopicWithItsSchemaAndAnExampleOfIt() {
        Set<String> types = new TreeSet<>();
        for (JsonNode reference : asyncApi.at("/channels/domainEvents/messages")) {
            JsonNode message = asyncApi.at(reference.path("$ref").textValue().substring(1));
            String type = message.path("name").textValue();
            types.add(type);
            assertThat(message.at("/payload/schema/$ref").textValue()).isEqualTo("schemas/" + type + ".json");
            assertThat(Contract.schema(type).validate(message.at("/examples/0/payload")))
                    .isEmpty();
        }

        assertThat(types)
                .containsExactlyInAnyOrderElementsOf(
                        Arrays.stream(EventType.values()).map(EventType::value).toList());
        assertThat(asyncApi.path("asyncapi").textValue()).isEqualTo("3.0.0");
    }

    @Test
    void everyOutcomeIsAMessageOfItsTopicWithItsSchemaAndAnExampleOfIt() {
        for (JsonNode reference : asyncApi.at("/channels/outcomes/messages")) {
            JsonNode message = asyncApi.at(reference.path("$ref").textValue().substring(1));
            String type = message.path("name").textValue();
            assertThat(message.at("/payload/schema/$ref").textValue()).isEqualTo("schemas/" + type + ".json");
            JsonNode example = message.at("/examples/0/payload");
            assertThat(Contract.schema(type).validate(example)).isEmpty();
            assertThat(Contract.schema("outcome").validate(example)).isEmpty();
        }
    }

    @Test
    void theHeadersAreThoseThatArePublished() {
        assertThat(names(asyncApi.at("/components/messageTraits/outcome/headers/properties")))
                .containsExactlyElementsOf(EventWriter.headers("1", "delivery.failed", Instant.EPOCH)
                        .keySet());
        EventWriter writer = new EventWriter(new EventReader());

        assertThat(names(asyncApi.at("/components/messageTraits/event/headers/properties")))
                .containsExactlyElementsOf(
                        writer.headers(Events.any(EventType.USER_VERIFIED).tracedBy("00-1-1-01"))
                                .keySet());
    }

    @Test
    void everyPathThatIsServedIsDescribed() throws Exception {
        Set<String> served = new TreeSet<>();
        var scanner = new ClassPathScanningCandidateComponentProvider(false);
        scanner.addIncludeFilter(new AnnotationTypeFilter(RestController.class));
        for (var candidate : scanner.findCandidateComponents("routes")) {
            for (var method : Class.forName(candidate.getBeanClassName()).getDeclaredMethods()) {
                RequestMapping mapping = AnnotatedElementUtils.findMergedAnnotation(method, RequestMapping.class);
                if (mapping != null) {
                    served.add(mapping.method()[0] + " " + mapping.path()[0].replaceAll("\\{.*?}", "{}"));
                }
            }
        }

        Set<String> described = new TreeSet<>();
        openApi.path("paths").properties().forEach(path -> names(path.getValue())
                .forEach(method -> described.add(method.toUpperCase(java.util.Locale.ROOT) + " "
                        + path.getKey().replaceAll("\\{.*?}", "{}"))));

        assertThat(described).isEqualTo(served);
        assertThat(openApi.path("openapi").textValue()).startsWith("3.1.");
    }

    /** Each is one of the alternatives of its schema, and no other: a client that is generated from them has to choose. */
    @Test
    void everyExampleOfARequestIsAsItsSchemaSays() {
        int examples = 0;
        for (var path : openApi.path("paths").properties()) {
            for (var method : path.getValue().properties()) {
                for (var body : method.getValue().at("/requestBody/content").properties()) {
                    Schema schema = Contract.schemaIn(
                            "openapi.json",
                            "paths",
                            path.getKey(),
                            method.getKey(),
                            "requestBody",
                            "content",
                            body.getKey(),
                            "schema");
                    for (JsonNode example : body.getValue().path("examples")) {
                        examples++;
                        assertThat(schema.validate(example.path("value")))
                                .as("%s %s", path.getKey(), example)
                                .isEmpty();
                        assertThat(schema.validate(EventJson.mapper().createObjectNode()))
                                .as("an empty object for " + path.getKey())
                                .isNotEmpty();
                    }
                }
            }
        }

        assertThat(examples).isGreaterThan(4);
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/json", "application/cloudevents+json", "application/cloudevents-batch+json"})
    void everyExampleOfABodyWithEventsIsOneThatTheReaderTakes(String type) throws Exception {
        JsonNode examples = openApi.path("paths")
                .path("/events")
                .at("/post/requestBody/content")
                .path(type)
                .path("examples");

        assertThat(examples).isNotEmpty();
        for (JsonNode example : examples) {
            JsonNode value = example.path("value");
            for (JsonNode event : value.isArray() ? value : List.of(value)) {
                assertThat(new EventReader().read(event, EventHeaders.NONE).id())
                        .isNotEmpty();
            }
        }
    }

    /** As the tools that check such documents ask. */
    @Test
    void everyOperationHasADescriptionAndATagThatIsExplained() {
        Set<String> tags = new TreeSet<>();
        for (JsonNode tag : openApi.path("tags")) {
            assertThat(tag.path("description").asText()).isNotEmpty();
            tags.add(tag.path("name").asText());
        }
        for (JsonNode path : openApi.path("paths")) {
            for (JsonNode operation : path) {
                assertThat(operation.path("description").asText())
                        .as(operation.path("operationId").asText())
                        .isNotEmpty();
                assertThat(tags).contains(operation.path("tags").path(0).asText());
            }
        }
        assertThat(openApi.at("/info/contact/name").asText()).isNotEmpty();
    }

    private static List<String> names(JsonNode object) {
        return StreamSupport.stream(((Iterable<String>) object::fieldNames).spliterator(), false)
                .toList();
    }

    /** The list of rules that only the reader has is the one of the test that holds it against the schemas. */
    @Test
    void theReadmeNamesTheRulesThatASchemaCannotSay() throws Exception {
        String readme = Files.readString(Contract.DIRECTORY.resolve("README.md"));

        assertThat(Stream.of(EventSchemasTest.OnlyTheReader.values()))
                .allSatisfy(rule -> assertThat(readme).contains("`" + rule.name() + "`"));
    }
}
