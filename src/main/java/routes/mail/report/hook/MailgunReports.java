package routes.mail.report.hook;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import routes.event.Sha256;
import routes.mail.Mails;
import routes.mail.ReportsSettings;
import routes.mail.report.MailReport;
import routes.mail.report.MailReport.Kind;

/**
 * Mailgun's webhooks. The signature is in the body and covers a timestamp and a token, but not the event: a token is good for
 * one body only.
 */
final class MailgunReports implements ReportProvider {

    private static final int TOKENS = 10_000;

    private final List<Hmac> keys;

    /** The tokens of late, each with the hash of its body. */
    private final Map<String, String> tokens = Collections.synchronizedMap(new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
            return size() > TOKENS;
        }
    });

    MailgunReports(ReportsSettings settings) {
        this.keys = settings.mailgunKeys().stream()
                .map(key -> new Hmac(key.getBytes(UTF_8)))
                .toList();
    }

    @Override
    public String name() {
        return "mailgun";
    }

    @Override
    public boolean isOn() {
        return !keys.isEmpty();
    }

    @Override
    public List<MailReport> read(Posted posted) {
        JsonNode json = posted.json();
        String timestamp = json.at("/signature/timestamp").asText();
        String token = json.at("/signature/token").asText();
        List<String> given = List.of(json.at("/signature/signature").asText());
        byte[] signed = (timestamp + token).getBytes(UTF_8);
        if (keys.stream().noneMatch(key -> key.isOneOf(given, HexFormat.of()::formatHex, signed))) {
            throw Posted.forged();
        }
        posted.requireRecent(timestamp);
        String body = Sha256.hex(new String(posted.body(), UTF_8));
        String before = tokens.putIfAbsent(token, body);
        if (before != null && !before.equals(body)) {
            throw Posted.forged();
        }
        JsonNode event = json.path("event-data");
        return kind(event)
                .map(kind -> Posted.report(
                        name(),
                        event.path("id").asText(),
                        kind,
                        Mails.delivery(event.at("/message/headers/message-id").asText()),
                        event.path("recipient").asText(),
                        event.at("/delivery-status/enhanced-code").asText(),
                        event.at("/delivery-status/message").asText()))
                .orElse(List.of());
    }

    /** A temporary failure is none: Mailgun tries again. */
    private static Optional<Kind> kind(JsonNode event) {
        return switch (event.path("event").asText()) {
            case "complained" -> Optional.of(Kind.COMPLAINT);
            case "unsubscribed" -> Optional.of(Kind.UNSUBSCRIBE);
            case "failed" ->
                event.path("severity").asText().equals("permanent")
                        ? Optional.of(
                                switch (event.path("reason").asText()) {
                                    case "bounce", "suppress-bounce" -> Kind.HARD_BOUNCE;
                                    case "suppress-complaint" -> Kind.COMPLAINT;
                                    case "suppress-unsubscribe" -> Kind.UNSUBSCRIBE;
                                    default -> Kind.SOFT_BOUNCE;
                                })
                        : Optional.empty();
            default -> Optional.empty();
        };
    }
}
