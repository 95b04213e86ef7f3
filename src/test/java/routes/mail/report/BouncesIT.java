package routes.mail.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import jakarta.mail.Flags;
import jakarta.mail.Folder;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.Store;
import jakarta.mail.internet.MimeMessage;
import java.util.Properties;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.test.context.DynamicPropertyRegistrar;
import routes.OnPlatform;
import routes.Pipeline;
import routes.dev.Platform;
import routes.event.DomainEvent;
import routes.event.EventPublisher;
import routes.event.Events;

/** From the event to the bounce that comes back by mail, and what is made of it. */
@OnPlatform
@Import(BouncesIT.Mailbox.class)
class BouncesIT {

    @Autowired
    private Pipeline pipeline;

    @Autowired
    private EventPublisher publisher;

    @Autowired
    private MeterRegistry metrics;

    @Autowired
    private Platform platform;

    @TestConfiguration(proxyBeanMethods = false)
    static class Mailbox {
        @Bean
        DynamicPropertyRegistrar mailbox(Platform platform) {
            return registry -> platform.mailbox().forEach((name, value) -> registry.add(name, () -> value));
        }
    }

    @Test
    void aBounceIsReadOnceEvenIfItComesTwice() throws Exception {
        double before = count("hard_bounce");

        publish("bounce." + Events.email());

        await().untilAsserted(() -> assertThat(count("hard_bounce")).isEqualTo(before + 1));
        await().untilAsserted(() -> assertThat(unread()).isZero());
        assertThat(newestRecipient()).matches("bounces\\+[0-9a-f-]{36}-[0-9a-f]{12}@demo\\.example");
        bringAgain();
        await().untilAsserted(() -> assertThat(unread()).isZero());
        assertThat(count("hard_bounce")).isEqualTo(before + 1);
    }

    @Test
    void aComplaintIsRead() throws Exception {
        double before = count("complaint");

        publish("complain." + Events.email());

        await().untilAsserted(() -> assertThat(count("complaint")).isEqualTo(before + 1));
    }

    private void publish(String address) throws Exception {
        DomainEvent event = Events.signedUp(address);
        publisher.publish(event);
        pipeline.awaitDrained();
    }

    /** The newest mail once more, as a server does that had a fault after it delivered it. */
    private void bringAgain() throws Exception {
        inFolder(folder -> {
            Message newest = folder.getMessage(folder.getMessageCount());
            MimeMessage again = new MimeMessage((MimeMessage) newest);
            again.setFlag(Flags.Flag.SEEN, false);
            folder.appendMessages(new Message[] {again});
            return folder.getMessageCount();
        });
    }

    /** The envelope sender of the mail that bounced. */
    private String newestRecipient() throws Exception {
        return inFolder(folder -> folder.getMessage(folder.getMessageCount())
                .getAllRecipients()[0]
                .toString());
    }

    private long unread() throws Exception {
        return inFolder(folder ->
                Stream.of(folder.getMessages()).filter(mail -> !isRead(mail)).count());
    }

    private static boolean isRead(Message mail) {
        try {
            return mail.isSet(Flags.Flag.SEEN);
        } catch (MessagingException e) {
            throw new IllegalStateException(e);
        }
    }

    private interface Work<T> {
        T in(Folder folder) throws Exception;
    }

    private <T> T inFolder(Work<T> work) throws Exception {
        var settings = platform.mailbox();
        try (Store store = Session.getInstance(new Properties()).getStore("imap")) {
            store.connect(
                    settings.get("BOUNCES_HOST"),
                    Integer.parseInt(settings.get("BOUNCES_PORT")),
                    settings.get("BOUNCES_USERNAME"),
                    settings.get("BOUNCES_PASSWORD"));
            try (Folder folder = store.getFolder("INBOX")) {
                folder.open(Folder.READ_WRITE);
                return work.in(folder);
            }
        }
    }

    private double count(String kind) {
        return metrics.counter("domain.events.mail.reports", "source", "mailbox", "kind", kind)
                .count();
    }
}
