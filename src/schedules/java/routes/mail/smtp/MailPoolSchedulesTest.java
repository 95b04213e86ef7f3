package routes.mail.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static schedules.Schedules.together;

import jakarta.mail.Message.RecipientType;
import jakarta.mail.MessagingException;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import routes.delivery.Dependencies;
import routes.delivery.ScenarioLedger;
import routes.mail.MailSettings;
import schedules.Schedules;

/** Workers share connections: none is used by two at once or lost, and each mail is accepted once. */
class MailPoolSchedulesTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final MailSettings SETTINGS = new Binder(new MapConfigurationPropertySource(Map.of(
                    "mail.host", "localhost",
                    "mail.port", "25",
                    "mail.starttls", "false",
                    "mail.timeout", TIMEOUT.toSeconds() + "s",
                    "mail.accept-timeout", TIMEOUT.toSeconds() + "s",
                    "mail.connections", "2",
                    "mail.idle-timeout", "0s", // nobody looks for idle ones: that thread would be the process's
                    "mail.username", "service", // else the library asks a Hashtable, whose lock Fray does not know
                    "mail.password", "secret",
                    "mail.from", "hello@demo.example")))
            .bindOrCreate("mail", MailSettings.class);

    @Test
    void eachMailIsAcceptedOnceThroughConnectionsThatNobodyShares() {
        Schedules.run(() -> send(new MemorySmtp(2, 100)));
    }

    /** It hangs up after each mail, when the next one begins: that one goes through another connection, and nothing else happens to it. */
    @Test
    void alsoWhenTheServerKeepsHangingUp() {
        Schedules.run(() -> send(new MemorySmtp(2, 1)));
    }

    private static void send(MemorySmtp memory) throws Exception {
        Dependencies dependencies = ScenarioLedger.dependencies();
        SmtpServer server = new SmtpServer(
                SmtpServer.ANY, SETTINGS.first(), SETTINGS, ScenarioLedger.settings(), dependencies, null);
        server.session().getProperties().put(Sockets.PROPERTY, memory);
        server.session().getProperties().put("mail.smtp.writetimeout", "0"); // would be a thread for each connection
        List<MimeMessage> mails =
                Stream.of("1", "2", "3", "4").map(id -> mail(server, id)).toList();
        long began = System.nanoTime();

        try {
            together(
                    () -> {
                        server.send(mails.get(0));
                        server.send(mails.get(1));
                    },
                    () -> server.send(mails.get(2)),
                    () -> server.send(mails.get(3)));
            assertThat(System.nanoTime() - began).as("nobody waited in vain").isLessThan(TIMEOUT.toNanos());
            assertThat(server.dependency().isAway()).isFalse();
        } finally {
            server.close();
            dependencies.destroy();
        }

        assertThat(memory.accepted)
                .containsExactlyInAnyOrder(
                        "Message-ID: <1@demo.example>",
                        "Message-ID: <2@demo.example>",
                        "Message-ID: <3@demo.example>",
                        "Message-ID: <4@demo.example>");
        assertThat(memory.wrongs).isEmpty();
        assertThat(memory.open()).as("connections left open").isZero();
    }

    private static MimeMessage mail(SmtpServer server, String id) {
        try {
            MimeMessage mail = new MimeMessage(server.session()) {
                @Override
                protected void updateMessageID() throws MessagingException {
                    setHeader("Message-ID", "<" + id + "@demo.example>");
                }
            };
            mail.setFrom(new InternetAddress("hello@demo.example"));
            mail.setRecipient(RecipientType.TO, new InternetAddress("ada@demo.example"));
            mail.setText("Hello");
            mail.saveChanges();
            return mail;
        } catch (MessagingException e) {
            throw new IllegalStateException(e);
        }
    }
}
