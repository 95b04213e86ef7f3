package routes.mail.report.hook;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import routes.event.Sha256;
import routes.mail.Mails;
import routes.mail.ReportsSettings;
import routes.mail.report.MailReport;
import routes.mail.report.MailReport.Kind;

/**
 * Postmark's webhooks, which are not signed: the password in the URL is sent as HTTP Basic. The delivery is the metadata that
 * {@link ReportsSettings} puts into the mail.
 */
final class PostmarkReports implements ReportProvider {

    private static final String BASIC = "Basic ";

    private final List<byte[]> passwords;

    PostmarkReports(ReportsSettings settings) {
        this.passwords = settings.postmarkPasswords().stream().map(Sha256::of).toList();
    }

    @Override
    public String name() {
        return "postmark";
    }

    @Override
    public boolean isOn() {
        return !passwords.isEmpty();
    }

    @Override
    public List<MailReport> read(Posted posted) {
        byte[] given = Sha256.of(password(posted.header("Authorization")));
        if (passwords.stream().noneMatch(password -> MessageDigest.isEqual(password, given))) {
            throw Posted.forged();
        }
        JsonNode event = posted.json();
        boolean isBounce = event.hasNonNull("ID"); // a subscription has no id of its own
        return kind(event)
                .map(kind -> Posted.report(
                        name(),
                        isBounce
                                ? event.path("ID").asText()
                                : event.path("MessageID").asText() + "/"
                                        + event.path("ChangedAt").asText(),
                        kind,
                        Mails.delivery(event.at("/Metadata/delivery").asText()),
                        event.path(isBounce ? "Email" : "Recipient").asText(),
                        "",
                        event.path("Details").asText()))
                .orElse(List.of());
    }

    /** The password of {@code user:password}, whoever the user is (RFC 7617); empty if there is none. */
    private static String password(String authorization) {
        try {
            String login = authorization.startsWith(BASIC)
                    ? new String(Base64.getDecoder().decode(authorization.substring(BASIC.length())), UTF_8)
                    : "";
            return login.substring(login.indexOf(':') + 1);
        } catch (IllegalArgumentException e) {
            return ""; // not Base64
        }
    }

    /** Delays, auto-replies, challenges and blocked senders say nothing about the mailbox. */
    private static Optional<Kind> kind(JsonNode event) {
        boolean isByRecipient = event.path("SuppressSending").asBoolean()
                && event.path("Origin").asText().equals("Recipient")
                && event.path("SuppressionReason").asText().equals("ManualSuppression");
        return Optional.ofNullable(
                switch (event.path("RecordType").asText()) {
                    case "SubscriptionChange" -> isByRecipient ? Kind.UNSUBSCRIBE : null;
                    case "SpamComplaint" -> Kind.COMPLAINT;
                    case "Bounce" ->
                        switch (event.path("Type").asText()) {
                            case "HardBounce", "BadEmailAddress" -> Kind.HARD_BOUNCE;
                            case "SoftBounce", "DnsError" -> Kind.SOFT_BOUNCE;
                            case "SpamComplaint" -> Kind.COMPLAINT;
                            case "Unsubscribe" -> Kind.UNSUBSCRIBE;
                            default -> null;
                        };
                    default -> null;
                });
    }
}
