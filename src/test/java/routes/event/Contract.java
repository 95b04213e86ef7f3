package routes.event;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The documents of docs/events, as somebody sees them who has fetched them from somewhere. */
public final class Contract {

    static final Path DIRECTORY = Path.of("docs/events");

    private static final String SOMEWHERE = "https://elsewhere.example/contract/";

    private static final SchemaRegistry REGISTRY = SchemaRegistry.withDefaultDialect(
            SpecificationVersion.DRAFT_2020_12,
            registry -> registry.schemas(iri ->
                    iri.startsWith(SOMEWHERE) ? read(DIRECTORY.resolve(iri.substring(SOMEWHERE.length()))) : null));

    private Contract() {}

    /** The schema in a file under schemas. */
    public static Schema schema(String name) {
        return REGISTRY.getSchema(SchemaLocation.of(SOMEWHERE + "schemas/" + name + ".json"));
    }

    /** The schema at a place within a file, named by its path in the JSON. */
    static Schema schemaIn(String file, String... path) {
        String pointer = Stream.of(path)
                .map(name -> "/" + name.replace("~", "~0").replace("/", "~1"))
                .map(name -> name.replace("{", "%7B").replace("}", "%7D"))
                .collect(Collectors.joining());
        return REGISTRY.getSchema(SchemaLocation.of(SOMEWHERE + file + "#" + pointer));
    }

    /** The schema of schemas: JSON Schema 2020-12 itself. */
    static Schema metaSchema() {
        return REGISTRY.getSchema(SchemaLocation.of(SpecificationVersion.DRAFT_2020_12.getDialectId()));
    }

    static JsonNode json(Path file) {
        try {
            return EventJson.mapper().readTree(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The names of the schemas. */
    static List<Path> files() {
        try (Stream<Path> files = Files.walk(DIRECTORY)) {
            return files.filter(file -> file.toString().endsWith(".json")).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
