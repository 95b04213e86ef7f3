package routes.mail;

import jakarta.mail.internet.AddressException;
import jakarta.mail.internet.InternetAddress;
import jakarta.validation.Valid;
import jakarta.validation.constraints.AssertTrue;
import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.DecimalMin;
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
 * @param acceptTimeout how long the server may take to accept a mail once it has it whole; ten minutes by RFC 5321, section 4.5.3.2.6.
 *     A server that meanwhile answers nobody is waited for no longer than {@code timeout} after that was noticed
 * @param connections the maximum number of open connections to the server; null for one per worker
 * @param idleTimeout after how long without a mail a connection is closed
 * @param mailsPerConnection after how many mails a connection is closed
 * @param rate the maximum number of mails per second from this instance; null for no limit
 * @param refusedPause how long to wait for a server that refuses this service
 * @param from the sender if a campaign has none, such as {@code Early Birds <hello@example.com>} (MAIL_FROM)
 * @param secrets keys for the hashes of suppressed addresses and for what this service signs in mails, newest first; at least 32
 *     characters each. The same wherever mails are sent, people unsubscribe, or reports come in (MAIL_SECRETS)
 * @param unsubscribeUrl where people reach this service's public port, such as {@code https://waitlist.example.com}, for links to
 *     unsubscribe in mails of campaigns without an {@code unsubscribe_url}; null for none (UNSUBSCRIBE_URL)
 * @param referralLink the link that people share, with the placeholders {@code {campaign_slug}} and {@code {referral_code}};
 *     null leaves the link out of the mails (MAIL_REFERRAL_LINK)
 * @param templates a directory of templates that override those in the jar, such as {@code /etc/routes/mail/} (MAIL_TEMPLATES)
 * @param locale the language of mails to people without one, and of templates without one in {@code templates}, such as {@code en}
 *     or {@code de-AT} (MAIL_LOCALE)
 * @param suppressFor how long nothing is sent to an address after the server said that the mailbox does not exist; 0 to keep sending
 * @param softBounces how many mails to an address may bounce softly within {@code softBounceWindow} before nothing is sent to it for
 *     {@code suppressFor}; 0 for any number
 * @param softBounceWindow within how long they count
 * @param complaintsSuppress whose mails are not sent any more to somebody who calls one spam: all, or those of its campaign
 * @param complaintRate the complaints per delivered mail of an announcement above which it is paused
 * @param complaintRateAfter how many delivered mails an announcement has before that
 * @param positionWindow how long a person's position update waits for more referrals; 0 for a mail each (MAIL_POSITION_WINDOW)
 * @param fallback the second server, for when the first is down
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

        @DurationMin(seconds = 1) @DurationMax(hours = 1) @DefaultValue("10m")
        Duration acceptTimeout,

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

        @RequiredOnRole(
                value = {Role.EMAIL, Role.REWARD},
                message = "write a secret of at least 32 characters, such as the output of openssl rand -hex 32")
        @RequiredOnRole(
                value = Role.PUBLISH,
                onlyWith = {
                    "mail.unsubscribe-url",
                    "reports.ses-topics",
                    "reports.postmark-passwords",
                    "reports.sendgrid-keys",
                    "reports.mailgun-keys",
                    "reports.generic-secrets"
                },
                message =
                        "write the secret of the instances that send mail: links to unsubscribe (UNSUBSCRIBE_URL) and reports by webhook (REPORTS_*) need it")
        @DefaultValue
        List<
                        @Pattern(
                                regexp = "\\S{32,}",
                                message =
                                        "write secrets of at least 32 characters, such as the output of openssl rand -hex 32")
                        String>
                secrets,

        @Pattern(
                regexp = "https://[A-Za-z0-9.-]+(:\\d{1,5})?(/[A-Za-z0-9._~-]+)*",
                message = "write an https URL such as https://waitlist.example.com")
        @Nullable
        String unsubscribeUrl,

        @Nullable String referralLink,
        @DefaultValue("classpath:mail/") String templates,

        @Pattern(regexp = "[a-z]{2,3}(-[A-Za-z0-9]{1,8}){0,8}", message = "write a language tag, such as en or de-AT")
        @DefaultValue("en")
        String locale,

        @DurationMin @DurationMax(days = 3650) @DefaultValue("30d")
        Duration suppressFor,

        @Range(max = 1_000) @DefaultValue("5") int softBounces,

        @DurationMin(minutes = 1) @DurationMax(days = 90) @DefaultValue("14d")
        Duration softBounceWindow,

        @Pattern(regexp = "all|campaign", message = "write all or campaign") @DefaultValue("all")
        String complaintsSuppress,

        @DecimalMin("0.0001") @DecimalMax("1") @DefaultValue("0.001")
        double complaintRate,

        @Range(min = 1, max = 1_000_000_000) @DefaultValue("1000")
        int complaintRateAfter,

        @DurationMin @DurationMax(days = 7) @DefaultValue("0s")
        Duration positionWindow,

        @Valid @DefaultValue Server fallback) {

    /**
     * One of the two SMTP servers. The second has the same timeouts, limits, EHLO name and sender as the first.
     *
     * @param host the server; null if there is no second one (SMTP_FALLBACK_HOST)
     * @param port its port (SMTP_FALLBACK_PORT)
     * @param username for SMTP AUTH; null sends without (SMTP_FALLBACK_USERNAME)
     * @param password for SMTP AUTH (SMTP_FALLBACK_PASSWORD)
     * @param starttls whether TLS is required (SMTP_FALLBACK_STARTTLS)
     * @param implicitTls whether TLS begins with the first byte (SMTP_FALLBACK_IMPLICIT_TLS)
     * @param unknownAfter how long a mail that the other server may have accepted, but whose answer was lost, waits for that server
     *     before it is sent through this one
     */
    public record Server(
            @Nullable String host,

            @Range(min = 1, max = 65535) @DefaultValue("587")
            int port,

            @Nullable String username,
            @Nullable String password,
            @DefaultValue("true") boolean starttls,
            @DefaultValue("false") boolean implicitTls,

            @DurationMin @DurationMax(days = 7) @DefaultValue("15m")
            Duration unknownAfter) {

        /** An empty environment variable counts as unset. */
        public Server {
            host = blankToNull(host);
            username = blankToNull(username);
            // Without a username it is useless: Jakarta Mail would log in with it as the operating system's user.
            password = username == null ? null : blankToNull(password);
        }

        /** Host and port, as reasons name the server. */
        @Override
        public String toString() {
            return host + ":" + port;
        }
    }

    /** An empty environment variable counts as unset. */
    public MailSettings {
        username = blankToNull(username);
        // Without a username it is useless: Jakarta Mail would log in with it as the operating system's user.
        password = username == null ? null : blankToNull(password);
        ehloName = blankToNull(ehloName);
        unsubscribeUrl = blankToNull(unsubscribeUrl);
        referralLink = blankToNull(referralLink);
        secrets = secrets.stream()
                .map(String::strip)
                .filter(secret -> !secret.isEmpty())
                .toList();
    }

    /** The server that mails go through while it is up. */
    public Server first() {
        return new Server(host, port, username, password, starttls, implicitTls, fallback.unknownAfter());
    }

    /** The server that mails go through while the first is down; null if there is none. */
    public @Nullable Server second() {
        return fallback.host() == null ? null : fallback;
    }

    /** A port or a login without a host would silently mean no second server. */
    @AssertTrue(
            message = "write the name of the second SMTP server in SMTP_FALLBACK_HOST, or remove its port and login")
    public boolean isFallbackNamed() {
        return fallback.host() != null || (fallback.port() == 587 && fallback.username() == null);
    }

    /** The same server again would be down at the same time. */
    @AssertTrue(message = "the second SMTP server is the first: write another SMTP_FALLBACK_HOST or SMTP_FALLBACK_PORT")
    public boolean isFallbackAnother() {
        return second() == null || !fallback.toString().equalsIgnoreCase(first().toString());
    }

    /** The sender that {@code from} says. */
    public InternetAddress sender() {
        try {
            return Addresses.parse(from);
        } catch (AddressException e) {
            throw new IllegalArgumentException(e); // the settings were validated
        }
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
