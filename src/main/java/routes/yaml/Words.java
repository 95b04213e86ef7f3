package routes.yaml;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import routes.settings.Nearest;

/** What Camel and the YAML parser say of a mistake, with what to write instead. */
final class Words {

    private static final Pattern UNKNOWN_STEP = Pattern.compile("Unknown node id: (\\S+)");
    private static final Pattern UNKNOWN_FIELD = Pattern.compile("Unsupported field: (\\S+)");
    private static final String STEPS = "/items/definitions/org.apache.camel.model.ProcessorDefinition/properties";

    private Words() {}

    /** In place of a message of Camel, which stays as it is if it is not known here. */
    static String ofCamel(String message) {
        Matcher step = UNKNOWN_STEP.matcher(message);
        if (step.find()) {
            return "there is no step %s%s".formatted(step.group(1), Nearest.question(step.group(1), steps()));
        }
        Matcher field = UNKNOWN_FIELD.matcher(message);
        if (field.find()) {
            return field.group(1).matches("(maximumR|r)edeliver.*")
                    ? "%s is not needed: RETRY_SCHEDULE says when a delivery is retried; remove it"
                            .formatted(field.group(1))
                    : "%s is not a field of this step: write options of an endpoint under parameters:"
                            .formatted(field.group(1));
        }
        return message.equals("UnsupportedOperationException")
                ? "this step has no short form: write its fields, such as uri:, on lines of their own"
                : message;
    }

    /** In place of a message of the YAML parser. */
    static String ofParser(String message) {
        return message + ": check the indentation of this line and the one before";
    }

    /** The steps of Camel's YAML DSL, by its schema. */
    private static List<String> steps() {
        List<String> names = new ArrayList<>();
        try (InputStream schema = CamelContext.class.getResourceAsStream("/schema/camelYamlDsl-canonical.json")) {
            if (schema != null) {
                new ObjectMapper().readTree(schema).at(STEPS).fieldNames().forEachRemaining(names::add);
            }
        } catch (IOException e) {
            return List.of(); // only a suggestion is missing then
        }
        return names;
    }
}
