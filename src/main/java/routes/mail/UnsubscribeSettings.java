package routes.mail;

import jakarta.validation.constraints.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.validation.annotation.Validated;

/**
 * Where people unsubscribe from campaigns without an {@code unsubscribe_url} of their own ({@code unsubscribe.*}).
 *
 * @param url where people reach this service's public port, such as {@code https://waitlist.example.com}; null leaves the link
 *     out of the mails. Needs {@code mail.secrets} (UNSUBSCRIBE_URL)
 */
@Validated
@ConfigurationProperties(prefix = "unsubscribe", ignoreUnknownFields = false)
public record UnsubscribeSettings(
        @Pattern(
                regexp = "https://[A-Za-z0-9.-]{1,253}(:\\d{1,5})?(/[A-Za-z0-9._~/-]{1,200})?",
                message =
                        "write the https URL at which people reach this service's public port, such as https://waitlist.example.com")
        @Nullable
        String url) {

    /** An empty environment variable counts as unset, and a slash at the end does not matter. */
    public UnsubscribeSettings {
        url = url == null || url.isBlank() ? null : url.strip().replaceFirst("/+$", "");
    }
}
