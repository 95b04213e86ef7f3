package routes.mail;

import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Pattern;
import java.time.Duration;
import org.hibernate.validator.constraints.Range;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Where bounces and complaints come back to ({@code bounces.*}).
 *
 * @param host the server of the mailbox with the reports; null if none is read (BOUNCES_HOST)
 * @param port its port (BOUNCES_PORT)
 * @param protocol {@code imaps}, {@code imap}, {@code pop3s} or {@code pop3} (BOUNCES_PROTOCOL)
 * @param starttls whether {@code imap} and {@code pop3} require TLS before the login (BOUNCES_STARTTLS)
 * @param username of the mailbox (BOUNCES_USERNAME)
 * @param password of the mailbox (BOUNCES_PASSWORD)
 * @param folder the folder that is read; with POP3 the only one, {@code INBOX} (BOUNCES_FOLDER)
 * @param interval how often it is read
 * @param delete whether a mail that was understood is deleted; otherwise it is marked as read. One that was not is always kept
 * @param verpAddress where bounces come to: mails get an envelope sender each, such as {@code bounces+...@bounce.example.com}; null
 *     for that of the From header (BOUNCES_VERP_ADDRESS)
 */
@Validated
@ConfigurationProperties(prefix = "bounces", ignoreUnknownFields = false)
public record BounceSettings(
        @Nullable String host,
        @Range(min = 1, max = 65535) @DefaultValue("993") int port,

        @Pattern(regexp = "(imap|pop3)s?", message = "write imaps, imap, pop3s or pop3") @DefaultValue("imaps")
        String protocol,

        @DefaultValue("true") boolean starttls,
        @DefaultValue("") String username,
        @DefaultValue("") String password,
        @NotBlank @DefaultValue("INBOX") String folder,

        @DurationMin(seconds = 1) @DurationMax(minutes = 10) @DefaultValue("20s")
        Duration interval,

        @DefaultValue("false") boolean delete,

        @Pattern(
                regexp = "[A-Za-z0-9._-]{1,14}@[A-Za-z0-9.-]{1,180}",
                message = "write an address with at most 14 characters before the @ and without a +, such as"
                        + " bounces@bounce.example.com")
        @Nullable
        String verpAddress) {

    /** An empty environment variable counts as unset. */
    public BounceSettings {
        host = blankToNull(host);
        verpAddress = blankToNull(verpAddress);
    }

    private static @Nullable String blankToNull(@Nullable String text) {
        return text == null || text.isBlank() ? null : text;
    }

    @Override
    public String toString() {
        return "BounceSettings[host=%s, port=%d, protocol=%s, folder=%s]".formatted(host, port, protocol, folder);
    }
}
