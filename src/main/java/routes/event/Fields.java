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
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The fields of one JSON object, read strictly. An invalid field adds a violation and reads as a harmless value, so that one
 * pass finds everything that is wrong. Other fields are ignored.
 */
final class Fields {

    /** Long enough for any id in use, short enough for an index and a header. */
    private static final int MAX_TEXT = 255;

    private static final int MAX_ID = 128;

    /** RFC 5321, section 4.5.3.1: 64 octets before the at sign; the limit of 256 for the whole path includes the brackets. */
    private static final Pattern EMAIL =
            Pattern.compile("[^\\s@<>()\\[\\],;:\\\\\"]{1,64}@[^\\s@<>()\\[\\],;:\\\\\"]+");

    private static final int MAX_EMAIL = 254;

    /** No event is older; an older record timestamp is ignored. */
    static final Instant EARLIEST = Instant.parse("2000-01-01T00:00:00Z");

    /** The latest time that RFC 3339 can express. */
    private static final Instant END = Instant.parse("9999-12-31T23:59:59Z");

    /** The violation of a time that is in the future, by both the record's time and this machine's clock. */
    static final String AHEAD = "is more than a day ahead";

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

    /** An identifier. A UUID is read in lower case: one in upper case names the same thing. */
    String id(String name) {
        String text = text(name);
        if (!text.isEmpty() && !isId(text)) {
            wrong(name, "must be 1 to 128 letters, digits, or . _ : -");
            return "";
        }
        String lower = text.toLowerCase(Locale.ROOT);
        return lower.equals(text) || Ids.isUuid(lower) ? lower : text;
    }

    /** Ids are part of keys, headers and log lines: only characters that never need quoting. */
    private static boolean isId(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean isLetter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
            boolean isDigit = c >= '0' && c <= '9';
            if (!isLetter && !isDigit && "-._:".indexOf(c) < 0) {
                return false;
            }
        }
        return !text.isEmpty() && text.length() <= MAX_ID;
    }

    /** A line of text that is not empty. */
    String text(String name) {
        return plain(name, string(name));
    }

    private String string(String name) {
        JsonNode value = object.path(name);
        if (value.isMissingNode()) {
            return wrong(name, "is missing");
        }
        if (!value.isTextual()) {
            return wrong(name, "is " + kind(value) + ", not a string");
        }
        String text = value.textValue();
        if (text.isBlank()) {
            return wrong(name, "is empty");
        }
        if (text.length() > MAX_TEXT) {
            return wrong(name, "has " + text.length() + " characters; at most " + MAX_TEXT + " are allowed");
        }
        return text;
    }

    /** Most fields are short: a loop takes a tenth of the time of streams, patterns or encoders. */
    private String plain(String name, String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isISOControl(c)) {
                return wrong(name, "contains a control character");
            }
            if (Character.isSurrogate(c)) {
                boolean pair = Character.isHighSurrogate(c)
                        && i + 1 < text.length()
                        && Character.isLowSurrogate(text.charAt(i + 1));
                if (!pair) {
                    return wrong(name, "contains an unpaired surrogate");
                }
                i++;
            }
        }
        return text;
    }

    /** An address, read as in the application's rows: white space around it is ignored. */
    String email(String name) {
        String text = string(name);
        if (text.isEmpty()) {
            return text;
        }
        String address = WhiteSpace.strip(text);
        if (WhiteSpace.isIn(address)) {
            return wrong(name, "contains white space, a control character or a zero-width character");
        }
        if (text.length() > MAX_EMAIL || !EMAIL.matcher(address).matches()) {
            return wrong(name, "is not an email address");
        }
        return plain(name, address);
    }

    /** A timestamp, or the record's if missing. */
    Instant optionalTimestamp(String name) {
        return has(name) ? timestamp(name) : writtenAt;
    }

    /** A timestamp with its UTC offset (ISO 8601, RFC 3339). It may be ahead by as much as clocks and time zones differ. */
    Instant timestamp(String name) {
        String text = text(name);
        if (!text.isEmpty()) {
            try {
                Instant timestamp = OffsetDateTime.parse(text).toInstant();
                if (timestamp.isBefore(EARLIEST)) {
                    wrong(name, "is before the year 2000");
                } else if (timestamp.isAfter(latest) || timestamp.isAfter(END)) {
                    wrong(name, AHEAD);
                } else {
                    return timestamp;
                }
            } catch (DateTimeException e) {
                wrong(name, "is not a timestamp such as 2025-01-01T12:00:00Z");
            }
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
        if (!value.canConvertToInt() || value.intValue() < 0 || value.intValue() > max) {
            wrong(name, "must be between 0 and " + max);
            return 0;
        }
        return value.intValue();
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
