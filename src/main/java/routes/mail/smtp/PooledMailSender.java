package routes.mail.smtp;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import jakarta.mail.Address;
import jakarta.mail.Flags;
import jakarta.mail.MessagingException;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.util.StreamProvider;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.camel.component.mail.DefaultJavaMailSender;
import org.eclipse.angus.mail.util.MailStreamProvider;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.stereotype.Component;
import routes.delivery.DeliveryException;
import routes.delivery.DeliverySettings;
import routes.delivery.Dependencies;
import routes.mail.Addresses;
import routes.mail.MailSettings;
import routes.mail.MailSettings.Server;
import routes.settings.OnRole;
import routes.settings.Role;

/**
 * Camel's mail sender with a pool of open SMTP connections; the default opens one per mail. With two {@linkplain SmtpServer servers}, mails
 * go through the second while the first has been down for five seconds. Failures are {@link DeliveryException}s.
 */
@OnRole({Role.EMAIL, Role.REWARD})
@Component("mailSender")
public class PooledMailSender extends DefaultJavaMailSender implements MeterBinder, DisposableBean {

    /** How long the first server must have been down before the second is used. */
    private static final Duration TAKE_OVER_AFTER = Duration.ofSeconds(5);

    static {
        // Jakarta Mail looks this class up for each part of each mail. With its name set it does not search every jar,
        // which
        // took a third of the time of a mail (jakarta.mail.util.FactoryFinder).
        String lookedUp = StreamProvider.class.getName();
        System.setProperty(lookedUp, System.getProperty(lookedUp, MailStreamProvider.class.getName()));
    }

    private final List<SmtpServer> servers;
    private final Duration pause;

    PooledMailSender(
            MailSettings settings, DeliverySettings deliveries, Dependencies dependencies, Suppressions suppressions) {
        Server fallback = settings.second();
        SmtpServer first = new SmtpServer(
                fallback == null ? SmtpServer.ANY : SmtpServer.FIRST,
                settings.first(),
                settings,
                deliveries,
                dependencies,
                suppressions);
        this.servers = fallback == null
                ? List.of(first)
                : List.of(
                        first,
                        new SmtpServer(SmtpServer.SECOND, fallback, settings, deliveries, dependencies, suppressions));
        this.pause = settings.refusedPause();
        setSession(first.session());
        if (fallback != null) {
            dependencies.watch(SmtpServer.ANY, 1, () -> {
                if (inUse().isEmpty()) {
                    throw new MessagingException("no server is up");
                }
            });
        }
    }

    @Override
    public void bindTo(MeterRegistry metrics) {
        servers.forEach(server -> server.bindTo(metrics));
    }

    /** {@code /observe/health/smtp}: whether mails can be sent, and through which server. Neither readiness nor liveness includes it. */
    @Bean
    HealthIndicator smtpHealthIndicator() {
        return () -> inUse().map(server -> Health.up().withDetail("server", server.name()))
                .orElseGet(Health::down)
                .build();
    }

    /**
     * Sends a mail unchanged: it keeps its Message-ID.
     *
     * @throws DeliveryException when the server is unreachable, refuses it, or is known to be down
     */
    @Override
    public void send(MimeMessage mail) throws MessagingException {
        requireAscii(mail.getFrom());
        requireAscii(mail.getAllRecipients());
        serverFor(mail).send(mail);
    }

    /** The server that mails go through now; empty while they wait. */
    private Optional<SmtpServer> inUse() {
        for (SmtpServer server : servers) {
            if (!server.dependency().isAway()) {
                return Optional.of(server);
            }
            if (!server.dependency().isAwayFor(TAKE_OVER_AFTER)) {
                break;
            }
        }
        return Optional.empty();
    }

    /** The server in use; but a mail that one of them may have already goes through that one, or waits for it. */
    private SmtpServer serverFor(MimeMessage mail) throws MessagingException {
        Flags flags = mail.getFlags();
        Optional<SmtpServer> mayHave =
                servers.stream().filter(its -> flags.contains(its.name())).findFirst();
        if (mayHave.isPresent() && mayHave.get().dependency().isAway()) {
            throw new DeliveryException.Later(
                    "not tried: %s may have the mail, and is down"
                            .formatted(mayHave.get().name()),
                    pause);
        }
        return mayHave.or(this::inUse).orElseGet(() -> {
            servers.get(0).dependency().requireBack();
            return servers.get(0);
        });
    }

    /**
     * SMTP without SMTPUTF8 (RFC 6531) is ASCII only, and the library truncates other characters to a byte: the mail would go
     * to somebody else.
     */
    private static void requireAscii(Address @Nullable [] addresses) {
        if (addresses != null && !Addresses.isAscii(InternetAddress.toString(addresses))) {
            throw new DeliveryException.Permanent(
                    "a mail address has non-ASCII characters; write a domain in its xn-- form");
        }
    }

    @Override
    public void destroy() {
        servers.forEach(SmtpServer::close);
    }
}
