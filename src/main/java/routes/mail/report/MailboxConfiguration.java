package routes.mail.report;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.mail.MessagingException;
import jakarta.mail.PasswordAuthentication;
import jakarta.mail.UIDFolder;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.component.mail.MailAuthenticator;
import org.apache.camel.component.mail.MailUidGenerator;
import org.eclipse.angus.mail.pop3.POP3Folder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import routes.mail.BounceSettings;
import routes.settings.OnRole;
import routes.settings.Role;

/** What the route {@code read-bounces} gives its endpoint by reference, so that its URI has no secrets. */
@OnRole(Role.EMAIL)
@Configuration(proxyBeanMethods = false)
class MailboxConfiguration {

    @Bean
    MailAuthenticator bouncesLogin(BounceSettings settings) {
        return new MailAuthenticator() {
            @Override
            public PasswordAuthentication getPasswordAuthentication() {
                return new PasswordAuthentication(settings.username(), settings.password());
            }
        };
    }

    /** The server's id of a mail: the default's is its Message-ID, which others choose, or a digest of a header of any size. */
    @Bean
    MailUidGenerator bouncesIds() {
        return (endpoint, mail) -> {
            try {
                if (mail.getFolder() instanceof UIDFolder imap) {
                    return imap.getUIDValidity() + "-" + imap.getUID(mail);
                }
                String id = ((POP3Folder) mail.getFolder()).getUID(mail);
                if (id == null) {
                    throw new MessagingException("the server has no UIDL, without which mails cannot be told apart");
                }
                return id;
            } catch (MessagingException e) {
                throw new RuntimeCamelException(e);
            }
        };
    }

    /** With a metric like those of the servers that the service cannot do without, if there is a mailbox. */
    @Bean
    MailboxTrouble bouncesTrouble(BounceSettings settings, MeterRegistry metrics) {
        MailboxTrouble trouble = new MailboxTrouble();
        if (settings.host() != null) {
            Gauge.builder(
                            "domain.events.dependency.up",
                            trouble,
                            mailbox -> mailbox.reason().isPresent() ? 0 : 1)
                    .tag("dependency", "bounce-mailbox")
                    .register(metrics);
        }
        return trouble;
    }
}
