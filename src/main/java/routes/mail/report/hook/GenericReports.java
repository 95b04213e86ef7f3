package routes.mail.report.hook;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import routes.mail.Mails;
import routes.mail.ReportsSettings;
import routes.mail.report.MailReport;

/**
 * Any other sender: our own JSON, signed as Standard Webhooks 1.0 describes (v1). The header {@code webhook-id} is the report's
 * id, so that a repeat counts once.
 */
final class GenericReports implements ReportProvider {

    private final List<Hmac> keys;

    GenericReports(ReportsSettings settings) {
        this.keys = settings.genericSecrets().stream()
                .map(secret -> new Hmac(Base64.getDecoder().decode(secret.substring("whsec_".length()))))
                .toList();
    }

    @Override
    public String name() {
        return "generic";
    }

    @Override
    public boolean isOn() {
        return !keys.isEmpty();
    }

    @Override
    public List<MailReport> read(Posted posted) {
        String id = posted.header("webhook-id");
        String timestamp = posted.header("webhook-timestamp");
        byte[] head = "%s.%s.".formatted(id, timestamp).getBytes(UTF_8);
        List<String> given = Arrays.asList(posted.header("webhook-signature").split(" ", 11));
        if (keys.stream()
                .noneMatch(key -> key.isOneOf(
                        given, mac -> "v1," + Base64.getEncoder().encodeToString(mac), head, posted.body()))) {
            throw Posted.forged();
        }
        posted.requireRecent(timestamp);
        JsonNode report = posted.json();
        return Posted.report(
                name(),
                id,
                kind(report.path("kind").asText()),
                Mails.delivery(report.path("message_id").asText()),
                report.path("recipient").asText(),
                report.path("code").asText(),
                report.path("reason").asText());
    }

    private static MailReport.Kind kind(String text) {
        return Arrays.stream(MailReport.Kind.values())
                .filter(kind -> kind.name().toLowerCase(Locale.ROOT).equals(text))
                .findFirst()
                .orElseThrow(
                        () -> Posted.malformed("kind must be hard_bounce, soft_bounce, complaint or unsubscribe."));
    }
}
