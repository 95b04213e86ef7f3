package routes.event;

import jakarta.validation.constraints.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.validation.annotation.Validated;

/**
 * Publishing over HTTP ({@code publishing.*}).
 *
 * @param apiKey what callers of POST /events show as a bearer token; without it the entrance is closed (PUBLISH_API_KEY)
 */
@Validated
@ConfigurationProperties(prefix = "publishing", ignoreUnknownFields = false)
public record PublishingSettings(
        @Pattern(regexp = "|[!-~]{6,512}", message = "write 6 to 512 printable characters without spaces") @Nullable
        String apiKey) {

    /** Without the key: a record prints all it holds. */
    @Override
    public String toString() {
        return "PublishingSettings[apiKey=%s]".formatted(isOpen() ? "***" : "none");
    }

    boolean isOpen() {
        return apiKey != null && !apiKey.isBlank();
    }
}
