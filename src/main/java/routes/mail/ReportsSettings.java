package routes.mail;

import jakarta.validation.constraints.Pattern;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.hibernate.validator.constraints.Range;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Who may report bounces and complaints to {@code POST /reports/{provider}}, each with what proves that it is the one
 * ({@code reports.*}). A provider without is off. There can be several values during a rotation.
 *
 * @param sesTopics the ARNs of the Amazon SNS topics to which Amazon SES publishes (REPORTS_SES_TOPICS)
 * @param postmarkPasswords the passwords in the URL that Postmark posts to (REPORTS_POSTMARK_PASSWORDS)
 * @param sendgridKeys the verification keys of SendGrid's signed event webhook (REPORTS_SENDGRID_KEYS)
 * @param mailgunKeys Mailgun's HTTP webhook signing keys (REPORTS_MAILGUN_KEYS)
 * @param genericSecrets secrets of Standard Webhooks, for any other sender (REPORTS_GENERIC_SECRETS)
 * @param rate requests per second to this instance, from all providers together
 */
@Validated
@ConfigurationProperties(prefix = "reports", ignoreUnknownFields = false)
public record ReportsSettings(
        @DefaultValue List<@Pattern(regexp = TOPIC, message = "write the ARN of an SNS topic") String> sesTopics,

        @DefaultValue List<@Pattern(regexp = "[!-~]{32,256}", message = LONG) String> postmarkPasswords,

        @DefaultValue List<@Pattern(regexp = P256, message = "write the verification key") String> sendgridKeys,

        @DefaultValue List<@Pattern(regexp = "[!-~]{16,256}", message = "write the key") String> mailgunKeys,

        @DefaultValue List<@Pattern(regexp = WHSEC, message = LONG) String> genericSecrets,

        @DefaultValue("100") @Range(min = 1, max = 10_000) int rate) {

    private static final String TOPIC = "arn:aws(-cn|-us-gov)?:sns:[a-z]{2}(-[a-z]+)+-\\d:\\d{12}:[\\w-]{1,256}";
    private static final String LONG = "write at least 32 characters, such as the output of openssl rand -hex 32";

    /** A public key of the curve P-256 (RFC 5480), uncompressed. */
    private static final String P256 = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE[A-Za-z0-9+/]{86}==";

    private static final String WHSEC = "whsec_([A-Za-z0-9+/]{4}){8,22}([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?";

    /**
     * Headers for a mail, by which a provider names its delivery in a report: Postmark never tells our Message-ID, and SendGrid
     * not in every event. Both take the header out of the mail.
     */
    Map<String, String> headers(UUID delivery) {
        Map<String, String> headers = new LinkedHashMap<>();
        if (!postmarkPasswords.isEmpty()) {
            headers.put("X-PM-Metadata-delivery", delivery.toString());
        }
        if (!sendgridKeys.isEmpty()) {
            headers.put("X-SMTPAPI", "{\"unique_args\":{\"delivery\":\"%s\"}}".formatted(delivery));
        }
        return headers;
    }

    /** What proves that a provider is the one; empty if the provider is off, or there is no such provider. */
    public List<String> of(String provider) {
        return switch (provider) {
            case "ses" -> sesTopics;
            case "postmark" -> postmarkPasswords;
            case "sendgrid" -> sendgridKeys;
            case "mailgun" -> mailgunKeys;
            case "generic" -> genericSecrets;
            default -> List.of();
        };
    }

    /** Without the secrets: a record prints all it holds. */
    @Override
    public String toString() {
        return "ReportsSettings[sesTopics=%s, rate=%d]".formatted(sesTopics, rate);
    }
}
