package routes.mail.report.hook;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import routes.mail.Mails;
import routes.mail.ReportsSettings;
import routes.mail.report.MailReport;
import routes.mail.report.MailReport.Kind;
import routes.settings.InvalidSettingException;

/**
 * SendGrid's signed event webhook: an array of events, signed with ECDSA over timestamp and body. The delivery is the unique
 * argument that {@link ReportsSettings} puts into the mail, else the Message-ID.
 */
final class SendGridReports implements ReportProvider {

    private final List<PublicKey> keys;

    SendGridReports(ReportsSettings settings) {
        this.keys = settings.sendgridKeys().stream().map(SendGridReports::key).toList();
    }

    private static PublicKey key(String text) {
        try {
            return KeyFactory.getInstance("EC")
                    .generatePublic(new X509EncodedKeySpec(Base64.getDecoder().decode(text)));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new InvalidSettingException(
                    "reports.sendgrid-keys", "is not a public key: write the verification key as SendGrid shows it");
        }
    }

    @Override
    public String name() {
        return "sendgrid";
    }

    @Override
    public boolean isOn() {
        return !keys.isEmpty();
    }

    @Override
    public List<MailReport> read(Posted posted) {
        String timestamp = posted.header("X-Twilio-Email-Event-Webhook-Timestamp");
        String signature = posted.header("X-Twilio-Email-Event-Webhook-Signature");
        if (keys.stream().noneMatch(key -> signed(key, signature, timestamp, posted.body()))) {
            throw Posted.forged();
        }
        posted.requireRecent(timestamp);
        List<MailReport> reports = new ArrayList<>();
        for (JsonNode event : posted.json()) {
            kind(event)
                    .ifPresent(kind -> reports.addAll(Posted.report(
                            name(),
                            event.path("sg_event_id").asText(),
                            kind,
                            Mails.delivery(event.path("delivery").asText())
                                    .or(() ->
                                            Mails.delivery(event.path("smtp-id").asText())),
                            event.path("email").asText(),
                            event.path("status").asText(),
                            event.path("reason").asText())));
        }
        return reports;
    }

    private static boolean signed(PublicKey key, String signature, String timestamp, byte[] body) {
        try {
            Signature ecdsa = Signature.getInstance("SHA256withECDSA");
            ecdsa.initVerify(key);
            ecdsa.update(timestamp.getBytes(UTF_8));
            ecdsa.update(body);
            return ecdsa.verify(Base64.getDecoder().decode(signature));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return false; // not a signature at all
        }
    }

    /** Deferred is none: SendGrid tries again. Blocked is about the mail or its sender. */
    private static Optional<Kind> kind(JsonNode event) {
        return Optional.ofNullable(
                switch (event.path("event").asText()) {
                    case "bounce" ->
                        event.path("type").asText().equals("blocked") ? Kind.SOFT_BOUNCE : Kind.HARD_BOUNCE;
                    case "spamreport" -> Kind.COMPLAINT;
                    case "unsubscribe", "group_unsubscribe" -> Kind.UNSUBSCRIBE;
                    default -> null;
                });
    }
}
