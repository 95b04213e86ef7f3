package routes.mail.report;

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

/** What the route {@code read-bounces} gives its endpoint by reference, so that its URI has no secrets. */
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

    @Bean
    MailboxTrouble bouncesTrouble() {
        return new MailboxTrouble();
    }
}
