package routes.mail.report.hook;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.web.ErrorResponseException;
import routes.api.Problems;
import routes.event.EventJson;

/**
 * What somebody posted to {@code /reports/{provider}}.
 *
 * @param body the bytes as they came: signatures are over these
 * @param at when it came
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares them
record Posted(byte[] body, HttpHeaders headers, Instant at) {

    /** How old a signature may be, and how far ahead the sender's clock. */
    static final Duration WINDOW = Duration.ofMinutes(5);

    /** The header's value; empty if it is missing. */
    String header(String name) {
        String value = headers.getFirst(name);
        return value == null ? "" : value;
    }

    JsonNode json() {
        return json(body);
    }

    static JsonNode json(byte[] bytes) {
        try {
            return EventJson.tree(bytes);
        } catch (IOException e) {
            throw malformed("The body is not JSON, is nested too deeply, or has too long a string.");
        }
    }

    /** Refuses what was signed too long ago, since it may be a replay, or in the future. */
    void requireRecent(Instant signed, Duration window) {
        if (signed.isBefore(at.minus(window)) || signed.isAfter(at.plus(WINDOW))) {
            throw forged();
        }
    }

    /** The same, for seconds since 1970. */
    void requireRecent(String seconds) {
        try {
            requireRecent(Instant.ofEpochSecond(Long.parseLong(seconds)), WINDOW);
        } catch (NumberFormatException | DateTimeException e) {
            throw forged();
        }
    }

    /** 401, which does not tell what is wrong. */
    static ErrorResponseException forged() {
        return Problems.of(HttpStatus.UNAUTHORIZED, "Not authorized", "The signature is missing, wrong or too old.");
    }

    /** 400: not what the provider's documentation says. */
    static ErrorResponseException malformed(String detail) {
        return Problems.of(HttpStatus.BAD_REQUEST, "Invalid report", detail);
    }
}
