package routes.event;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeType;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The fields of one JSON object, read strictly. An invalid field adds a violation and reads as a harmless value, so that one
 * pass finds everything that is wrong. Other fields are ignored.
 */
final class Fields {

    private final JsonNode object;
    private final String prefix;
    private final List<Violation> violations;
    private final Instant writtenAt;
    private final Instant latest;

    /**
     * The fields of an object.
     *
     * @param writtenAt the time of an event without one
     * @param latest the latest valid time
     */
    Fields(JsonNode object, String prefix, List<Violation> violations, Instant writtenAt, Instant latest) {
        this.object = object;
        this.prefix = prefix;
        this.violations = violations;
        this.writtenAt = writtenAt;
        this.latest = latest;
    }

    /** Whether the field is present and not null. */
    boolean has(String name) {
        return object.hasNonNull(name);
    }

    /** The fields of an object inside this one. */
    Fields object(String name) {
        JsonNode value = object.path(name);
        if (!value.isObject()) {
            wrong(name, value.isMissingNode() ? "is missing" : "is " + kind(value) + ", not an object");
        }
        return inside(name, value);
    }

    /** The fields of an object that is Base64-encoded JSON (RFC 4648, section 4). */
    Fields encodedObject(String name) {
        JsonNode value = MissingNode.getInstance();
        try {
            value = EventJson.tree(Base64.getDecoder().decode(object.path(name).asText()));
            if (!value.isObject()) {
                wrong(name, "holds " + kind(value) + ", not an object");
            }
        } catch (IllegalArgumentException e) {
            wrong(name, "is not valid Base64");
        } catch (IOException e) {
            wrong(name, "does not hold valid JSON");
        }
        return inside(name, value);
    }

    private Fields inside(String name, JsonNode value) {
        return new Fields(value, prefix + name + ".", violations, writtenAt, latest);
    }

    /** An identifier. */
    String id(String name) {
        return Ids.asRead(string(name, EventRules::id));
    }

    /** A line of text that is not empty. */
    String text(String name) {
        return string(name, EventRules::text);
    }

    /** An address, read as in the application's rows: white space around it is ignored. */
    String email(String name) {
        return WhiteSpace.strip(string(name, EventRules::email));
    }

    /** A string to which the rule has no objection; otherwise the empty one. */
    private String string(String name, Function<String, @Nullable String> rule) {
        JsonNode value = object.path(name);
        if (value.isMissingNode()) {
            return wrong(name, "is missing");
        }
        if (!value.isTextual()) {
            return wrong(name, "is " + kind(value) + ", not a string");
        }
        String text = value.textValue();
        String problem = rule.apply(text);
        return problem == null ? text : wrong(name, problem);
    }

    /** A timestamp, or the record's if missing. */
    Instant optionalTimestamp(String name) {
        return has(name) ? timestamp(name) : writtenAt;
    }

    /** A timestamp with its UTC offset (ISO 8601, RFC 3339). */
    Instant timestamp(String name) {
        String text = text(name);
        if (text.isEmpty()) {
            return Instant.EPOCH;
        }
        try {
            Instant timestamp = OffsetDateTime.parse(text).toInstant();
            String problem = EventRules.time(timestamp, latest);
            if (problem == null) {
                return timestamp;
            }
            wrong(name, problem);
        } catch (DateTimeException e) {
            wrong(name, "is not a timestamp such as 2025-01-01T12:00:00Z");
        }
        return Instant.EPOCH;
    }

    int count(String name, int max) {
        if (object.path(name).isMissingNode()) {
            wrong(name, "is missing");
            return 0;
        }
        Integer count = optionalCount(name, max);
        if (count == null) {
            wrong(name, "is null, not a number");
            return 0;
        }
        return count;
    }

    @Nullable
    Integer optionalCount(String name, int max) {
        JsonNode value = object.path(name);
        if (value.isMissingNode() || value.isNull()) {
            return null;
        }
        if (!value.isIntegralNumber()) {
            wrong(name, "is " + kind(value) + ", not a whole number");
            return 0;
        }
        int count = value.canConvertToInt() ? value.intValue() : -1; // beyond an int: refused as a negative one is
        String problem = EventRules.count(count, max);
        if (problem != null) {
            wrong(name, problem);
            return 0;
        }
        return count;
    }

    /** Adds a violation; returns the empty string, in place of the invalid value. */
    String wrong(String name, String message) {
        violations.add(new Violation(prefix + name, message));
        return "";
    }

    private static String kind(JsonNode value) {
        JsonNodeType type = value.getNodeType();
        return switch (type) {
            case NULL -> "null";
            case ARRAY -> "an array";
            case OBJECT -> "an object";
            default -> "a " + type.name().toLowerCase(Locale.ROOT);
        };
    }
}
