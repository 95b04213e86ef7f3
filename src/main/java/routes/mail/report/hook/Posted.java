package routes.mail.report.hook;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.web.ErrorResponseException;
import routes.api.Problems;
import routes.event.EventJson;
import routes.mail.report.MailReport;
import routes.mail.report.MailReport.Kind;

/**
 * What somebody posted to {@code /reports/{provider}}.
 *
 * @param body the bytes as they came: signatures are over these
 * @param at when it came
 */
record Posted(byte[] body, HttpHeaders headers, Instant at) {

    /** How old a signature may be, or how far ahead its clock (Standard Webhooks, "Verifying webhook authenticity"). */
    static final Duration WINDOW = Duration.ofMinutes(5);

    private static final int MAX_ID = 200;

    /**
     * Codes (RFC 3463) of a mailbox that does not exist, and those that say too little to contradict the provider. With any
     * other, such as 5.7.1 or 5.2.2, a bounce is about the mail, the sender or the moment.
     */
    private static final Pattern OF_THE_MAILBOX = Pattern.compile("5\\.(1\\.([01236]|10)|2\\.1|0\\.0|4\\.1|5\\.0)");

    /** The header's value; empty if it is missing. */
    String header(String name) {
        String value = headers.getFirst(name);
        return value == null ? "" : value;
    }

    /** The body as JSON. */
    JsonNode json() {
        return json(body);
    }

    static JsonNode json(byte[] bytes) {
        try {
            return EventJson.tree(bytes);
        } catch (IOException e) {
            throw malformed("The body is not JSON, or nested too deeply, or too long.");
        }
    }

    /** Refuses what was signed too long ago, since it may be a replay, or in the future. */
    void requireRecent(Instant signed, Duration window) {
        if (Duration.between(signed, at).compareTo(window) > 0
                || Duration.between(at, signed).compareTo(WINDOW) > 0) {
            throw forged();
        }
    }

    /** The same for seconds since 1970. */
    void requireRecent(String seconds) {
        try {
            requireRecent(Instant.ofEpochSecond(Long.parseLong(seconds)), WINDOW);
        } catch (NumberFormatException | DateTimeException | ArithmeticException e) {
            throw forged();
        }
    }

    /** A report; none if it is not about a delivery of this service. */
    static List<MailReport> report(
            String source,
            String id,
            Kind kind,
            Optional<UUID> delivery,
            @Nullable String recipient,
            String code,
            String reason) {
        if (id.isBlank() || id.length() > MAX_ID) {
            throw malformed("The report's id must have 1 to %d characters.".formatted(MAX_ID));
        }
        boolean isHard = kind != Kind.HARD_BOUNCE
                || code.isEmpty()
                || OF_THE_MAILBOX.matcher(code).matches();
        return delivery.stream()
                .map(its -> new MailReport(
                        source,
                        id,
                        isHard ? kind : Kind.SOFT_BOUNCE,
                        its,
                        recipient == null || recipient.isBlank() ? null : recipient,
                        code.isEmpty() ? null : code,
                        reason))
                .toList();
    }

    /** 401: the signature is missing, wrong or old; which one is not told. */
    static ErrorResponseException forged() {
        return Problems.of(HttpStatus.UNAUTHORIZED, "Not authorized", "The signature is missing, wrong, or too old.");
    }

    /** 400: signed, and not what the provider's documentation says. */
    static ErrorResponseException malformed(String detail) {
        return Problems.of(HttpStatus.BAD_REQUEST, "Invalid report", detail);
    }
}
