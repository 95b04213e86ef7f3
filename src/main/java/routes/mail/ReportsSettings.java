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
 * @param rate requests per second from each provider to this instance
 */
@Validated
@ConfigurationProperties(prefix = "reports", ignoreUnknownFields = false)
public record ReportsSettings(
        @DefaultValue
        List<
                        @Pattern(
                                regexp =
                                        "arn:aws(-cn|-us-gov)?:sns:[a-z]{2}(-[a-z]{2,12}){1,3}-\\d:\\d{12}:[\\w-]{1,256}",
                                message =
                                        "write the ARN of an Amazon SNS topic, such as arn:aws:sns:eu-west-1:123456789012:ses-reports")
                        String>
                sesTopics,

        @DefaultValue
        List<
                        @Pattern(
                                regexp = "[A-Za-z0-9._~-]{32,256}",
                                message =
                                        "write at least 32 letters and digits, such as the output of openssl rand -hex 32")
                        String>
                postmarkPasswords,

        @DefaultValue
        List<
                        @Pattern(
                                regexp = "[A-Za-z0-9+/]{40,400}={0,2}",
                                message = "write the verification key as SendGrid shows it: Base64, on one line")
                        String>
                sendgridKeys,

        @DefaultValue
        List<
                        @Pattern(
                                regexp = "[!-~]{16,256}",
                                message = "write the HTTP webhook signing key, which Mailgun shows under API security")
                        String>
                mailgunKeys,

        @DefaultValue
        List<
                        @Pattern(
                                regexp = "whsec_(?:[A-Za-z0-9+/]{4}){8,22}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?",
                                message =
                                        "write whsec_ and 24 to 64 bytes in Base64, such as the output of openssl rand -base64 32")
                        String>
                genericSecrets,

        @DefaultValue("100") @Range(min = 1, max = 10_000) int rate) {

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

    /** Without the secrets: a record prints all it holds. */
    @Override
    public String toString() {
        return "ReportsSettings[sesTopics=%s, rate=%d]".formatted(sesTopics, rate);
    }
}
