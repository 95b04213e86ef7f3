package routes.operation;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.web.server.ResponseStatusException;
import routes.event.Ids;

/**
 * Validates the arguments of operations. A refusal says which field is invalid and what to write instead: over HTTP as a
 * problem (RFC 9457), over JMX as the exception's message.
 */
public final class Arguments {

    private static final int MAX_NAME = 100;
    private static final int MAX_REASON = 500;
    private static final int MAX_CRITERION = 255;
    private static final int PAGE = 50;
    private static final int MAX_PAGE = 500;

    private static final Pattern COUNT = Pattern.compile("[1-9][0-9]{0,8}");

    private Arguments() {}

    /**
     * Who asks: every change needs it, for the audit. Over HTTP it is the logged-in user, whatever the caller says; over JMX,
     * which has no such login, it is what the caller says.
     */
    public static String by(@Nullable String by) {
        Authentication login = SecurityContextHolder.getContext().getAuthentication();
        return text("by", login == null ? by : login.getName(), MAX_NAME);
    }

    /** Why: one printable line. */
    public static String reason(@Nullable String reason) {
        return text("reason", reason, MAX_REASON);
    }

    /** The subject of an operation: one printable line. */
    public static String required(String field, @Nullable String value) {
        return text(field, value, MAX_CRITERION);
    }

    /** An id in events: one printable line, {@linkplain Ids#asRead as they are read}. */
    public static String id(String field, String value) {
        return Ids.asRead(required(field, value));
    }

    /** A search criterion; null for any. */
    public static @Nullable String criterion(String field, @Nullable String value) {
        return ifGiven(field, value, Arguments::required);
    }

    /** An optional value, read from the field's name and text; null if not given. */
    public static <T> @Nullable T ifGiven(String field, @Nullable String value, BiFunction<String, String, T> read) {
        return value == null ? null : read.apply(field, value);
    }

    private static String text(String field, @Nullable String value, int max) {
        if (value == null || value.isBlank()) {
            throw wrong(field, "is missing: write 1 to %d printable characters".formatted(max));
        }
        String text = value.strip();
        if (text.length() > max || !text.codePoints().allMatch(Arguments::isPrintable)) {
            throw wrong(field, "must have 1 to %d printable characters".formatted(max));
        }
        return text;
    }

    private static boolean isPrintable(int character) {
        return switch (Character.getType(character)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }

    /** One of a few words; there is no default. */
    public static String oneOf(String field, @Nullable String value, Collection<String> words) {
        if (value == null || !words.contains(value)) {
            throw wrong(field, (value == null ? "is missing" : "is unknown") + ": write " + String.join(" or ", words));
        }
        return value;
    }

    /** One of a few values, by its word. */
    public static <T> T oneOf(String field, @Nullable String value, Collection<T> values, Function<T, String> word) {
        String chosen = oneOf(field, value, values.stream().map(word).toList());
        return values.stream()
                .filter(some -> word.apply(some).equals(chosen))
                .findFirst()
                .orElseThrow();
    }

    /** The maximum number of rows on a page. */
    public static int limit(@Nullable String value) {
        return count("limit", value, PAGE, MAX_PAGE);
    }

    /** A whole number from 1. */
    public static int count(String field, @Nullable String value, int otherwise, int max) {
        if (value == null) {
            return otherwise;
        }
        if (!COUNT.matcher(value).matches() || Integer.parseInt(value) > max) {
            throw wrong(field, "must be a whole number from 1 to " + max);
        }
        return Integer.parseInt(value);
    }

    /** A whole number from 0. */
    public static long number(String field, String value, int digits, String otherwise) {
        if (!value.matches("[0-9]{1,%d}".formatted(digits))) {
            throw wrong(field, otherwise);
        }
        return Long.parseLong(value);
    }

    /** Whether an operation on many only reports what it would do, which is the default. */
    public static boolean dryRun(@Nullable String value) {
        return value == null || oneOf("dryRun", value, List.of("true", "false")).equals("true");
    }

    /** A row's id. */
    public static UUID uuid(String field, String value) {
        try {
            return UUID.fromString(value);
        } catch (IllegalArgumentException e) {
            throw wrong(field, "is not a UUID");
        }
    }

    /** A timestamp with its UTC offset. */
    public static @Nullable Instant moment(String field, @Nullable String value) {
        try {
            return value == null ? null : OffsetDateTime.parse(value).toInstant();
        } catch (DateTimeException e) {
            throw wrong(field, "is not a timestamp such as 2025-01-01T12:00:00Z");
        }
    }

    /** The request is invalid (HTTP 400). */
    public static InvalidEndpointRequestException wrong(String field, String message) {
        String text = field + " " + message;
        return new InvalidEndpointRequestException(text, text);
    }

    /** The subject does not exist (HTTP 404). */
    public static ResponseStatusException missing(String message) {
        return new ResponseStatusException(HttpStatus.NOT_FOUND, message);
    }

    /** It cannot be done at the moment (HTTP 503). */
    public static ResponseStatusException unavailable(String message) {
        return new ResponseStatusException(HttpStatus.SERVICE_UNAVAILABLE, message);
    }

    /** The current state does not allow it (HTTP 409). */
    public static ResponseStatusException refused(String message) {
        return new ResponseStatusException(HttpStatus.CONFLICT, message);
    }
}
