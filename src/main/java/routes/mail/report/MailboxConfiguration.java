package routes.mail.report;

import jakarta.mail.MessagingException;
import jakarta.mail.PasswordAuthentication;
import jakarta.mail.UIDFolder;
import java.util.Objects;
import org.apache.camel.Consumer;
import org.apache.camel.Endpoint;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.component.mail.MailAuthenticator;
import org.apache.camel.component.mail.MailUidGenerator;
import org.apache.camel.spi.PollingConsumerPollStrategy;
import org.eclipse.angus.mail.pop3.POP3Folder;
import org.jspecify.annotations.Nullable;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import routes.background.Trouble;
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
                return mail.getFolder() instanceof UIDFolder imap
                        ? imap.getUIDValidity() + "-" + imap.getUID(mail)
                        : Objects.requireNonNull(
                                ((POP3Folder) mail.getFolder()).getUID(mail), "the server has no UIDL");
            } catch (MessagingException e) {
                throw new RuntimeCamelException(e);
            }
        };
    }

    /** Tells a mailbox's absence once, and not at each try. */
    @Bean
    PollingConsumerPollStrategy bouncesTrouble() {
        Trouble trouble = new Trouble("the bounce mailbox");
        return new PollingConsumerPollStrategy() {
            @Override
            public boolean begin(Consumer consumer, Endpoint endpoint) {
                return true;
            }

            @Override
            public void commit(Consumer consumer, Endpoint endpoint, int mails) {
                trouble.worked();
            }

            @Override
            public boolean rollback(Consumer consumer, Endpoint endpoint, int tries, @Nullable Exception failure) {
                if (failure != null) {
                    trouble.failed(failure);
                }
                return false;
            }
        };
    }
}
