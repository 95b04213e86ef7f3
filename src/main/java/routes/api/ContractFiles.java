package routes.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.stereotype.Component;
import routes.event.EventJson;
import routes.settings.OnRole;
import routes.settings.Role;

/** The files that are served under {@code /contract}, as a page shows them. */
@OnRole(Role.PUBLISH)
@Component
final class ContractFiles {

    private final Map<String, JsonNode> files = new TreeMap<>();

    @Autowired
    ContractFiles() throws IOException {
        this("static/contract/");
    }

    ContractFiles(String directory) throws IOException {
        for (Resource file :
                new PathMatchingResourcePatternResolver().getResources("classpath:" + directory + "**/*.json")) {
            String name = file.getURL().toString().replaceFirst(".*/" + directory, "");
            files.put(name, EventJson.mapper().readTree(file.getContentAsByteArray()));
        }
    }

    /** A line of a table: a field, a type of field, or a file. */
    record Line(String name, String type, boolean required, String description) {}

    /** A type of event. */
    record Type(String name, String summary, String schema, List<Line> fields, String example) {}

    List<Line> all() {
        return files.entrySet().stream()
                .map(file -> new Line(file.getKey(), "", false, title(file.getValue())))
                .toList();
    }

    List<Line> envelope() {
        return lines(at("schemas/envelope.json", ""), "properties");
    }

    /** The types of fields that have a name. */
    List<Line> types() {
        return lines(at("schemas/common.json", ""), "$defs");
    }

    /** The types of events that can be published, in the order of the AsyncAPI document. */
    List<Type> events() {
        return elements(at("asyncapi.json", "/channels/domainEvents/messages"))
                .map(reference ->
                        at("asyncapi.json", reference.path("$ref").asText().substring(1)))
                .map(ContractFiles.this::event)
                .toList();
    }

    private Type event(JsonNode message) {
        String schema = message.at("/payload/schema/$ref").asText();
        return new Type(
                message.path("name").asText(),
                message.path("summary").asText(),
                schema,
                lines(at(schema, "/$defs/data"), "properties"),
                message.at("/examples/0/payload").toPrettyString());
    }

    /** The fields of a schema, but for those that must be missing. */
    private static List<Line> lines(JsonNode schema, String fields) {
        List<String> required =
                elements(schema.path("required")).map(JsonNode::asText).toList();
        return schema.path(fields).properties().stream()
                .filter(field -> field.getValue().isObject())
                .map(field -> new Line(
                        field.getKey(),
                        type(field.getValue()),
                        required.contains(field.getKey()),
                        field.getValue().path("description").asText()))
                .toList();
    }

    private static String type(JsonNode schema) {
        if (schema.has("$ref")) {
            return schema.path("$ref").asText().replaceFirst(".*/", "");
        }
        JsonNode type = schema.path("type");
        String name = type.isTextual()
                ? type.asText()
                : String.join(" or ", elements(type).map(JsonNode::asText).toList());
        return schema.has("maximum")
                ? "%s, %s to %s".formatted(name, schema.path("minimum").asText("0"), schema.path("maximum"))
                : name;
    }

    private static String title(JsonNode file) {
        return file.path("title").asText(file.at("/info/title").asText());
    }

    private JsonNode at(String file, String pointer) {
        return files.getOrDefault(file, EventJson.mapper().missingNode()).at(pointer);
    }

    private static Stream<JsonNode> elements(JsonNode node) {
        return StreamSupport.stream(node.spliterator(), false);
    }
}
