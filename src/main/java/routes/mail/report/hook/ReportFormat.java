package routes.mail.report.hook;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.springframework.core.io.ClassPathResource;
import routes.event.EventJson;
import routes.mail.Mails;
import routes.mail.report.MailReport;
import routes.mail.report.MailReport.Kind;
import routes.mail.smtp.SmtpReply;

/**
 * Where the JSON of a provider says what a report needs, as its documentation describes: JSON pointers (RFC 6901). The formats
 * are data, in {@code report-formats.json}.
 *
 * @param kind the values that say what happened; together they are a key of {@code kinds}, or it is not a report
 * @param id the values that together are the report's id
 * @param delivery where the delivery may be: its id, the Message-ID, or the header of the mail, as a list of names and values
 */
record ReportFormat(
        List<JsonPointer> kind,
        Map<String, Kind> kinds,
        List<JsonPointer> id,
        List<JsonPointer> delivery,
        List<JsonPointer> recipient,
        List<JsonPointer> code,
        List<JsonPointer> reason) {

    private static final int MAX_ID = 200;

    /** The formats, by provider. */
    static Map<String, ReportFormat> all() throws IOException {
        byte[] json = new ClassPathResource("report-formats.json").getContentAsByteArray();
        return EventJson.mapper().readValue(json, new TypeReference<>() {});
    }

    /** The report in an event of a provider; empty if it is about something else, or about a mail of somebody else. */
    Optional<MailReport> read(String provider, JsonNode event) {
        Kind its = kinds.get(values(event, kind).collect(Collectors.joining(" ")));
        Optional<UUID> mail = values(event, delivery)
                .flatMap(value -> Mails.delivery(value).stream())
                .findFirst();
        if (its == null || mail.isEmpty()) {
            return Optional.empty();
        }
        String name = values(event, id).collect(Collectors.joining("/"));
        if (name.isEmpty() || name.length() > MAX_ID) {
            throw Posted.malformed("The report's id must have 1 to %d characters.".formatted(MAX_ID));
        }
        String status = first(event, code);
        // With any other code, such as 5.7.1 or 5.2.2, a bounce is about the mail, its sender or the moment.
        boolean isContradicted = its == Kind.HARD_BOUNCE && !status.isEmpty() && !SmtpReply.mayMeanNoMailbox(status);
        String address = first(event, recipient);
        return Optional.of(new MailReport(
                provider,
                name,
                isContradicted ? Kind.SOFT_BOUNCE : its,
                mail.get(),
                address.isEmpty() ? null : address,
                status.isEmpty() ? null : status,
                first(event, reason)));
    }

    private static String first(JsonNode event, List<JsonPointer> pointers) {
        return values(event, pointers).findFirst().orElse("");
    }

    /** In a header as SES tells it: what it sends under an id of its own is there with the id that it came with. */
    private static JsonNode messageId(JsonNode header) {
        return StreamSupport.stream(header.spliterator(), false)
                .filter(field -> field.path("name").asText().equalsIgnoreCase("Message-ID"))
                .map(field -> field.path("value"))
                .findFirst()
                .orElse(MissingNode.getInstance());
    }

    private static Stream<String> values(JsonNode event, List<JsonPointer> pointers) {
        return pointers.stream()
                .map(event::at)
                .map(value -> value.isArray() ? messageId(value) : value)
                .filter(value -> value.isTextual() || value.isIntegralNumber())
                .map(JsonNode::asText)
                .filter(text -> !text.isBlank());
    }
}
