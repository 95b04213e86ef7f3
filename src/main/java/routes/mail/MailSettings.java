package routes.mail;

import jakarta.validation.constraints.Pattern;
import java.time.Duration;
import java.util.List;
import org.hibernate.validator.constraints.Range;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;
import routes.settings.RequiredOnRole;
import routes.settings.Role;

/**
 * How mail is written and sent ({@code mail.*}).
 *
 * @param host the SMTP server (SMTP_HOST)
 * @param port its port (SMTP_PORT)
 * @param username for SMTP AUTH; null sends without (SMTP_USERNAME)
 * @param password for SMTP AUTH (SMTP_PASSWORD)
 * @param starttls whether TLS is required: then nothing is sent to a server that does not offer it (SMTP_STARTTLS)
 * @param implicitTls whether TLS begins with the first byte, as on port 465 (RFC 8314); STARTTLS is not used then (SMTP_IMPLICIT_TLS)
 * @param ehloName what this service calls itself to the server; null for the domain of {@code from} (SMTP_EHLO_NAME)
 * @param timeout of connecting, of each reply and of each write
 * @param connections the maximum number of open connections to the server; null for one per worker
 * @param idleTimeout after how long without a mail a connection is closed
 * @param mailsPerConnection after how many mails a connection is closed
 * @param rate the maximum number of mails per second from this instance; null for no limit
 * @param refusedPause how long to wait for a server that refuses this service
 * @param from the sender if a campaign has none, such as {@code Early Birds <hello@example.com>} (MAIL_FROM)
 * @param secrets keys for the hashes of suppressed addresses and for what this service signs in mails, newest first; at least 32
 *     characters each (MAIL_SECRETS)
 * @param referralLink the link that people share, with the placeholders {@code {campaign_slug}} and {@code {referral_code}};
 *     null leaves the link out of the mails (MAIL_REFERRAL_LINK)
 * @param templates a directory of templates that override those in the jar, such as {@code /etc/routes/mail/} (MAIL_TEMPLATES)
 * @param suppressFor how long nothing is sent to an address after the server said that the mailbox does not exist; 0 to keep sending
 * @param positionWindow how long a person's position update waits for more referrals; 0 for a mail each (MAIL_POSITION_WINDOW)
 */
@Validated
@ConfigurationProperties(prefix = "mail", ignoreUnknownFields = false)
public record MailSettings(
        @RequiredOnRole(
                value = {Role.EMAIL, Role.REWARD},
                message = "write the name of the SMTP server, such as smtp.example.com")
        String host,

        @Range(min = 1, max = 65535) @DefaultValue("587") int port,

        @Nullable String username,
        @Nullable String password,
        @DefaultValue("true") boolean starttls,
        @DefaultValue("false") boolean implicitTls,

        @Pattern(
                regexp = "[A-Za-z0-9-]{1,63}(\\.[A-Za-z0-9-]{1,63}){1,8}|\\[[0-9A-Za-z.:]{3,64}]",
                message = "write a qualified host name, such as mail.example.com, or an address in brackets")
        @Nullable
        String ehloName,

        @DurationMin(seconds = 1) @DurationMax(minutes = 5) @DefaultValue("30s")
        Duration timeout,

        @Range(min = 1, max = 500) @Nullable Integer connections,

        @DurationMin(seconds = 1) @DurationMax(minutes = 10) @DefaultValue("30s")
        Duration idleTimeout,

        @Range(min = 1, max = 100_000) @DefaultValue("100") int mailsPerConnection,

        @Range(min = 1, max = 100_000) @Nullable Integer rate,

        @DurationMin(millis = 100, message = "write a duration from 100ms to 10m")
        @DurationMax(minutes = 10, message = "write a duration from 100ms to 10m")
        @DefaultValue("10s")
        Duration refusedPause,

        @RequiredOnRole(
                value = {Role.EMAIL, Role.REWARD},
                message = "write the sender of the mails, such as Early Birds <hello@example.com>")
        @MailAddress
        String from,

        @DefaultValue
        List<
                        @Pattern(
                                regexp = "\\S{32,}",
                                message =
                                        "write secrets of at least 32 characters, such as the output of openssl rand -hex 32")
                        String>
                secrets,

        @Nullable String referralLink,
        @DefaultValue("classpath:mail/") String templates,

        @DurationMin @DurationMax(days = 3650) @DefaultValue("30d")
        Duration suppressFor,

        @DurationMin @DurationMax(days = 7) @DefaultValue("0s")
        Duration positionWindow) {

    /** An empty environment variable counts as unset. */
    public MailSettings {
        username = blankToNull(username);
        // Without a username it is useless: Jakarta Mail would log in with it as the operating system's user.
        password = username == null ? null : blankToNull(password);
        ehloName = blankToNull(ehloName);
        referralLink = blankToNull(referralLink);
        secrets = secrets.stream()
                .map(String::strip)
                .filter(secret -> !secret.isEmpty())
                .toList();
    }

    private static @Nullable String blankToNull(@Nullable String text) {
        return text == null || text.isBlank() ? null : text;
    }

    @Override
    public String toString() {
        return "MailSettings[host=%s, port=%d, starttls=%s, implicitTls=%s, from=%s]"
                .formatted(host, port, starttls, implicitTls, from);
    }
}
